// Defects in resizing pods while they run: slots given on before they are free.

import type { Mutant } from "./mutant.ts";

const sizes = "src/domain/supply/live-sizes.ts";
const proofs = "src/domain/supply/live-proofs.ts";
const memory = "src/reconcile/memory/live-memory.ts";
const resizes = "src/domain/decide/resizes.ts";

export const liveMutants: readonly Mutant[] = [
  {
    name: "a live pod that was shrunk counts with its annotation at once",
    file: sizes,
    from: "proof ? 0 : Math.max(earlier, clock.formerSize(pod), exceeded)",
    to: "proof ? 0 : Math.max(0 * earlier, clock.formerSize(pod), exceeded)",
  },
  {
    name: "a live pod whose size somebody lowers by hand counts with it at once",
    file: sizes,
    from: "proof ? 0 : Math.max(earlier, clock.formerSize(pod), exceeded)",
    to: "proof ? 0 : Math.max(earlier, exceeded)",
  },
  {
    name: "pods said to have followed while one of them is on its way to its size",
    file: "src/domain/explain/live-rows.ts",
    from: "earlier === undefined && isPending !== true ?",
    to: "earlier === undefined ?",
  },
  {
    name: "a live pod that was given up believed at a quiet hour",
    file: sizes,
    from: "isGivenUp(live) ? undefined : proofOf",
    to: "proofOf",
  },
  {
    name: "a live pod that was given up resized again while it runs",
    file: sizes,
    from: "return goesByItsSize(pod) && !isGivenUp(live);",
    to: "return goesByItsSize(pod);",
  },
  {
    name: "that a live pod does not follow never written down",
    file: sizes,
    from: "...(isDue && { isTouchDue: true as const })",
    to: "...(isDue && touches < touchesMax && { isTouchDue: true as const })",
  },
  {
    name: "a reading of a time when a live pod was not ready proves that it has shrunk",
    file: sizes,
    from: "Math.max(followedMs, clock.doubtedUntilMs(pod), consoleMs)",
    to: "Math.max(followedMs, consoleMs)",
  },
  {
    name: "that a live pod was not ready forgotten as soon as it is again",
    file: memory,
    from: "return { wasReady: true, doubtedUntilMs };",
    to: "return { wasReady: true, doubtedUntilMs: -Infinity };",
  },
  {
    name: "what a live pod had before it was touched forgotten",
    file: "src/reconcile/apply/resize-pods.ts",
    from: "const most = Math.max(earlier, from);",
    to: "const most = Math.max(earlier, 0 * from);",
  },
  {
    name: "a touch on its way hides that a growth was sent",
    file: memory,
    from: "const most = Math.max(...sent.map(({ poolSize }) => poolSize));",
    to: "const most = sent.at(-1)?.poolSize ?? 0;",
  },
  {
    name: "sizes told in the status that could not be written",
    file: "src/reconcile/apply/apply.ts",
    from: "live: { ...plan.live, resizes: [...resized, ...resizes], releases } };",
    to: "live: plan.live };",
  },
  {
    name: "extra connections that nobody has opened prove that a live pod has shrunk",
    file: proofs,
    from: "if (latest.mostPoolSize <= terms.size) return false;",
    to: "if (latest.mostPoolSize >= 0) return false;",
  },
  {
    name: "a live pod whose size somebody wrote in another form is resized again and again",
    file: "src/reconcile/observe/observe-pod.ts",
    from: "const isToldHere = isOurs && annotation === String(own.poolSize);",
    to: "const isToldHere = isOurs;",
  },
  {
    name: "any time in the annotation of a resize is taken for one of ours",
    file: "src/api/resized.ts",
    from: "if (Number.isNaN(atMs) || atMs > latestMs) return undefined;",
    to: "if (Number.isNaN(atMs)) return undefined;",
  },
  {
    name: "a live pod's shrink proven by a reading from before the follow time was over",
    file: proofs,
    from: "isWhole && askedAtMs >= terms.dueMs && poolSize <= terms.size",
    to: "isWhole && askedAtMs > 0 && poolSize <= terms.size",
  },
  {
    name: "a live pod's shrink proven by a reading that does not show where sessions come from",
    file: proofs,
    from: "return isWhole && askedAtMs >= terms.dueMs",
    to: "return isWhole !== undefined && askedAtMs >= terms.dueMs",
  },
  {
    name: "what the server shows of a live pod beyond its size left out",
    file: sizes,
    from: "Math.max(unproven, shownMost, ofConsole)",
    to: "Math.max(unproven, 0 * shownMost, ofConsole)",
  },
  {
    name: "a live pod whose container is being restarted proves that it has shrunk",
    file: proofs,
    from: "isTold && !terminating && unready !== true",
    to: "isTold && !terminating",
  },
  {
    name: "a live pod that ends proves that it has shrunk",
    file: proofs,
    from: "isTold && !terminating && unready !== true",
    to: "isTold && unready !== true",
  },
  {
    name: "a live pod that has just lost every session proves that it has shrunk",
    file: proofs,
    from: "return first !== undefined && first.askedAtMs <= latestMs - reopenedWithinMs;",
    to: "return first !== undefined && first.askedAtMs <= latestMs;",
  },
  {
    name: "a live pod of which only extra connections are left proves that it has shrunk",
    file: proofs,
    from: "isWhole && poolSize === 0;",
    to: "isWhole && poolSize < 0;",
  },
  {
    name: "what a live pod has proven stays so when it shows more",
    file: proofs,
    from: "mostAfter(shown, terms.before) <= terms.size;",
    to: "mostAfter(shown, terms.before) < Infinity;",
  },
  {
    name: "what a live pod has shown beyond its size forgotten with the next reading",
    file: sizes,
    from: "mostAfter(shown, provenSince(proof, sinceMs))",
    to: "0 * mostAfter(shown, provenSince(proof, sinceMs))",
  },
  {
    name: "what a live pod has proven of one size taken for a proof of the next",
    file: memory,
    from: "const sight = last && isSameSize(last, live) ? last : newlySeen(live, last, now);",
    to: "const sight = last ?? newlySeen(live, last, now);",
  },
  {
    name: "a resize without an answer forgotten while a watch may be late",
    file: memory,
    from: "const doubtMs = 200_000;",
    to: "const doubtMs = 60_000;",
  },
  {
    name: "live pods grow into slots that are not free",
    file: resizes,
    from: "if (addedSlots(one, target) <= freeSlots) return target;",
    to: "if (addedSlots(one, target) >= 0) return target;",
  },
  {
    name: "two live pods grow into the same slots",
    file: resizes,
    from: "terms.limits.raiseLive(index, addedSlots(one, poolSize));",
    to: "terms.limits.raiseLive(index, 0);",
  },
  {
    name: "a resize that is sent and not seen yet forgotten",
    file: memory,
    from: "this.#keepSent(uid, (sent) => !isSeen(live, sent));",
    to: "this.#keepSent(uid, () => false);",
  },
  {
    name: "a resize without an answer taken for one that was not heard",
    file: "src/reconcile/apply/pod-writes.ts",
    from: 'if (outcome.kind !== "unavailable") live.forgetSent(uid, sent);',
    to: "live.forgetSent(uid, sent);",
  },
  {
    name: "a resized pod does not say what it had before",
    file: "src/reconcile/apply/resize-pods.ts",
    from: "return { from: pod.own.poolSize, atMs, touches: 0 };",
    to: "return { from: 0 * pod.own.poolSize, atMs, touches: 0 };",
  },
  {
    name: "rollouts wait for ever for pods whose growth is refused",
    file: "src/domain/decide/rolls.ts",
    from: "grows.some(({ pod }) => pod.live?.refused === undefined)",
    to: "grows.length > 0",
  },
  {
    name: "a refused growth written beside a rollout, which did not count with it",
    file: "src/domain/decide/rolls.ts",
    from: 'resizes: live.resizes.filter(({ why }) => why !== "Grow")',
    to: "resizes: live.resizes",
  },
  {
    name: "a resize that is refused tried again at once",
    file: resizes,
    from: "(refused?.untilMs ?? 0) <= nowMs",
    to: "(refused?.untilMs ?? 0) <= nowMs + 60_000",
  },
  {
    name: "all pods of a pool whose resizes are refused tried again at once",
    file: resizes,
    from: "return candidates.filter((one) => !queued.has(one));",
    to: "return candidates;",
  },
  {
    name: "what a pod holds that cannot be resized taken for what it gives back",
    file: resizes,
    from: "if (isRefused(pod) || !givesBackSoon(pod)) continue;",
    to: "",
  },
  {
    name: "a resize refused as a conflict forgotten, so that it is decided again and again",
    file: "src/reconcile/apply/resize-pods.ts",
    from: "retryMs: refused.note(pod, failure, nowMs)",
    to: 'retryMs: failure.kind === "conflict" ? 1_000 : refused.note(pod, failure, nowMs)',
  },
  {
    name: "the file of a live pool mounted into a volume of all of /etc, which may be read-only",
    file: "src/api/group.ts",
    from: "(etc([./]*|/[./]*poolwarden(/.*)?))?$",
    to: "etc/[./]*poolwarden(/.*)?$",
  },
  {
    name: "a moment in which sessions look translated restarts a live fleet",
    file: sizes,
    from: "const isKept = obstacle.isOfReadings && clock.staysLive(pool);",
    to: "const isKept = false;",
  },
  {
    name: "a live pool whose sessions cannot be told proves that it has shrunk by showing none",
    file: sizes,
    from: "if (pool.isLiveInDoubt === true) return before;",
    to: "",
  },
  {
    name: "a new operator restarts a live fleet whose sessions look translated",
    file: "src/reconcile/memory/live-words.ts",
    from: "if (!word) return wasLive === true;",
    to: "if (!word) return false;",
  },
  {
    name: "a live pool not told that another server would have to show it as well",
    file: "src/reconcile/observe/live-facts.ts",
    from: "const onSeveral = onSeveralServers(snapshots);",
    to: "const onSeveral = onSeveralServers(snapshots.slice(0, 1));",
  },
  {
    name: "a live pod that was resized grows by parts, with a write for each",
    file: resizes,
    from: "const isAwaited = isPart && pod.live?.resizedAtMs !== undefined;",
    to: "const isAwaited = isPart && poolSize < 0;",
  },
  {
    name: "others get the slots that a live pod waits for",
    file: resizes,
    from: "kept.set(account, (kept.get(account) ?? 0) + freeSlots);",
    to: "kept.set(account, (kept.get(account) ?? 0) + 0 * freeSlots);",
  },
  {
    name: "a live pod waits for slots that nobody leaves",
    file: resizes,
    from: "freeSlots >= wantedSlots || freeSlots + comingSlots(account.positions) >= wantedSlots;",
    to: "freeSlots >= wantedSlots || comingSlots(account.positions) >= 0;",
  },
  {
    name: "the first live pods of a server pass for pods that have run for long",
    file: "src/reconcile/memory/live-memory.ts",
    from: "    this.#seen.set(server, { pods, ...start });\n    return {",
    to: "    if (pods.size > 0) this.#seen.set(server, { pods, ...start });\n    return {",
  },
];
