// What is said of the use of pools over hours: seldom, with what the next process goes on from.
import fc from "fast-check";
import { beforeEach, describe, expect, it, test } from "vitest";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";
import { wantedSizeOf } from "../../src/domain/demand/wanted-size.ts";
import type { ClientsAtWork, SaidUse } from "../../src/domain/facts/facts.ts";
import { PoolUse, sayEveryMs } from "../../src/reconcile/memory/pool-use.ts";
import { aPolicy, aWorkload, pods } from "../support/builders.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const lookEveryMs = 5_000;
const decideEveryMs = 5 * minuteMs;
const hourMs = 60 * minuteMs;

let world: MemoryWorld;

function fleet(spec: object = {}): void {
  world = new MemoryWorld();
  world.policy("orders", spec);
  world.deployment("web", { replicas: 3 });
}

/** What each pod has at work, by its place, at each look. */
type Load = (pod: number, nowMs: number, key: string) => number;

function clients(load: Load): ClientsAtWork[] {
  const running = [...world.stores.pods.values()];
  return running.map(({ addresses: [address = ""], key }, place) => {
    return { user: "app", address, sessions: 10, atWork: load(place, world.nowMs, key) };
  });
}

/** Looked at every five seconds; decided every five minutes. */
async function pass(forMs: number, load: Load, everyMs = lookEveryMs): Promise<void> {
  const endMs = world.nowMs + forMs;
  while (world.nowMs < endMs) {
    for (let at = 0; at < decideEveryMs; at += everyMs) {
      world.nowMs += everyMs;
      world.operator.lookAtWork(server, clients(load));
    }
    world.read({});
    await world.look();
  }
}

function row(name = "web"): WorkloadRow {
  const found = world.status("orders").workloads?.find(({ workload }) => workload.endsWith(name));
  if (!found) throw new Error(`no row of ${name}`);
  return found;
}

const writes = (): number => world.cluster.writes.filter(({ kind }) => kind === "status").length;
const six: Load = (pod) => (pod === 1 ? 6 : 2);

beforeEach(() => {
  fleet();
});

describe("a recommendation", () => {
  it("comes when enough was seen, and is the peak of one pod x 1.2", async () => {
    await pass(sayEveryMs, six);
    expect(row()).not.toHaveProperty("recommendedPoolSize");
    await pass(sayEveryMs, six);
    expect(row()).toMatchObject({ inUse: { peak: 6 }, recommendedPoolSize: 8 });
    expect(row().recommendation).toContain("confidence Low");
  });

  it("follows more load within ten minutes, and less only after six hours", async () => {
    await pass(hourMs, six);
    await pass(2 * sayEveryMs, () => 12);
    expect(row().recommendedPoolSize).toBe(15);
    await pass(5 * hourMs, six);
    expect(row().recommendedPoolSize).toBe(15);
  });

  it("is kept over a restart of the operator, and over a quiet night after it", async () => {
    await pass(26 * hourMs, six);
    const { recommendedPoolSize, recommendation, inUse } = row();
    expect(recommendation).toContain("confidence Medium");
    world.restartOperator();
    const before = writes();
    await world.look();
    expect(row()).toMatchObject({ recommendedPoolSize, recommendation, inUse });
    await pass(5 * hourMs, () => 0);
    expect(row()).toMatchObject({ recommendedPoolSize, recommendation });
    expect(writes() - before).toBeLessThanOrEqual(2);
  });

  it("is as sure after a day and more of operators that change twice a day", async () => {
    for (let times = 0; times < 3; times++) {
      await pass(12 * hourMs, six, minuteMs);
      world.restartOperator();
      await world.look();
    }
    expect(row().recommendation).toContain("confidence Medium");
  });

  it("of a pool with less at work stays for six hours when more is said of another", async () => {
    world.deployment("api", { replicas: 1 });
    const ofApi = (atWork: number, others: Load): Load => {
      return (pod, nowMs, key) => (key.includes("api") ? atWork : others(pod, nowMs, key));
    };
    await world.pass(10 * minuteMs);
    await pass(hourMs, ofApi(4, six));
    expect(row("api").recommendedPoolSize).toBe(5);
    await pass(
      hourMs,
      ofApi(12, () => 0),
    );
    await pass(
      hourMs,
      ofApi(18, () => 0),
    );
    expect(row("api").recommendedPoolSize).toBe(22);
    expect(row("web").recommendedPoolSize).toBe(8);
  });

  it("goes away where the policy does not want to know", async () => {
    await pass(hourMs, six);
    world.policy("orders", { demand: "Ignore" });
    await pass(hourMs, six);
    expect(row()).not.toHaveProperty("inUse");
    expect(row()).not.toHaveProperty("recommendedPoolSize");
  });
});

