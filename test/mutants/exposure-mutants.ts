// Defects in the account of what runs and what may still start, and in the shares.

import type { Mutant } from "./mutant.ts";

export const exposureMutants: readonly Mutant[] = [
  {
    name: "terminating pods forgotten",
    file: "src/reconcile/observe-pod.ts",
    from: "if (pod.finished) return [];",
    to: "if (pod.finished || pod.terminating) return [];",
  },
  {
    name: "pods of a paused Deployment taken for those of its changed template",
    file: "src/reconcile/observe-workload.ts",
    from: 'if (paused && statusReplicas > 0 && updatedReplicas === 0) return "";',
    to: "",
  },
  {
    name: "old pods of a rollout taken for its new ones",
    file: "src/domain/revisions.ts",
    from: "((isKnown || workload.rollingOut) && isOld(pod));",
    to: "false;",
  },
  {
    name: "pods of a deleted workload taken for those of the new one of its name",
    file: "src/domain/revisions.ts",
    from: "return isOfPredecessor !== true;",
    to: "return isOfPredecessor !== true || true;",
  },
  {
    name: "pods of a replaced template forgotten while they are missing",
    file: "src/domain/position.ts",
    from: "pendingSlotsOf(workload, split, { roomPods, inForce }) + missingSlotsOf(workload),",
    to: "pendingSlotsOf(workload, split, { roomPods, inForce }),",
  },
  {
    name: "a replaced template forgotten once the new one has no pods either",
    file: "src/reconcile/replaced-size.ts",
    from: "!rollout.rollingOut && rollout.updatedReplicas >= rollout.replicas;",
    to: "!rollout.rollingOut;",
  },
  {
    name: "a larger template that was written just now counted as it was before",
    file: "src/reconcile/replaced-size.ts",
    from: "return written > seen.poolSize ?",
    to: "return false && written > seen.poolSize ?",
  },
  {
    name: "a rollout and what a deleted workload left share one room",
    file: "src/domain/exposure.ts",
    from: "position.inForce)), ...left];",
    to: "position.inForce))];",
  },
  {
    name: "a pod that ends before its rollout is heard of gives its slots back",
    file: "src/domain/revisions.ts",
    from: "const mayStay = isYetToBegin || successorsWait(workload);",
    to: "const mayStay = successorsWait(workload);",
  },
  {
    name: "a rollout that stands still before its first pod forgotten beside another",
    file: "src/domain/position.ts",
    from: "const doubled = standsStill ? staying :",
    to: "const doubled =",
  },
  {
    name: "expected pods forgotten",
    file: "src/domain/position.ts",
    from: "return heldOnly ? 0 : Math.max(0, plannedPods - stayingPods);",
    to: "return 0;",
  },
  {
    name: "staying pods counted by the grant alone",
    file: "src/domain/exposure.ts",
    from: "Math.max(slotsPerPod(sizing, group.poolSize), granted),",
    to: "granted,",
  },
  {
    name: "staying pods counted by their own size alone",
    file: "src/domain/exposure.ts",
    from: "Math.max(slotsPerPod(sizing, group.poolSize), granted),",
    to: "slotsPerPod(sizing, group.poolSize),",
  },
  {
    name: "room for rollouts forgotten",
    file: "src/domain/exposure.ts",
    from: "return Math.max(this.#room.slots, this.#leavingSlots);",
    to: "return this.#leavingSlots;",
  },
  {
    name: "leaving pods beyond the room forgotten",
    file: "src/domain/exposure.ts",
    from: "return Math.max(this.#room.slots, this.#leavingSlots);",
    to: "return this.#room.slots;",
  },
  {
    name: "room for the surge alone",
    file: "src/domain/room.ts",
    from: "  return plannedPods;\n}",
    to: "  return Math.min(workload.surgePods, plannedPods);\n}",
  },
  {
    name: "the autoscaler's maximum ignored",
    file: "src/domain/planned-pods.ts",
    from: "return Math.max(autoscalerMaxReplicas, replicas);",
    to: "return replicas;",
  },
  {
    name: "replicas beyond the autoscaler's maximum ignored",
    file: "src/domain/planned-pods.ts",
    from: "return Math.max(autoscalerMaxReplicas, replicas);",
    to: "return autoscalerMaxReplicas;",
  },
  {
    name: "deleted workloads forgotten",
    file: "src/reconcile/departed.ts",
    from: "if (pods.length === 0 && recently === 0) return [];",
    to: "if (pods.length + recently > 0) return [];",
  },
  {
    name: "what may not be moved forgotten in the shares",
    file: "src/domain/share-claims.ts",
    from: "budgetSlots: budgetSlots - heldSlots,",
    to: "budgetSlots: budgetSlots - 0 * heldSlots,",
  },
  {
    name: "shares rounded up",
    file: "src/domain/shares.ts",
    from: "if (costSlots > freeSlots) continue;",
    to: "if (freeSlots <= 0) continue;",
  },
  {
    name: "what rounding leaves over not handed out",
    file: "src/domain/shares.ts",
    from: "return { poolSizes: handOut(claims, terms, start), missingSlots: 0 };",
    to: "return { poolSizes: start, missingSlots: 0 };",
  },
  {
    name: "weights ignored in the last steps",
    file: "src/domain/shares.ts",
    from: "return difference || a - b;",
    to: "return a - b;",
  },
  {
    name: "ceilings ignored",
    file: "src/domain/shares.ts",
    from: "return Math.min(Math.max(value, least), most);",
    to: "return most < least ? most : Math.max(value, least);",
  },
  {
    name: "of two policies that claim a workload, it counts under one that observes",
    file: "src/reconcile/observe-namespace.ts",
    from: "claimants.find(hasPlace) ?? claimants[0]",
    to: "claimants[0] ?? claimants.find(hasPlace)",
  },
];
