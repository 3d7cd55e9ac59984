// A thousand seeds run in one process, so nothing may hold a run that is over: its operators are
// never stopped, and their watches, timers and promises never end. Some keep things for ever where
// nobody looks: Node.js holds on to every signal of AbortSignal.any that somebody listens to.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { simulate } from "./run.ts";
import { drawScenario, type Scenario } from "./scenario.ts";
import { settle } from "./time.ts";
import type { World } from "./world/world.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Its first minutes. */
function beginningOf(scenario: Scenario): Scenario {
  const faultsMs = 5 * 60_000;
  return { ...scenario, faultsMs, events: scenario.events.filter(({ atMs }) => atMs < faultsMs) };
}

test("runs that are over are let go, with their worlds and all who lived there", async () => {
  const worlds: WeakRef<World>[] = [];
  for (const seed of [1, 2, 3]) {
    await simulate(beginningOf(drawScenario(seed)), (world) => worlds.push(new WeakRef(world)));
  }
  const held = (): number => worlds.filter((world) => world.deref() !== undefined).length;
  for (let round = 0; round < 10 && held() > 0; round++) {
    // What was looked at is held until the end of its turn.
    await settle();
    collectGarbage();
  }
  expect(worlds).toHaveLength(3);
  expect(held()).toBe(0);
});
