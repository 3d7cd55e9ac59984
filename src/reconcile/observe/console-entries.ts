// Which pods are followed on their admin console, and what their policy says of it.

import { mainPool, namespaceOf } from "../../api/keys.ts";
import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import type { PolicyKey } from "../../domain/facts/facts.ts";
import type { ObservedPod } from "../../observed.ts";
import { byNamespace, type Caches, workloadNamed } from "../caches.ts";
import type { PolicyBook } from "../resolve/policy-book.ts";
import { claimsOn, type Selection } from "./claims.ts";
import { specsOfNow } from "./spec-of-now.ts";

interface Known {
  readonly caches: Caches;
  readonly book: PolicyBook;
}

export interface ConsoleEntry {
  readonly policy: PolicyKey;
  readonly mode: PoolPolicySpec["mode"];
  readonly console: NonNullable<WorkloadEntry["console"]>;
}

/** Some policy of the namespace has a console. */
export function hasConsoles(namespace: string, known: Known): boolean {
  const specs = specsOfNow(namespace, known);
  return specs.some(({ spec }) => spec.workloads.some(({ console }) => console !== undefined));
}

/** Undefined of all others, and where two policies claim its pool: nobody sizes it then. */
export function consoleEntryOf(pod: ObservedPod, known: Known): ConsoleEntry | undefined {
  if (!isRunning(pod) || !hasConsoles(namespaceOf(pod.key), known)) return undefined;
  const [own, other] = claimsOnMain(pod, known);
  const console = own?.entry.console;
  if (!own || other || !console) return undefined;
  return { policy: own.policy, mode: own.spec.mode, console };
}

/** At an address of its own. */
function isRunning({ hostNetwork, finished, terminating, gate }: ObservedPod): boolean {
  return hostNetwork !== true && !finished && !terminating && gate === undefined;
}

function claimsOnMain({ key, workload: owner }: ObservedPod, known: Known): readonly Selection[] {
  const workload = owner === undefined ? undefined : workloadNamed(known.caches, owner);
  if (!workload) return [];
  const claims = claimsOn([workload], specsOfNow(namespaceOf(key), known)).get(workload) ?? [];
  return claims.filter(({ pool }) => pool === mainPool);
}

/** Of a namespace: names of pods that have a console to follow. */
export function podsWithConsoles(namespace: string, known: Known): readonly string[] {
  if (!hasConsoles(namespace, known)) return [];
  const pods = known.caches.pods.byIndex(byNamespace, namespace);
  return pods.filter((pod) => consoleEntryOf(pod, known) !== undefined).map(({ key }) => key);
}
