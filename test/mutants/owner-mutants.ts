// Defects in what is done with pods that are not made by a workload that an entry selects, and with
// pools that are not Poolwarden's to size.

import type { Mutant } from "./mutant.ts";

export const ownerMutants: readonly Mutant[] = [
  {
    name: "pods of a Rollout beside those of its Deployment count nowhere and nobody says so",
    file: "src/reconcile/observe/rollout-of-template.ts",
    from: "if (running.length > 0) return !running.every(isPicked);",
    to: "if (running.length > 0) return replicas === 0 && !running.every(isPicked);",
  },
  {
    name: "a pool that is only counted is sized",
    file: "src/domain/demand/position.ts",
    from: "pool.isCounted !== true &&",
    to: "pool.poolKey.length > 0 &&",
  },
  {
    name: "a pool that is only counted keeps the grant that it had",
    file: "src/reconcile/apply/write-status.ts",
    from: "return exists && isReleased !== true && isCounted !== true;",
    to: "return exists && isReleased !== true && isCounted !== null;",
  },
  {
    name: "a grant is handed over to a pool that is only counted",
    file: "src/reconcile/observe/observe.ts",
    from: ".filter(({ entry }) => !isCounted(entry))",
    to: ".filter(({ entry }) => !isCounted(entry) || entry.weight > 0)",
  },
  {
    name: "what cannot be written stops a pool that is only counted",
    file: "src/reconcile/sizes/counted.ts",
    from: "if (!isCounted(entry)) return findings;",
    to: "if (!isCounted(entry) || findings.length > 0) return findings;",
  },
  {
    name: "pods that are picked by labels are rolled",
    file: "src/domain/decide/obstacles.ts",
    from: "  nobodyReplacesThem,\n  rebalanceForbidsIt,",
    to: "  rebalanceForbidsIt,",
  },
  {
    name: "pods of a selected workload count again by their labels",
    file: "src/reconcile/observe/picked-pods.ts",
    from: "if (holders.some(isMember)) {",
    to: "if (holders.some(isMember) && pod.finished) {",
  },
  {
    name: "pods that two policies pick are in no conflict",
    file: "src/reconcile/observe/picked-pods.ts",
    from: "if (all.length > 1) noteContested(",
    to: "if (all.length > 9) noteContested(",
  },
  {
    name: "pods that are picked by labels lose their grant on the way to templates",
    file: "src/domain/decide/wishes.ts",
    from: '["SizeFromReference", "FieldConflict", "PodsNeedAdmission"]',
    to: '["SizeFromReference", "FieldConflict"]',
  },
  {
    name: "what is known of pods that are picked by labels is forgotten each minute",
    file: "src/reconcile/memory/forget-gone.ts",
    from: "if (kind === podsKind) return",
    to: 'if (kind === podsKind && name === "") return',
  },
  {
    name: "pods of another revision that are picked by labels leave",
    file: "src/reconcile/observe/observe-pod.ts",
    from: 'revision: workload.kind === podsKind ? "" : pod.revision,',
    to: "revision: pod.revision,",
  },
  {
    name: "a bare pod that an entry picks by labels wakes nobody",
    file: "src/wake.ts",
    from: "for (const pod of [before, after]) if (pod) wakeServers(serversPicking(pod, { book, caches }));",
    to: 'if (!before) wakeServers(serversPicking(after ?? { key: "" } as never, { book, caches }));',
  },
  {
    name: "pods that are picked by labels count again as a workload that is gone",
    file: "src/reconcile/observe/namespace-claims.ts",
    from: "workloadNamed(caches, key) ?? pickedByKey.get(key)",
    to: "workloadNamed(caches, key)",
  },
  {
    name: "a size of ours counts as what the template of pods of any owner says",
    file: "src/reconcile/observe/observe-workload.ts",
    from: "return workload.kind === podsKind && workload.templateAnnotations[annotation] !== undefined;",
    to: 'return workload.kind === podsKind && workload.templateAnnotations[annotation] === "";',
  },
  {
    name: "a Rollout whose pods an entry picks stops the policy",
    file: "src/reconcile/observe/rollout-of-template.ts",
    from: "running.every(isPicked)",
    to: "running.every((pod) => isPicked(pod) && pod.finished)",
  },
  {
    name: "a Rollout of another name than that of the Deployment whose template it runs is not seen",
    file: "src/reconcile/observe/rollout-of-template.ts",
    from: "if (!rarest || rarest.count === 0) return [];",
    to: "if (!rarest || rarest.count >= 0) return [];",
  },
  {
    name: "a lower poolSize.min is named as the way out for a pool that is only counted",
    file: "src/domain/explain/ways-to-fit.ts",
    from: "const sized = asking.filter(({ managed }) => managed);",
    to: "const sized = asking;",
  },
];
