// Defects in resizing pods while they run: slots given on before they are free.

import type { Mutant } from "./mutant.ts";

const sizes = "src/domain/supply/live-sizes.ts";
const resizes = "src/domain/decide/resizes.ts";

export const liveMutants: readonly Mutant[] = [
  {
    name: "a live pod that was shrunk counts with its annotation at once",
    file: sizes,
    from: "const held = hasLeft ? 0 : (live.earlier ?? 0);",
    to: "const held = hasLeft ? 0 : 0;",
  },
  {
    name: "a live pod's shrink proven by a reading from before the follow time was over",
    file: sizes,
    from: "one.isWhole && one.askedAtMs >= dueMs && one.poolSize <= size",
    to: "one.isWhole && one.askedAtMs <= Infinity * dueMs && one.poolSize <= size",
  },
  {
    name: "a live pod's shrink proven by a reading that does not show where sessions come from",
    file: sizes,
    from: "one.isWhole && one.askedAtMs >= dueMs",
    to: "one.askedAtMs >= dueMs",
  },
  {
    name: "what the server shows of a live pod beyond its size left out",
    file: sizes,
    from: "Math.max(live.size, latest, held)",
    to: "Math.max(live.size, held, 0 * latest)",
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
    file: "src/reconcile/memory/live-memory.ts",
    from: "if (isSeen(pod.live, sent)) {",
    to: "if (isSeen(pod.live, sent) || sent.touches >= 0) {",
  },
  {
    name: "a resized pod does not say what it had before",
    file: "src/reconcile/apply/resize-pods.ts",
    from: "return { from: pod.own.poolSize, atMs, touches: 0 };",
    to: "return { from: 0 * pod.own.poolSize, atMs, touches: 0 };",
  },
  {
    name: "a live pool not told that another server would have to show it as well",
    file: "src/reconcile/observe/live-facts.ts",
    from: "const isAlone = snapshots.length === 1;",
    to: "const isAlone = snapshots.length > 0;",
  },
];