describe("the status", () => {
  it("is not written for hours for a load that is as it was", async () => {
    await pass(hourMs, six);
    const before = writes();
    await pass(2 * hourMs, (pod, nowMs) => (nowMs % 7 === 0 ? 1 : six(pod, nowMs, "")));
    expect(writes()).toBe(before);
  });

  it("is written once in ten minutes at most, however the load moves", async () => {
    await pass(hourMs, six);
    const before = writes();
    let most = 0;
    await pass(hourMs, () => (most += 0.05));
    expect(writes() - before).toBeLessThanOrEqual(6);
    expect(writes()).toBeGreaterThan(before);
  });

  it("keeps what the next process goes on from in a few hundred bytes", async () => {
    await pass(6 * hourMs, (pod, nowMs) => (nowMs / lookEveryMs) % (7 + pod));
    expect(row().inUse?.kept.length).toBeLessThan(300);
  });
});

test("a pool that was always full is not when it was raised, within ten minutes", async () => {
  fleet({ workloads: [{ name: "web", poolSize: { max: 6 } }] });
  world.deployment("web", { containers: [aContainer(6)] });
  const reasons = (): readonly string[] =>
    (world.status("orders").findings ?? []).map(({ reason }) => reason);
  await world.pass(10 * minuteMs);
  await pass(hourMs, () => 6);
  expect(reasons()).toContain("PoolAlwaysFull");
  world.policy("orders", { workloads: [{ name: "web", poolSize: { max: 12 } }] });
  await world.pass(10 * minuteMs);
  await pass(hourMs, () => 6);
  expect(row().poolSize).toBe(12);
  expect(reasons()).not.toContain("PoolAlwaysFull");
});

test("a pool that nobody names any more is forgotten", async () => {
  await pass(hourMs, six);
  world.deleteDeployment("web");
  await pass(hourMs, six);
  world.deployment("web", { replicas: 3 });
  await pass(decideEveryMs, () => 1);
  expect(row()).not.toHaveProperty("inUse");
});

describe("a status that somebody wrote by hand", () => {
  const policy = aPolicy("orders", { spec: { demand: "Share" } });
  const web = aWorkload("web", { policy: policy.key, pods: pods(4, { poolSize: 8 }) });
  const kept = "1500 6000 5900 4 6:10000";
  const readBack = (inUse: unknown): SaidUse | undefined => {
    const row = { inUse } as Pick<WorkloadRow, "inUse">;
    return new PoolUse({ monotonicMs: () => 0 }).factsOf(web, policy, row).use;
  };

  it.each([
    [{ peak: 6, percent: 75, kept }, 6],
    [{ peak: 0, percent: 0, kept }, 6],
    [{ peak: -5, kept }, 6],
    [{ peak: 1e9, kept }, 6],
    [{ peak: "6", kept }, 6],
    [{ kept }, 6],
    [{ peak: 6 }, undefined],
    [{ peak: 6, kept: "all of it" }, undefined],
    [{ peak: 6, kept: ["1500", "6000"] }, undefined],
  ])("%j: a peak of %j", (inUse, want) => {
    expect(readBack(inUse)?.peak).toBe(want);
  });

  it("is never a size that is none", () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            peak: fc.anything(),
            isFull: fc.anything(),
            isBursting: fc.anything(),
            kept: fc.oneof(
              fc.anything(),
              fc.stringMatching(/^1500 \d{4,9} \d{1,9} \d \d{1,3}:\d{1,5}$/),
            ),
          },
          { requiredKeys: [] },
        ),
        (inUse) => {
          const use = readBack(inUse);
          const size = wantedSizeOf(policy, { ...(use && { use }), sizing: web.sizing });
          if (size !== undefined) expect(size).toBeGreaterThanOrEqual(web.sizing.floor);
          if (use) expect(Number.isSafeInteger(use.peak)).toBe(true);
        },
      ),
    );
  });
});
