// Defects of replacing one pod at a time: when one is evicted, which, and what is remembered of it.

import type { Mutant } from "./mutant.ts";

export const evictionMutants: readonly Mutant[] = [
  {
    name: "a pod evicted whether its replacement fits or not",
    file: "src/domain/decide/evictions.ts",
    from: "find(({ running, addedSlots }) => !mayAdd(running, addedSlots));",
    to: "find((running) => !mayAdd(running, Math.min(0, addedSlots)));",
  },
  {
    name: "a second pod evicted while the first one ends",
    file: "src/domain/decide/away.ts",
    from: "return pod.terminating && nowMs < (endedUntilMs(pod) ?? Infinity);",
    to: "return pod.terminating && nowMs < 0;",
  },
  {
    name: "a second pod evicted before the replacement of the first one is ready",
    file: "src/domain/decide/away.ts",
    from: "pod.unready === true && nowMs < awaitedUntilMs(pod)",
    to: "pod.unready === true && nowMs < pod.createdAtMs",
  },
  {
    name: "a pod that never comes back in the way of all repairs",
    file: "src/domain/decide/away.ts",
    from: "if (missing === 0 || nowMs >= (untilMs ?? Infinity)) return undefined;",
    to: "if (missing === 0) return undefined;",
  },
  {
    name: "a replacement that does not start handed on to other workloads",
    file: "src/domain/decide/away.ts",
    from: "(isSinceEviction === true ? replacementMs : startingMs)",
    to: "startingMs",
  },
  {
    name: "a rollout in place of an eviction that is refused for a moment",
    file: "src/domain/decide/one-by-one.ts",
    from: "const isPassing = nowMs < sinceMs + refusedForMs;",
    to: "const isPassing = nowMs < Math.min(0, sinceMs);",
  },
  {
    name: "pods that were replaced one at a time restarted by a rollout",
    file: "src/domain/decide/obstacles.ts",
    from: "  someLimitIsFull,\n  fewAreLeft,",
    to: "  someLimitIsFull,",
  },
  {
    name: "evictions in vain as often as ever",
    file: "src/reconcile/apply/evict-pod.ts",
    from: "timesInVain: vainPodOf(workload) ? before + 1 : 0,",
    to: "timesInVain: vainPodOf(workload) ? 0 * before : 0,",
  },
  {
    name: "evicted although a status did not go through",
    file: "src/reconcile/apply/apply.ts",
    from: "const attempt = { policy, write: evictionFrom(workload) };\n  if (attempts.blocks(attempt)) return false;",
    to: "const attempt = { policy, write: evictionFrom(workload) };",
  },
  {
    name: "evicted although fewer pods are ready than were seen",
    file: "src/reconcile/apply/evict-pod.ts",
    from: " ?? isShort(workload, fresh.value);",
    to: ";",
  },
  {
    name: "pods of other policies named",
    file: "src/domain/decide/away.ts",
    from: "return position.policy.key === reader ? name :",
    to: "return position.policy.key !== name ? name :",
  },
  {
    name: "an eviction forgotten until the watch shows it",
    file: "src/reconcile/memory/past-evictions.ts",
    from: "if (isAccepted) return { ...pod, terminating: true };",
    to: "if (isAccepted) return pod;",
  },
  {
    name: "an eviction that takes exposure up",
    file: "src/domain/decide/evictions.ts",
    from: "return higher && { message",
    to: "return higher && higher.slots > Infinity && { message",
  },
  {
    name: "a namespace with a new workload has waited longest",
    file: "src/domain/decide/namespace-turns.ts",
    from: "?? latestOf(ofProcess.get(namespace));",
    to: "?? 0 * latestOf(ofProcess.get(namespace));",
  },
  {
    name: "a second pod evicted while the policy of the first one cannot be used",
    file: "src/domain/decide/away.ts",
    from: "if (isGranted(position)) return true;",
    to: "if (isGranted(position) || position.policy.failure) return isGranted(position);",
  },
  {
    name: "a second pod evicted once the policy of the first one only observes",
    file: "src/domain/decide/away.ts",
    from: "const isOthers = isGuest(position.workload, namespace, isBounded) ||",
    to: 'if (position.policy.spec.mode === "Observe") continue;\n    const isOthers = isGuest(position.workload, namespace, isBounded) ||',
  },
  {
    name: "a second pod evicted once nobody selects the workload of the first one",
    file: "src/domain/decide/away.ts",
    from: "evictedOf === undefined || seen.has(evictedOf)",
    to: "evictedOf === undefined || !seen.has(evictedOf)",
  },
  {
    name: "an owner that undoes rolls answered with further rolls",
    file: "src/domain/decide/obstacles.ts",
    from: "  ownerUndoesRolls,\n  lastRollDidNotHelp,",
    to: "  lastRollDidNotHelp,",
  },
  {
    name: "an owner that undoes rolls given no eviction while its limits hold",
    file: "src/domain/decide/evictions.ts",
    from: "isBegun(position, poolSize) || keepsUndoingRolls(position.workload)",
    to: "isBegun(position, poolSize)",
  },
  {
    name: "undone rolls forgotten when the size changes",
    file: "src/reconcile/apply/start-roll.ts",
    from: "if (isUndone || wasReverted(pool) ||",
    to: "if (wasReverted(pool) ||",
  },
  {
    name: "people who undo rolls are taken for an owner that undoes them",
    file: "src/domain/demand/template-owner.ts",
    from: "templateManagers.some((name) => !toolOfPeople.test(name))",
    to: "templateManagers.some((name) => name !== toolOfPeople.source)",
  },
  {
    name: "a roll after which pods started unsized counts as one that its owner undid",
    file: "src/reconcile/apply/start-roll.ts",
    from: "const isOwners = isUndone && hasTemplateOwner(pool);",
    to: "const isOwners = isUndone || hasTemplateOwner(pool);",
  },
  {
    name: "a pool without a limit is evicted as large as the number that it is counted with",
    file: "src/domain/decide/one-by-one.ts",
    from: "return own.unlimited === true ? Number.MAX_VALUE : own.poolSize;",
    to: "return own.unlimited === true ? own.poolSize : Math.min(own.poolSize, Number.MAX_VALUE);",
  },
  {
    name: "a pool without a limit that counts as less is never worth an eviction",
    file: "src/domain/decide/one-by-one.ts",
    from: "return mostOf(pod) > poolSize;",
    to: "return pod.own.poolSize > poolSize;",
  },
  {
    name: "how often the template's entries were put back counts for rolls with Admission",
    file: "src/reconcile/observe/last-roll.ts",
    from: "return newest ? newest.poolSize !== undefined : ownedByUs === true;",
    to: "return newest ? newest.atMs > 0 : ownedByUs === true;",
  },
  {
    name: "how often the template's entries were put back is forgotten without a known roll",
    file: "src/reconcile/observe/last-roll.ts",
    from: "return newest ? newest.poolSize !== undefined : ownedByUs === true;",
    to: "return newest ? newest.poolSize !== undefined : ownedByUs !== ownedByUs;",
  },
];
