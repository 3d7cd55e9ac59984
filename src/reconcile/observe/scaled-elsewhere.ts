// Who decides how many pods there are need not name the workload itself. An autoscaler may target
// the custom resource that the workload was made from: its maximum counts for what this resource
// owns, if that is one workload. Of several, such as the job manager and the task managers of a
// Flink cluster, nothing says which one is scaled, and all at the maximum would be slots for
// nobody: the policy has to say. An Argo Rollout may take the template of a Deployment and run the
// pods itself: then the Deployment stands at 0, and what it says of its pods is true and of no use.

import { kindAndName, workloadKeyOf } from "../../api/keys.ts";
import { type WorkloadKind, workloadKindOf } from "../../api/workload-kinds.ts";
import { slotsPerPod } from "../../domain/demand/slots.ts";
import type { Finding, PoolFacts } from "../../domain/facts/facts.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { ObservedAutoscaler, ObservedWorkload } from "../../observed.ts";
import { byTarget, byTargetName, byWorkload, type Caches, workloadsOf } from "../caches.ts";

type Known = Pick<Caches, "autoscalers" | "pods" | WorkloadKind>;

/** The greatest number of pods that any of its autoscalers may ask for; undefined without one. */
export function autoscalerMaxReplicas(
  caches: Known,
  workload: ObservedWorkload,
): number | undefined {
  const own = caches.autoscalers.byIndex(byTarget, workloadKeyOf(workload));
  const shared = isOnlyOne(caches, workload) ? ofOwner(caches, workload) : [];
  return mostOf([...own, ...shared]);
}

/** Its owner controls no other workload. */
function isOnlyOne(caches: Known, { namespace, owner }: ObservedWorkload): boolean {
  return owner !== undefined && workloadsOf(caches, namespace, owner).length === 1;
}

function ofOwner(
  { autoscalers }: Known,
  { namespace, owner }: ObservedWorkload,
): ObservedAutoscaler[] {
  if (!owner) return [];
  const found = autoscalers.byIndex(byTarget, workloadKeyOf({ namespace, ...owner }));
  return found.filter(({ targetGroup = owner.group }) => targetGroup === owner.group);
}

function mostOf(autoscalers: readonly ObservedAutoscaler[]): number | undefined {
  if (autoscalers.length === 0) return undefined;
  return autoscalers.reduce((most, { maxReplicas }) => Math.max(most, maxReplicas), 0);
}

interface Scaled {
  readonly workload: ObservedWorkload;
  readonly facts: PoolFacts;
}

export function scaledElsewhere(caches: Known, scaled: Scaled): Finding[] {
  const finding = templateOfRollout(caches, scaled) ?? uncountedTarget(caches, scaled);
  return finding ? [finding] : [];
}

/** Pods of a Rollout say its name, which nearly always is that of the Deployment. */
function templateOfRollout(caches: Known, { workload, facts }: Scaled): Finding | undefined {
  const { namespace, name, kind, replicas } = workload;
  if (kind !== "Deployment" || replicas > 0) return undefined;
  const rollout = { namespace, kind: "Rollout", name };
  const key = workloadKeyOf(rollout);
  const running = caches.pods.byIndex(byWorkload, key).filter(({ finished }) => !finished);
  const most = mostOf(caches.autoscalers.byIndex(byTarget, key)) ?? 0;
  if (running.length === 0 && most === 0) return undefined;
  const pods = Math.max(running.length, most);
  const slots = pods * slotsPerPod(facts.sizing, facts.template.poolSize);
  const runs = `${kindAndName(rollout)} runs ${sayCount(running.length, "pod")}`;
  const upTo = most > 0 ? `, up to ${most} by its autoscaler,` : "";
  const message =
    `has 0 replicas: ${runs}${upTo} from its template. Pods of a Rollout are not managed, and may ` +
    `hold ${sayCount(slots, "slot")}. To fix: take this workload out of the policy, and keep ` +
    `${slots} more in reserve.connections`;
  return { reason: "TemplateOfRollout", severity: "blocking", message };
}

/** An autoscaler of something with its name, or of its owner, that is not planned by. */
function uncountedTarget(caches: Known, { workload, facts }: Scaled): Finding | undefined {
  const { namespace, name, replicas } = workload;
  const named = caches.autoscalers.byIndex(byTargetName, `${namespace}/${name}`);
  const found = [...ofOwner(caches, workload), ...named];
  const { autoscalerMaxReplicas: counted = 0, maxPods = 0 } = facts;
  const planned = Math.max(replicas, counted, maxPods);
  const others = found.filter(
    ({ targetKind, maxReplicas }) =>
      workloadKindOf(targetKind) === undefined && maxReplicas > planned,
  );
  const [first] = others;
  if (!first || facts.plannedPods === "Current") return undefined;
  const most = mostOf(others) ?? 0;
  const target = `${first.targetKind}/${first.targetName}`;
  const message =
    `is planned with ${sayCount(planned, "pod")}, but an autoscaler scales ${target} up to ${most}. If those are ` +
    `this workload's pods, set maxPods: ${most} in its entry`;
  return { reason: "ScaledElsewhere", severity: "info", message };
}
