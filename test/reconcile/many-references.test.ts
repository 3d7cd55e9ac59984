// A namespace whose templates refer to more ConfigMaps than anybody has, or to others all the time:
// what it costs is bounded, and the turns of the others are not its own.
import { expect, test } from "vitest";
import type { QuotaSetting } from "../../src/domain/supply/quota-settings.ts";
import { aDeployment, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";
import { type Bench, openBench, said, unavailable } from "../support/references-bench.ts";
import { settle } from "../support/virtual-clock.ts";

const names = (count: number, prefix = "c"): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** Looked up and answered. */
async function read(bench: Bench, ...wanted: readonly string[]): Promise<void> {
  const fetching = bench.references.refresh(bench.lookUp(...wanted).lookups);
  await bench.answerAll(said("7"));
  await fetching;
}

test("half of the turns are left to others, who do not wait behind it", async () => {
  const bench = openBench();
  void bench.references.refresh(bench.lookUp(...names(400)).lookups);
  await settle();
  expect(bench.asked.map(({ namespace }) => namespace)).toEqual(["shop", "shop", "shop", "shop"]);
  const { lookups } = bench.lookUpIn("bank", "web", ["theirs"]);
  const fetching = bench.references.refresh(lookups);
  await settle();
  expect(bench.asked.at(-1)).toMatchObject({ namespace: "bank", name: "theirs" });
  bench.asked.at(-1)?.answer(said("9"));
  await fetching;
  expect(bench.lookUpIn("bank", "web", ["theirs"]).values).toEqual(["9"]);
});

test("the next turn is that of whoever has the fewest", async () => {
  const bench = openBench();
  for (const namespace of ["shop", "bank"]) {
    const { lookups } = bench.lookUpIn(namespace, "web", names(400));
    void bench.references.refresh(lookups);
  }
  void bench.references.refresh(bench.lookUpIn("third", "web", ["theirs"]).lookups);
  await settle();
  expect(bench.asked).toHaveLength(8);
  bench.asked[0]?.answer(said("7"));
  await settle();
  expect(bench.asked.at(-1)).toMatchObject({ namespace: "third" });
});

test("of one namespace five hundred are looked up in, of each other as well", async () => {
  const bench = openBench();
  await read(bench, ...names(501));
  const { values } = bench.lookUp(...names(501));
  expect(values.filter((value) => value === "7")).toHaveLength(500);
  expect(values[500]).toBe(undefined);
  const { lookups } = bench.lookUp(...names(501));
  lookups.inTemplate("bank")({ kind: "ConfigMap", name: "theirs", key: "web" });
  expect([...lookups.wanted.sources()]).toHaveLength(501);
});

test("names that change faster than they are fetched pile up to a thousand", async () => {
  const bench = openBench();
  for (let round = 0; round < 20; round++) {
    void bench.references.refresh(bench.lookUp(...names(200, `${round}-`)).lookups);
  }
  expect(await bench.answerAll(said("7"))).toBe(1_000);
  await bench.clock.advance(minuteMs + 1);
  await read(bench, "one-more");
  expect(bench.lookUp("one-more").values).toEqual(["7"]);
});

test("the thousand that were used last are kept", async () => {
  const bench = openBench();
  await read(bench, ...names(500, "a"));
  await read(bench, ...names(500, "b"));
  await bench.clock.advance(minuteMs + 1);
  await read(bench, "a0");
  await read(bench, "new");
  expect(bench.lookUp("a0", "a1", "a2", "b0").values).toEqual(["7", undefined, "7", "7"]);
});

test("more than a thousand in use are not fetched in turns: those that come later count as absent", async () => {
  const bench = openBench();
  const servers = ["a", "b", "c", "d"].map((prefix) => names(400, prefix));
  let fetches = 0;
  for (let round = 0; round < 20; round += 1) {
    for (const wanted of servers) {
      void bench.references.refresh(bench.lookUp(...wanted).lookups);
      fetches += await bench.answerAll(said("7"));
    }
    await bench.clock.advance(1_000);
  }
  // The third server was told of 400 at once, before it was known how many have room.
  expect(fetches).toBe(1_200);
  const known = servers.map((wanted) => {
    const { lookups, values } = bench.lookUp(...wanted);
    expect(bench.references.unansweredIn(lookups)).toEqual(new Set());
    return values.filter((value) => value === "7").length;
  });
  expect(known).toEqual([400, 400, 200, 0]);
  expect(bench.warnings).toEqual([{ namespace: "shop", keptMax: 1_000 }]);
});

test("one that had no room is fetched once another is in use no more", async () => {
  const bench = openBench();
  for (const prefix of ["a", "b"]) await read(bench, ...names(500, prefix));
  await read(bench, "late");
  expect(bench.lookUp("late").values).toEqual([undefined]);
  await bench.clock.advance(minuteMs + 1);
  await read(bench, "late");
  expect(bench.lookUp("late").values).toEqual(["7"]);
});

test("what nobody looks up for an hour is forgotten, and of others it is not", async () => {
  const bench = openBench();
  await read(bench, "old", "used");
  await bench.clock.advance(40 * minuteMs);
  await read(bench, "used");
  await bench.clock.advance(40 * minuteMs);
  await read(bench, "new");
  expect(bench.lookUp("old", "used", "new").values).toEqual([undefined, "7", "7"]);
});

test("of a ConfigMap nothing is kept but the keys that were looked up", async () => {
  const bench = openBench();
  const lookedUp = (key: string): ReturnType<Bench["lookUpIn"]> =>
    bench.lookUpIn("shop", key, ["sizes"]);
  const data = { web: "7", worker: "9" };
  const answer = { kind: "ok", value: { resourceVersion: "1", data } } as const;

  void bench.references.refresh(lookedUp("web").lookups);
  expect(await bench.answerAll(answer)).toBe(1);
  const { lookups, values } = lookedUp("worker");
  expect(values).toEqual([undefined]);
  expect(bench.references.unansweredIn(lookups)).toEqual(new Set(["shop"]));

  const fetching = bench.references.refresh(lookups);
  expect(await bench.answerAll(answer)).toBe(1);
  await fetching;
  expect([lookedUp("web").values, lookedUp("worker").values]).toEqual([["7"], ["9"]]);
  expect(bench.references.unansweredIn(lookedUp("worker").lookups)).toEqual(new Set([]));
  expect(bench.references.refresh(lookedUp("web").lookups)).toBe(undefined);
});

/** Two policies look up so many keys each, of one ConfigMap, in turn: how often it is fetched. */
async function fetchesOfTwo(count: number, rounds: number, roundMs: number): Promise<number> {
  const bench = openBench();
  const keysOf = (policy: string): string[] => names(count, `${policy}-`);
  const data = Object.fromEntries([...keysOf("a"), ...keysOf("b")].map((key) => [key, "7"]));
  let fetches = 0;
  for (let round = 0; round < rounds; round++) {
    for (const policy of ["a", "b"]) {
      const { lookups } = bench.lookUpIn("shop", `${policy}-0`, ["sizes"]);
      const resolve = lookups.inTemplate("shop");
      for (const key of keysOf(policy)) resolve({ kind: "ConfigMap", name: "sizes", key });
      void bench.references.refresh(lookups);
      fetches += await bench.answerAll({ kind: "ok", value: { resourceVersion: "1", data } });
    }
    await bench.clock.advance(roundMs);
  }
  return fetches;
}

test("policies that look up a hundred keys each of one ConfigMap have it fetched once each", async () => {
  expect(await fetchesOfTwo(100, 20, 500)).toBe(2);
});

test("where they look up more than are kept, it is fetched every five seconds", async () => {
  expect(await fetchesOfTwo(150, 40, 500)).toBeLessThanOrEqual(5);
});

test("of too many keys those that were looked up longest ago are left out", async () => {
  const bench = openBench();
  const data = Object.fromEntries([...names(200), ...names(100, "d")].map((key) => [key, "7"]));
  const lookUp = async (keys: readonly string[]): Promise<readonly (string | undefined)[]> => {
    const { lookups } = bench.lookUp();
    const resolve = lookups.inTemplate("shop");
    const values = keys.map((key) => resolve({ kind: "ConfigMap", name: "sizes", key }));
    void bench.references.refresh(lookups);
    await bench.answerAll({ kind: "ok", value: { resourceVersion: "1", data } });
    return values;
  };
  await lookUp(names(200));
  await lookUp(names(50));
  await bench.clock.advance(5_000);
  await lookUp(names(100, "d"));
  const values = await lookUp([...names(50), "c50", "d99"]);
  expect(new Set(values.slice(0, 50))).toEqual(new Set(["7"]));
  expect(values.slice(50)).toEqual([undefined, "7"]);
});

/** Namespace bank names a ConfigMap that nobody answers for, in a Deployment without pods. */
function join({ cluster, stores, nowMs }: MemoryWorld): void {
  const read = cluster.readData.bind(cluster);
  cluster.readData = (kind, namespace, name, keys) =>
    kind === "ConfigMap" ? Promise.resolve(unavailable) : read(kind, namespace, name, keys);
  const ofBank = { namespace: "bank", uid: "bank", key: "bank/app", name: "app" };
  const database = { address: server, maxConnections: 200 };
  const spec = { database, workloads: [{ name: "app" }] };
  for (const policy of [...stores.policies.values()].slice(0, 1)) {
    stores.policies.set({ ...policy, ...ofBank, spec, status: undefined });
  }
  const envFrom = [{ kind: "ConfigMap", name: "sizes", prefix: "" } as const];
  const containers = [{ name: "app", env: [], envFrom }];
  stores.Deployment.set({ ...aDeployment("app", nowMs), ...ofBank, replicas: 0, containers });
}

function ceiling(world: MemoryWorld, max: number): void {
  world.policy("orders", { workloads: [{ name: "web", poolSize: { max } }] });
}

test.each<{ name: string; shares: QuotaSetting[]; want: number }>([
  {
    name: "where it is bounded, grows",
    shares: [{ namespace: "*", amount: 50, unit: "percent" }],
    want: 12,
  },
  { name: "where it is not, waits", shares: [], want: 5 },
])("who is beside a namespace with unread values, $name", async ({ shares, want }) => {
  const world = new MemoryWorld();
  world.bounds = { namespaceQuotas: shares };
  world.restartOperator();
  ceiling(world, 5);
  world.deployment("web");
  await world.pass(minuteMs, 5_000);
  expect(world.grant("orders", "web")).toBe(5);

  join(world);
  ceiling(world, 12);
  await world.pass(minuteMs, 5_000);

  expect(world.plan().snapshot.unreadIn).toEqual(["bank"]);
  expect(world.grant("orders", "web")).toBe(want);
});
