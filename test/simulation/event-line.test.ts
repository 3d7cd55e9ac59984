// How far an operator has heard is what it is blamed for, so it is told exactly: by when things
// happened, not by when a watch that was broken brings them at last.

import { beforeEach, expect, test } from "vitest";
import type { ObservedPolicy } from "../../src/observed.ts";
import { constantRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { EventLine } from "./event-line.ts";
import { World } from "./world/world.ts";

let clock: VirtualClock;
let world: World;
const lagMs = 10;

beforeEach(() => {
  clock = new VirtualClock();
  world = new World({ clock, random: constantRandom() });
});

function watchFrom(resourceVersion: string, heardMs: number): EventLine<ObservedPolicy> {
  const conditions = { watchLagMs: [lagMs, lagMs] as const };
  const signal = new AbortController().signal;
  const line = new EventLine<ObservedPolicy>(
    { clock, random: constantRandom(), conditions },
    signal,
    heardMs,
  );
  const source = world.connect().sources.policies(undefined);
  line.fill((ended) => source.watch(resourceVersion, ended));
  return line;
}

test("a quiet watch has heard of everything up to now", async () => {
  const line = watchFrom(String(world.kinds.versions.last), clock.nowMs());
  const events = line.events();
  await takeAfterLag(events);
  void events.next();
  await clock.advance(5_000);
  expect(line.heardUntilMs).toBe(clock.nowMs());
});

test("a watch that resumes has not heard of what it has yet to bring, however old that is", async () => {
  const position = String(world.kinds.versions.last);
  const heardMs = clock.nowMs();
  await clock.advance(1_000);
  world.createPolicy({ namespace: "shop", name: "orders", spec: {} });
  await clock.advance(1_000);
  world.deletePolicy("shop/orders");
  const deletedMs = clock.nowMs();
  await clock.advance(60_000);

  const line = watchFrom(position, heardMs);
  expect(line.heardUntilMs).toBe(heardMs);
  const events = line.events();
  await takeAfterLag(events);
  const taken = [await takeAfterLag(events)];
  expect(taken).toMatchObject([{ type: "set" }]);
  // Whoever asks for the next one has taken this one.
  const next = events.next();
  expect(line.heardUntilMs).toBe(deletedMs - 1);
  await next;
  void events.next();
  await clock.advance(lagMs);
  expect(line.heardUntilMs).toBeGreaterThanOrEqual(deletedMs - 1);
});

test("a watch that ends has heard of everything up to its end", async () => {
  const line = watchFrom(String(world.kinds.versions.last), clock.nowMs());
  const events = line.events();
  await takeAfterLag(events);
  const end = expect(events.next()).rejects.toThrow("the stream was lost");
  await clock.advance(5_000);
  const endedMs = clock.nowMs();
  world.breakWatches();
  await end;
  await clock.advance(5_000);
  expect(line.heardUntilMs).toBe(endedMs);
});

async function takeAfterLag<T>(events: AsyncGenerator<T>): Promise<T> {
  const next = events.next();
  await clock.advance(lagMs);
  const taken = await next;
  if (taken.done === true) throw new RangeError("the watch has ended");
  return taken.value;
}
