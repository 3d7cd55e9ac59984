// What the lists and watches of the simulated API server do over time: signs of life, ends, breaks,
// and being called off. What a watch brings is held to the real one by test/contract/plane.

import { beforeEach, expect, test } from "vitest";
import { OperatorError } from "../../../src/errors.ts";
import type { ObservedPolicy } from "../../../src/observed.ts";
import type { WatchEvent } from "../../../src/ports.ts";
import { constantRandom } from "../../support/prng.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { World } from "./world.ts";

let clock: VirtualClock;
let world: World;

beforeEach(() => {
  clock = new VirtualClock();
  world = new World({ clock, random: constantRandom() });
});

interface Watching {
  readonly events: WatchEvent<ObservedPolicy>[];
  /** How it ended; undefined while it runs. */
  end?: unknown;
}

function watch(namespace?: string, signal = new AbortController().signal): Watching {
  const watching: Watching = { events: [] };
  const source = world.connect().sources.policies(namespace);
  const run = async (): Promise<string> => {
    const position = String(world.kinds.versions.last);
    for await (const event of source.watch(position, signal)) watching.events.push(event);
    return "ended";
  };
  run().then(
    (end) => {
      watching.end = end;
    },
    (error: unknown) => {
      watching.end = error;
    },
  );
  return watching;
}

function create(namespace: string, name: string): void {
  world.createPolicy({ namespace, name, spec: {} });
}

test("a quiet watch has a bookmark a minute, and is ended within ten", async () => {
  const watching = watch();
  await clock.advance(10 * 60_000);
  expect(watching.end).toBe("ended");
  const types = watching.events.map(({ type }) => type);
  expect(types).toEqual(new Array(6).fill("bookmark"));
});

test("a watch of one namespace brings nothing of another, but its position moves on", async () => {
  const watching = watch("shop");
  create("bank", "ledger");
  create("shop", "orders");
  await clock.advance(60_000);
  const [, ...events] = watching.events;
  expect(events).toEqual([
    { type: "set", object: expect.objectContaining({ key: "shop/orders" }) as unknown },
    { type: "bookmark", resourceVersion: String(world.kinds.versions.last) },
  ]);
});

test("a deletion is followed by the position that it made", async () => {
  create("shop", "orders");
  const { uid = "" } = world.kinds.policies.get("shop/orders") ?? {};
  const watching = watch();
  world.deletePolicy("shop/orders");
  await clock.advance(0);
  expect(watching.events.slice(1)).toEqual([
    { type: "delete", key: "shop/orders", uid },
    { type: "bookmark", resourceVersion: String(world.kinds.versions.last) },
  ]);
});

test("an object of the same name later is another object", () => {
  create("shop", "orders");
  const before = world.kinds.policies.get("shop/orders");
  world.deletePolicy("shop/orders");
  create("shop", "orders");
  expect(world.kinds.policies.get("shop/orders")?.uid).not.toBe(before?.uid);
});

test("a watch that is called off ends, and hears no more", async () => {
  const stopping = new AbortController();
  const watching = watch(undefined, stopping.signal);
  await clock.advance(0);
  stopping.abort();
  create("shop", "orders");
  await clock.advance(0);
  expect(watching.end).toBe("ended");
  expect(watching.events).toHaveLength(1);
});

test("a watch that breaks says so after what came before", async () => {
  const watching = watch();
  create("shop", "orders");
  world.breakWatches();
  await clock.advance(0);
  expect(watching.events).toHaveLength(2);
  expect(watching.end).toBeInstanceOf(OperatorError);
});

test("nothing is kept in motion by watches that nobody holds", async () => {
  const stopping = new AbortController();
  watch(undefined, stopping.signal);
  await clock.advance(0);
  expect(world.kinds.policies.isWatched).toBe(true);
  stopping.abort();
  expect(world.kinds.policies.isWatched).toBe(false);
});
