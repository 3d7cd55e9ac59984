// Defects in following poolers on their admin consoles: what is believed of them too early.

import type { Mutant } from "./mutant.ts";

const rules = "src/domain/supply/pooler-consoles.ts";
const words = "src/reconcile/memory/console-words.ts";
const resizes = "src/domain/decide/resizes.ts";
const follower = "src/reconcile/console-reconciler.ts";

export const consoleMutants: readonly Mutant[] = [
  {
    name: "a pooler that shows few sessions believed before its console has shown that it is down",
    file: rules,
    from: "isWithin ? within.sinceMs : Infinity",
    to: "isWithin ? within.sinceMs : -Infinity",
  },
  {
    name: "a pooler that is down to a former size believed to be down to its size",
    file: rules,
    from: "within.poolSize <= live.size",
    to: "within.poolSize >= 0",
  },
  {
    name: "what a pooler may open by its console's word left out",
    file: "src/domain/supply/live-sizes.ts",
    from: "held: Math.max(unproven, shownMost, ofConsole)",
    to: "held: Math.max(unproven, shownMost, 0 * ofConsole)",
  },
  {
    name: "what was proven of a pooler stays so after its size was put back",
    file: "src/domain/supply/live-sizes.ts",
    from: "before.askedAtMs < consoleMs;",
    to: "before.askedAtMs < 0 * consoleMs;",
  },
  {
    name: "a size that a RELOAD has put back forgotten as soon as it is set again",
    file: words,
    from: "isLarger ? foundSize : 0",
    to: "0 * foundSize",
  },
  {
    name: "a pool that is told a size taken to be down while its connections are open",
    file: words,
    from: "poolSize <= told && openMost <= told",
    to: "poolSize <= told",
  },
  {
    name: "a pooler in session mode is live",
    file: rules,
    from: "return sayFirst(pool, sessionMode) ?? ",
    to: "return ",
  },
  {
    name: "a pod whose console does not answer is resized",
    file: resizes,
    from: "isPending !== true && !isAway(pod) && ",
    to: "isPending !== true && ",
  },
  {
    name: "others wait for what a pod gives back whose console does not answer",
    file: resizes,
    from: "sum + unprovenSlots(position, givesBackSoon)",
    to: "sum + unprovenSlots(position, () => givesBackSoon.length > 0)",
  },
  {
    name: "a console is told a size that is the pod's no more",
    file: follower,
    from: "return isTold && mayWrite();",
    to: "return mayWrite();",
  },
  {
    name: "a console is told a size by a process that leads no more",
    file: follower,
    from: "return isTold && mayWrite();",
    to: "return isTold;",
  },
  {
    name: "no connection kept for a pooler that makes its connections anew",
    file: "src/api/sizing.ts",
    from: "entry.extraConnectionsPerPod + reconnecting(entry)",
    to: "entry.extraConnectionsPerPod + 0 * reconnecting(entry)",
  },
  {
    name: "connections of a busy pooler never asked back",
    file: "src/adapters/pgbouncer/consoles.ts",
    from: "const isDue = !isSet && above.length > 0",
    to: "const isDue = isSet && above.length > 0",
  },
  {
    name: "a size that was sent without an answer forgotten as soon as the next is smaller",
    file: "src/reconcile/memory/console-words.ts",
    from: "told > within.poolSize",
    to: "told > 10_000",
  },
  {
    name: "a pod whose console does not answer proves that it has come down",
    file: "src/domain/supply/pooler-consoles.ts",
    from: "const isKnown = failure === undefined && live !== undefined;",
    to: "const isKnown = (failure ?? true) !== undefined && live !== undefined;",
  },
  {
    name: "others wait for ever for what a pod never shows that it has given back",
    file: "src/domain/demand/live-pods.ts",
    from: "return !isAway(pod) && pod.live?.isOverdue !== true;",
    to: "return !isAway(pod);",
  },
  {
    name: "one of several processes on a port is told a size",
    file: "src/adapters/pgbouncer/consoles.ts",
    from: 'before.get("so_reuseport") === "1"',
    to: 'before.get("so_reuseport") === "2"',
  },
  {
    name: "a line is not repaired because of what a pod never shows that it has given back",
    file: "src/domain/decide/resizes.ts",
    from: "if (isRefused(pod) || !givesBackSoon(pod)) continue;",
    to: "if (isRefused(pod) || isAway(pod)) continue;",
  },
];
