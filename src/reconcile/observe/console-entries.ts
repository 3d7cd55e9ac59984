// Which pods are followed on their admin console, and what their policy says of it.

import { mainPool, namespaceOf } from "../../api/keys.ts";
import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import type { PolicyKey } from "../../domain/facts/facts.ts";
import { oncePer, oncePerName } from "../../domain/once-per.ts";
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
  return haveConsoles(specsOfNow(namespace, known));
}

function haveConsoles(policies: ReturnType<typeof specsOfNow>): boolean {
  return policies.some(({ spec }) => hasConsole(spec));
}

/** Asked at each event of a pod: a spec stays the same until somebody edits it. */
const hasConsole = oncePer(({ workloads }: PoolPolicySpec) =>
  workloads.some(({ console }) => console !== undefined),
);

/** Undefined of all others, and where two policies claim its pool: nobody sizes it then. */
export function consoleEntryOf(pod: ObservedPod, known: Known): ConsoleEntry | undefined {
  return isRunning(pod) ? entriesIn(namespaceOf(pod.key), known)(pod.workload) : undefined;
}

/** At an address of its own. */
function isRunning({ hostNetwork, finished, terminating, gate }: ObservedPod): boolean {
  return hostNetwork !== true && !finished && !terminating && gate === undefined;
}

type EntryOf = (owner: ObservedPod["workload"]) => ConsoleEntry | undefined;

/** Worked out once for each workload, whose pods may be many. */
function entriesIn(namespace: string, known: Known): EntryOf {
  const specs = specsOfNow(namespace, known);
  if (!haveConsoles(specs)) return () => undefined;
  const entryOf = oncePerName((owner) => {
    const workload = workloadNamed(known.caches, owner);
    return workload && entryIn(claimsOn([workload], specs).get(workload) ?? []);
  });
  return (owner) => (owner === undefined ? undefined : entryOf(owner));
}

function entryIn(claims: readonly Selection[]): ConsoleEntry | undefined {
  const [own, other] = claims.filter(({ pool }) => pool === mainPool);
  const console = own?.entry.console;
  if (!own || other || !console) return undefined;
  return { policy: own.policy, mode: own.spec.mode, console };
}

/** Of a namespace: names of pods that have a console to follow. */
export function podsWithConsoles(namespace: string, known: Known): readonly string[] {
  const entryOf = entriesIn(namespace, known);
  const pods = known.caches.pods.byIndex(byNamespace, namespace).filter(isRunning);
  return pods.filter(({ workload }) => entryOf(workload)).map(({ key }) => key);
}
