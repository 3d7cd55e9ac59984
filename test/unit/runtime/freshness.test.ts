// What counts as a sign that a cache has caught up with its server, and what a cache does whose
// watches give none: it must not pass for fresh while it lags, nor lose its freshness for nothing.

import { expect, test } from "vitest";
import { failure, type InformerSetup, minuteMs, pages, setUp } from "./informer-setup.ts";
import { aThing } from "./scripted-source.ts";

const bookmark = { type: "bookmark", resourceVersion: "5" } as const;

/** For ten minutes one watch after the other comes to its end. How long it was not fresh. */
async function staleMsWith(
  { clock, informer }: InformerSetup,
  livesForMs: number,
  end: () => void,
): Promise<number> {
  let staleMs = 0;
  for (let passedMs = 0; passedMs < 10 * minuteMs; passedMs += 1_000) {
    await clock.advance(1_000);
    if (passedMs % livesForMs === 0) end();
    if (!informer.store.synced) staleMs += 1_000;
  }
  return staleMs;
}

test("what watches bring that break within 10 s keeps no cache fresh", async () => {
  const scene = setUp();
  const { source } = scene;
  scene.informer.start();
  await scene.clock.advance(0);
  source.lists = [failure("K8S_UNAVAILABLE")];
  const staleMs = await staleMsWith(scene, 5_000, () => {
    source.stream.send({ type: "set", object: aThing("a", 3) });
    source.stream.end();
  });
  // Fresh by its list for the first three minutes, and no longer.
  expect(staleMs).toBeGreaterThan(6.5 * minuteMs);
});

test.each([
  { name: "end", livesForMs: 5_000, error: undefined },
  { name: "fail", livesForMs: 5_000, error: failure("K8S_UNAVAILABLE") },
  { name: "are cut by a proxy before a bookmark", livesForMs: 35_000, error: undefined },
])("where watches $name, a list every two minutes keeps the cache fresh", async (row) => {
  const scene = setUp();
  scene.informer.start();
  const staleMs = await staleMsWith(scene, row.livesForMs, () => {
    scene.source.stream.fail(row.error);
  });
  expect(staleMs).toBe(0);
  expect(scene.source.listCount).toBeGreaterThanOrEqual(5);
  expect(scene.source.listCount).toBeLessThanOrEqual(10);
  // A list that is due is no failure.
  expect(scene.log.messages("warn").length > 0).toBe(row.error !== undefined);
});

test("watches that the server ends every few minutes cost neither freshness nor a list", async () => {
  const { informer, source, clock } = setUp();
  informer.start();
  let unsynced = 0;
  for (let second = 1; second <= 3_600; second++) {
    await clock.advance(1_000);
    // Each ends just before its fifth bookmark, so that two minutes pass without one.
    if (second % 299 === 0) source.stream.end();
    else if ((second % 299) % 60 === 0) source.stream.send(bookmark);
    if (!informer.store.synced) unsynced += 1;
  }
  expect(source.streams.length).toBeGreaterThan(12);
  expect(source.listCount).toBe(1);
  expect(unsynced).toBe(0);
});

test.each([
  { name: "a sign, once it has held for 10 s,", afterMs: 11_000, isFresh: true },
  { name: "no sign, just after it began,", afterMs: 5_000, isFresh: false },
])("what a watch brings is $name that the cache has caught up", async (row) => {
  const { informer, source, clock } = setUp();
  informer.start();
  await clock.advance(80_000);
  source.lists = [failure("K8S_UNAVAILABLE")];
  source.stream.end();
  await clock.advance(row.afterMs);
  source.stream.send(bookmark);
  await clock.advance(110_000);
  expect(informer.store.synced).toBe(row.isFresh);
  expect(source.listCount === 1).toBe(row.isFresh);
});

test("after an outage of three minutes it lists, and is fresh with that", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [pages(9), pages(50, aThing("a", 40))];
  informer.start();
  await clock.advance(minuteMs);
  source.refusals = Array.from({ length: 1_000 }, () => failure("K8S_UNAVAILABLE"));
  source.stream.fail(failure("K8S_UNAVAILABLE"));
  await clock.advance(3 * minuteMs);
  source.refusals = [];
  await clock.advance(30_000);
  expect(informer.store.synced).toBe(true);
  expect(source.listCount).toBeGreaterThan(1);
});
