// Defects in starting new pods when their slots are there: pods that start without them, or without
// a size, and pods that are forgotten behind the gate.

import type { Mutant } from "./mutant.ts";

const releases = "src/domain/decide/releases.ts";
const gate = "src/domain/demand/start-gate.ts";
const position = "src/domain/demand/position.ts";
const memory = "src/reconcile/memory/live-memory.ts";
const written = "src/reconcile/apply/release-pods.ts";

export const gateMutants: readonly Mutant[] = [
  {
    name: "a pod behind the gate released without slots",
    file: releases,
    from: "return one.exposure.slots + addedSlots + closedToGrowth(one) > one.limit.slots;",
    to: "return one.exposure.slots + closedToGrowth(one) > one.limit.slots;",
  },
  {
    name: "two pods behind the gate released into the same slots",
    file: releases,
    from: "terms.limits.raiseLive(index, addedSlots);",
    to: "terms.limits.raiseLive(index, 0);",
  },
  {
    name: "a released pod given more of its share than is free",
    file: releases,
    from: "const more = Math.max(0, Math.min(share - poolSize, fitting));",
    to: "const more = Math.max(0, share - poolSize, 0 * fitting);",
  },
  {
    name: "a pod behind the gate released while nothing is known",
    file: releases,
    from: ".filter(({ position }) => terms.mayGrow(position.pool) && !position.policy.failure)",
    to: ".filter(({ position }) => !position.policy.failure)",
  },
  {
    name: "running pods grow into slots that others wait for",
    file: "src/domain/decide/resizes.ts",
    from: "if (terms.limits.of(index).some((account) => waiting.crowded.has(account))) continue;",
    to: "if (terms.limits.of(index).some((account) => !account)) continue;",
  },
  {
    name: "running pods make no room for pods behind the gate",
    file: releases,
    from: "{ lackingSlots: startSlotsOf(queue), accounts",
    to: "{ lackingSlots: 0 * startSlotsOf(queue), accounts",
  },
  {
    name: "a gate counts before every API server adds it",
    file: gate,
    from: "nowMs >= Math.max(gatedFromMs, admissionReadyAtMs);",
    to: "nowMs >= Math.max(0 * gatedFromMs, admissionReadyAtMs);",
  },
  {
    name: "a gate believed by the clock of whoever published it",
    file: "src/reconcile/memory/grant-settlement.ts",
    from: "gatedFromMs: Math.max(fromMs, seenMs + settleTimeMs)",
    to: "gatedFromMs: Math.max(fromMs, 0 * (seenMs + settleTimeMs))",
  },
  {
    name: "a gate that was withdrawn without an answer counts",
    file: "src/reconcile/memory/doubtful-grants.ts",
    from: "if (gatedFrom === undefined) ungated.add(name);",
    to: "if (gatedFrom === name) ungated.add(name);",
  },
  {
    name: "pods of a gated pool that end hold nothing",
    file: position,
    from: "const groups = groupsOf(pods, managed ?",
    to: "const groups = groupsOf(pods.filter(({ terminating }) => !terminating), managed ?",
  },
  {
    name: "old pods make no room for the new ones of a rollout behind the gate",
    file: "src/domain/decide/waiting-shares.ts",
    from: "return { ...request, floor, plannedPods: request.plannedPods + (more[index] ?? 0) };",
    to: "return { ...request, plannedPods: request.plannedPods + 0 * (more[index] ?? 0) };",
  },
  {
    name: "a limit that pools of restarts fill is shared as if they gave way to live pools",
    file: "src/domain/decide/waiting-shares.ts",
    from: "return { ...request, floor: poolSize, ceiling: poolSize, fixed: true };",
    to: "return { ...request, floor: poolSize, ceiling: poolSize };",
  },
  {
    name: "running pods leave nothing free for pods that will wait behind the gate",
    file: "src/domain/decide/start-room.ts",
    from: "return Math.min(percentCeil(Math.max(0, slots), startRoomPercent), wanted);",
    to: "return Math.min(percentCeil(Math.max(0, slots), 0 * startRoomPercent), wanted);",
  },
  {
    name: "running pods grow into what is kept for pods that will wait",
    file: "src/domain/decide/limit-accounts.ts",
    from: "return limit.slots - startRoomIn(account) - exposure.slots;",
    to: "return limit.slots - 0 * startRoomIn(account) - exposure.slots;",
  },
  {
    name: "what is kept for new pods is taken from floors",
    file: "src/domain/decide/start-room.ts",
    from: "return Math.max(limit.slots - roomSlots, Math.min(limit.slots, floorSlots));",
    to: "return Math.max(limit.slots - roomSlots, Math.min(0, limit.slots, floorSlots));",
  },
  {
    name: "a floor that was raised by use keeps old pods from making room for new ones",
    file: "src/domain/decide/waiting-shares.ts",
    from: "const floor = Math.min(request.floor, positions[index]?.sizing.floor ?? request.floor);",
    to: "const { floor } = request;",
  },
  {
    name: "nothing is kept free although pods pass the gate by",
    file: "src/domain/demand/start-gate.ts",
    from: "return wantsGate(pool) && isOwn && isDue && !isPassedBy(pool);",
    to: "return wantsGate(pool) && isOwn && isDue;",
  },
  {
    name: "waiting pods of a deleted workload start before they are deleted",
    file: "src/domain/decide/releases.ts",
    from: "if (policy.failure !== undefined || !pool.exists) return [];",
    to: "if (policy.failure !== undefined) return [];",
  },
  {
    name: "pods of a dropped gate start before the status says so",
    file: "src/domain/decide/releases.ts",
    from: "if (pool.grant?.gatedFromMs !== undefined) return [];",
    to: "",
  },
  {
    name: "pods that were made without an admission policy pass for proof that it adds no gate",
    file: "src/domain/demand/start-gate.ts",
    from: 'pod.own.source === "annotation" && ',
    to: "pod.own.poolSize > 0 && ",
  },
  {
    name: "a pod whose release is not seen yet passes for one that came without the gate",
    file: memory,
    from: "live, cameThroughGate: true };",
    to: "live };",
  },
  {
    name: "a pod that was out of sight for a moment passes for one that is being started",
    file: memory,
    from: "const wasReady = before === undefined || !isYoung(pod, now);",
    to: 'const wasReady = before === undefined || (!isYoung(pod, now) && pod.uid === "");',
  },
  {
    name: "a pod that opens more than its size is released into the slots of its size",
    file: "src/domain/demand/live-pods.ts",
    from: "return goesByItsSize(pod) ? poolSize : Math.max(poolSize, pod.own.poolSize);",
    to: "return goesByItsSize(pod) ? poolSize : Math.min(poolSize, pod.own.poolSize);",
  },
  {
    name: "pods of a live pool start with a floor that the quota of their namespace has no room for",
    file: "src/domain/decide/live-shares.ts",
    from: "return Math.min(sizing.floor, startSizeMost ?? sizing.floor);",
    to: "return Math.min(sizing.floor, Infinity * (startSizeMost ?? sizing.floor));",
  },
  {
    name: "a resize passes for the release of a pod that came without the gate",
    file: gate,
    from: "!isLaterThan(markedFromMs, pod) && isResizedOnce(pod)",
    to: "!isLaterThan(Infinity * markedFromMs, pod) && isResizedOnce(pod)",
  },
  {
    name: "pods that the release before this one released pass for such as came without the gate",
    file: gate,
    from: "!isLaterThan(markedFromMs, pod) && isResizedOnce(pod)",
    to: "!isLaterThan(-Infinity * markedFromMs, pod) && isResizedOnce(pod)",
  },
  {
    name: "a template may say of its pods that they were released",
    file: "src/adapters/kubernetes/project-pod.ts",
    from: 'released !== undefined && released === at(metadata, "uid") ?',
    to: "released !== undefined ?",
  },
  {
    name: "a pod released by the operator does not say so",
    file: written,
    from: "    [releasedAnnotation]: uid,\n",
    to: "    ...{ [releasedAnnotation]: uid + uid },\n",
  },
  {
    name: "a status that says again since when releases are marked makes it later",
    file: "src/reconcile/apply/write-status.ts",
    from: "markedFrom: since(known?.markedFrom)",
    to: "markedFrom: since(known && undefined)",
  },
  {
    name: "pods that start because their policy observes now count with nothing",
    file: "src/domain/demand/position.ts",
    from: "groupsOf([...staying, ...unheldPodsOf(pool)], undefined)",
    to: "groupsOf(staying, undefined)",
  },
  {
    name: "pods that are nobody's for a moment start",
    file: "src/reconcile/gate-releases.ts",
    from: "const patienceMs = 15_000;",
    to: "const patienceMs = 0;",
  },
  {
    name: "a pool of several processes is held to the use of all of them",
    file: "src/domain/demand/wanted-size.ts",
    from: 'if (sizing.processesPerPod > 1) return "because its pods open several pools";',
    to: "",
  },
  {
    name: "a pod whose release has no answer counts as waiting",
    file: memory,
    from: "const isSent = ({ uid }: PodFacts): boolean => this.#sent.has(uid);",
    to: 'const isSent = ({ uid }: PodFacts): boolean => this.#sent.has(uid) && uid === "";',
  },
  {
    name: "the gate removed without the size",
    file: written,
    from: "const annotations = releaseAnnotations(uid, poolSize, atMs);",
    to: "const annotations = releaseAnnotations(uid, 0 * poolSize, atMs);",
  },
  {
    name: "pods behind the gate forgotten when their entry asks for none",
    file: releases,
    from: "const all = [...dropped.flatMap(releasesOfAll), ",
    to: "const all = [...dropped.slice(dropped.length).flatMap(releasesOfAll), ",
  },
  {
    name: "pods behind the gate forgotten when their policy is gone",
    file: "src/reconcile/gate-releases.ts",
    from: "return pods.filter(({ labels }) => pickers.of(labels).length === 0);",
    to: "return pods.filter(({ labels }) => pickers.of(labels).length < 0);",
  },
  {
    name: "the one that has most released first",
    file: releases,
    from: "return order || ageOf(a)",
    to: "return -order || ageOf(a)",
  },
  {
    name: "what running pods were told to give back stays for ever",
    file: "src/domain/decide/running.ts",
    from: "const givenBack = sumOf((one) => unprovenSlots(one, isFollowingSoon)) + replaced;",
    to: "const givenBack = replaced;",
  },
  {
    name: "what live pools hold beside their shares passes the quota of their namespace by",
    file: "src/domain/decide/limit-shares.ts",
    from: "if (sized === Infinity && unsized === Infinity && isWithin) return requests;",
    to: "if (sized === Infinity && unsized === Infinity) return isWithin ? requests : requests;",
  },
  {
    name: "a released pod that does not go by its size counts with its size until it is seen",
    file: "src/domain/supply/live-sizes.ts",
    from: "own: { ...own, poolSize: heldOnceTold(pod, Math.max(live.size, held)) },",
    to: "own: { ...own, poolSize: Math.max(live.size, held) },",
  },
  {
    name: "everybody waits for a pod that needs more than there is",
    file: "src/domain/decide/releases.ts",
    from: "const fitting = pods.filter((pod) => startSlotsOf({ ...queue, pods: [pod] }) <= most);",
    to: "const fitting = pods.filter((pod) => startSlotsOf({ ...queue, pods: [pod] }) <= most * 1e9);",
  },
  {
    name: "start sizes forget that pools of one workload roll together",
    file: "src/domain/supply/start-sizes.ts",
    from: "const room = new Room(additions, rolloutsMax, leaders);",
    to: "const room = new Room(additions, rolloutsMax, leaders && undefined);",
  },
  {
    name: "slots that are kept for a pod on one server are taken from growth on others",
    file: "src/domain/decide/resizes.ts",
    from: "for (const account of limits.of(index)) kept.set(account,",
    to: "for (const account of limits.all) kept.set(account,",
  },
  {
    name: "who waits starts by the age of its pod, whatever its workload holds",
    file: "src/domain/decide/releases.ts",
    from: "return order || ageOf(a) - ageOf(b) || a.index - b.index;",
    to: "return ageOf(a) - ageOf(b) || order || a.index - b.index;",
  },
  {
    name: "who waits for his own quota keeps others beside it from growing",
    file: "src/domain/decide/releases.ts",
    from: "return quotas.length > 0 ? quotas : tight;",
    to: "return quotas.length > tight.length ? quotas : tight;",
  },
  {
    name: "others give way to who waits for his own quota",
    file: "src/domain/decide/resizes.ts",
    from: 'limit.kind !== "namespace" && ofQuota.has(index)',
    to: 'limit.kind === "linked" && ofQuota.has(index)',
  },
  {
    name: "a pod that waits gets its size, and its gate stays",
    file: "src/adapters/kubernetes/release-pod.ts",
    from: '{ op: "remove", path: gate },',
    to: "",
  },
];
