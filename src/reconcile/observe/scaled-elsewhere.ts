// Who decides how many pods there are need not name the workload itself. An autoscaler may target
// the custom resource that the workload was made from: its maximum counts for what this resource
// owns, if that is one workload. Of several, such as the job manager and the task managers of a
// Flink cluster, nothing says which one is scaled, and all at the maximum would be slots for
// nobody: the policy has to say. An Argo Rollout may take the template of a Deployment and run the
// pods itself: then the Deployment stands at 0, and what it says of its pods is true and of no use.

import { kindAndName, workloadKeyOf } from "../../api/keys.ts";
import { workloadKindOf } from "../../api/workload-kinds.ts";
import { slotsPerPod } from "../../domain/demand/slots.ts";
import type { Finding, PoolFacts } from "../../domain/facts/facts.ts";
import { sayCount } from "../../domain/words/say-count.ts";
import type { ObservedPod, PickedWorkload } from "../../observed.ts";
import { byWorkload, type Caches } from "../caches.ts";
import type { Autoscaling } from "./autoscaling.ts";

interface Known {
  readonly caches: Pick<Caches, "pods">;
  readonly autoscaling: Autoscaling;
  /** Some entry picks the pod by its labels. */
  readonly isPicked: (pod: ObservedPod) => boolean;
}

interface Scaled {
  readonly workload: PickedWorkload;
  readonly facts: PoolFacts;
}

export function scaledElsewhere(known: Known, scaled: Scaled): Finding[] {
  const finding = templateOfRollout(known, scaled) ?? uncountedTarget(known, scaled);
  return finding ? [finding] : [];
}

interface RolloutPods {
  readonly running: readonly ObservedPod[];
  /** By its autoscaler; 0 without one. */
  readonly most: number;
}

/** Pods of a Rollout say its name, which nearly always is that of the Deployment. */
function templateOfRollout(known: Known, { workload, facts }: Scaled): Finding | undefined {
  const { namespace, name, kind, replicas } = workload;
  if (kind !== "Deployment") return undefined;
  const rollout = { namespace, kind: "Rollout", name };
  const key = workloadKeyOf(rollout);
  const pods = known.caches.pods.byIndex(byWorkload, key).filter(({ finished }) => !finished);
  const found: RolloutPods = { running: pods, most: known.autoscaling.mostOf(key) ?? 0 };
  // It may run pods beside those of the Rollout: scaleDown is never, or progressively.
  const isBeside = replicas > 0;
  if (!areCountedNowhere(found, known, isBeside)) return undefined;
  const fix = isBeside ? "" : ", and take this workload out of the policy";
  const message =
    `has ${sayCount(replicas, "replica")}: ${kindAndName(rollout)} ${sayRollout(found, facts)}. ` +
    `To fix: pick the pods of the Rollout with an entry of pods.matchLabels and maxPods${fix}`;
  return { reason: "TemplateOfRollout", severity: isBeside ? "degraded" : "blocking", message };
}

function areCountedNowhere(
  { running, most }: RolloutPods,
  { isPicked }: Pick<Known, "isPicked">,
  isBeside: boolean,
): boolean {
  if (running.length > 0) return !running.every(isPicked);
  return most > 0 && !isBeside;
}

function sayRollout({ running, most }: RolloutPods, { sizing, template }: PoolFacts): string {
  const slots = Math.max(running.length, most) * slotsPerPod(sizing, template.poolSize);
  const upTo = most > 0 ? `, up to ${most} by its autoscaler,` : "";
  const what = `runs ${sayCount(running.length, "pod")}${upTo} from its template`;
  return `${what}, which may hold ${sayCount(slots, "slot")}`;
}

/** An autoscaler of something with its name, or of its owner, that is not planned by. */
function uncountedTarget(known: Known, { workload, facts }: Scaled): Finding | undefined {
  const { autoscalerMaxReplicas: counted = 0, maxPods = 0 } = facts;
  const planned = Math.max(workload.replicas, counted, maxPods);
  const others = targetsAround(known, workload).filter(({ most }) => most > planned);
  const [first] = others;
  if (!first || facts.plannedPods === "Current") return undefined;
  const most = others.reduce((largest, one) => Math.max(largest, one.most), 0);
  const message =
    `is planned with ${sayCount(planned, "pod")}, but an autoscaler scales ${first.target} up to ${most}. If those are ` +
    `this workload's pods, set maxPods: ${most} in its entry`;
  return { reason: "ScaledElsewhere", severity: "info", message };
}

interface Target {
  /** Kind/name. */
  readonly target: string;
  /** How many pods an autoscaler may ask for. */
  readonly most: number;
}

/** That are no workloads themselves: its owner, then whatever has its name. */
function targetsAround({ autoscaling }: Known, workload: PickedWorkload): Target[] {
  const { namespace, name, owner } = workload;
  const isElsewhere = owner && workloadKindOf(owner.kind) === undefined;
  const most = isElsewhere ? autoscaling.mostOfOwner(workload) : undefined;
  const ofOwner = owner && most !== undefined ? [{ target: kindAndName(owner), most }] : [];
  const named = autoscaling.namedLike(`${namespace}/${name}`);
  return [
    ...ofOwner,
    ...named.map(({ targetKind, targetName, maxReplicas }) => {
      return { target: kindAndName({ kind: targetKind, name: targetName }), most: maxReplicas };
    }),
  ];
}
