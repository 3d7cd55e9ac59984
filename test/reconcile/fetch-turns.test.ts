// Whose ConfigMaps and Secrets are fetched next, where those of one namespace take much time.

import { expect, test } from "vitest";
import { FetchTurns } from "../../src/reconcile/references/fetch-turns.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const fetchMs = 5;

/** How many of a hundred fetches of each namespace end within a second. */
async function endedWithin(busyMs: Readonly<Record<string, number>>): Promise<object> {
  const clock = new VirtualClock();
  const turns = new FetchTurns(clock);
  const ended: Record<string, number> = {};
  for (const [namespace, ms] of Object.entries(busyMs)) {
    for (let at = 0; at < 100; at++) {
      void turns.run(namespace, async () => {
        await new Promise<void>((resolve) => clock.after(fetchMs, resolve));
        ended[namespace] = (ended[namespace] ?? 0) + 1;
        return ms;
      });
    }
  }
  await clock.advance(1_000);
  return ended;
}

test("large ones of one namespace leave most of the time to others", async () => {
  expect(await endedWithin({ tenant: 20, shop: 0.5 })).toEqual({ tenant: 16, shop: 100 });
});

test("small ones are charged to nobody", async () => {
  expect(await endedWithin({ shop: 0.9 })).toEqual({ shop: 100 });
});

test("one that fails gives its turn back", async () => {
  const turns = new FetchTurns(new VirtualClock());
  const failing = Array.from({ length: 8 }, () =>
    turns.run("shop", () => Promise.reject(new Error("no"))),
  );
  await Promise.allSettled(failing);
  let ran = false;
  await turns.run("shop", () => {
    ran = true;
    return Promise.resolve(0);
  });
  expect(ran).toBe(true);
});
