// How long the statuses of one namespace keep another's waiting, where each write takes its time.

import { beforeEach, describe, expect, it } from "vitest";
import type { PolicyFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import type { Cluster } from "../../src/ports.ts";
import { noActs } from "../../src/reconcile/apply/acts-of-now.ts";
import { apply, type Applied, type Applier } from "../../src/reconcile/apply/apply.ts";
import { PassingFailures } from "../../src/reconcile/apply/attempts.ts";
import { ContestedActs } from "../../src/reconcile/memory/contested-acts.ts";
import { GrowthHolds } from "../../src/reconcile/memory/growth-holds.ts";
import { DoubtfulGrants } from "../../src/reconcile/memory/doubtful-grants.ts";
import { Expectations } from "../../src/reconcile/memory/expectations.ts";
import { LiveMemory } from "../../src/reconcile/memory/live-memory.ts";
import { PastEvictions } from "../../src/reconcile/memory/past-evictions.ts";
import { PastRolls } from "../../src/reconcile/memory/past-rolls.ts";
import { Refusals } from "../../src/reconcile/memory/refusals.ts";
import { WrittenStatuses } from "../../src/reconcile/memory/written-statuses.ts";
import {
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../support/builders.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const crowd = 300;

interface Written {
  readonly policy: string;
  readonly atMs: number;
}

interface Sizes {
  readonly crowd: number;
  readonly victim: number;
}

interface Place {
  readonly policy: PolicyFacts;
  readonly workload: PoolFacts;
}

let clock: VirtualClock;
let writeMs: number;
let begun: Written[];
let underWay: number;
let mostAtOnce: number;
/** The policy whose status somebody else changes each time. */
let contested: string;

beforeEach(() => {
  clock = new VirtualClock();
  contested = "";
  writeMs = 150;
  [begun, underWay, mostAtOnce] = [[], 0, 0];
});

/** An API server that takes its time for each status. */
function slowApplier(changes: Partial<Applier> = {}): Applier {
  const refuse = (): Promise<never> => Promise.reject(new Error("nobody asked for this"));
  const cluster: Cluster = {
    ...{ readData: refuse, readWorkload: refuse, apply: refuse, release: refuse, remove: refuse },
    ...{ evict: refuse, resizePod: refuse, releasePod: refuse, createEvent: refuse },
    writeStatus: async (policy) => {
      begun.push({ policy, atMs: clock.monotonicMs() });
      mostAtOnce = Math.max(mostAtOnce, (underWay += 1));
      await new Promise<void>((resolve) => clock.after(writeMs, resolve));
      underWay -= 1;
      const conflict = { kind: "conflict", message: "changed meanwhile", managers: [] } as const;
      if (policy === contested) return conflict;
      return { kind: "ok", value: { key: policy, uid: "uid", resourceVersion: "2" } };
    },
  };
  return {
    ...{ cluster, clock, statuses: new Expectations<never>(), templates: new Expectations<true>() },
    ...{ pastRolls: new PastRolls(), pastEvictions: new PastEvictions(), live: new LiveMemory() },
    ...{ written: new WrittenStatuses(), doubtful: new DoubtfulGrants(), refusals: new Refusals() },
    ...{ passing: new PassingFailures(), contested: new ContestedActs(), isCurrent: () => true },
    growth: new GrowthHolds(),
    ...{ decideAgain: () => Promise.resolve(noActs), ...changes },
  };
}

function placeOf(namespace: string, name: string, poolSize: number): Place {
  const policy = aPolicy(name, { namespace, status: {} });
  const workload = aWorkload(name, {
    ...{ namespace, policy: policy.key, pods: pods(1, { poolSize }), grant: aGrant(poolSize) },
  });
  return { policy, workload };
}

/** Of namespace `crowd`, which sorts before that of the victim, as many policies as one likes. */
function crowded({
  sizes,
  victims = ["orders"],
}: {
  readonly sizes: Sizes;
  readonly victims?: readonly string[];
}): Plan {
  const places = [
    ...Array.from({ length: crowd }, (_, index) => placeOf("crowd", `p${index}`, sizes.crowd)),
    ...victims.map((name) => placeOf("victim", name, sizes.victim)),
  ];
  return planned(places);
}

function planned(places: readonly Place[]): Plan {
  const reading = aReading({ maxConnections: 1_000 });
  const snapshot = aSnapshot({
    policies: places.map(({ policy }) => policy),
    workloads: places.map(({ workload }) => workload),
    maxConnections: reading.maxConnections,
  });
  return plan(snapshot, startMs);
}

async function applied(
  decision: Plan,
  applier: Applier = slowApplier(),
): Promise<{ readonly applied: Applied; readonly tookMs: number }> {
  let tookMs = 0;
  const applying = apply(applier, decision, new AbortController().signal).then((result) => {
    tookMs = clock.monotonicMs();
    return result;
  });
  await clock.advance(30 * 60_000);
  return { applied: await applying, tookMs };
}

function atMsOf(policy: string): number {
  return begun.find((one) => one.policy === policy)?.atMs ?? Infinity;
}

describe("a victim beside 300 policies of one namespace", () => {
  it("has its shrink written at once, also where all of them shrink", async () => {
    const decision = crowded({ sizes: { crowd: 10, victim: 100 } });
    expect(decision.pools.every(({ grant }) => grant.decision === "Shrink")).toBe(true);

    await applied(decision);

    expect(atMsOf("victim/orders")).toBe(0);
  });

  it("has it written before what only says something new", async () => {
    const decision = crowded({ sizes: { crowd: 2, victim: 500 } });
    expect(decision.pools.map(({ grant }) => grant.decision)).not.toContain("Grow");
    expect(decision.pools.at(-1)?.grant.decision).toBe("Shrink");

    await applied(decision);

    expect(begun[0]?.policy).toBe("victim/orders");
  });

  it("waits little more than two seconds until a decision before its own has ended", async () => {
    const { tookMs, applied: found } = await applied(
      crowded({ sizes: { crowd: 10, victim: 100 } }),
    );

    expect(tookMs).toBeLessThanOrEqual(2_000 + writeMs);
    expect(begun.length).toBeGreaterThan(40);
    expect(begun.length).toBeLessThan(crowd);
    expect(found.statuses).toHaveLength(begun.length);
    expect(found.retryAfterMs).toBe(250);
    expect(mostAtOnce).toBe(4);
  });

  it("waits no longer where the decision is on several servers, and this one comes last", async () => {
    const decision = crowded({ sizes: { crowd: 10, victim: 100 } });
    const { tookMs } = await applied(decision, slowApplier({ decidedAtMs: -2_000 }));
    expect(atMsOf("victim/orders")).toBe(0);
    expect(begun).toHaveLength(2);
    expect(tookMs).toBe(writeMs);
  });

  it("has its status written in each decision, however long the shrinks of others take", async () => {
    const decision = crowded({ sizes: { crowd: 10, victim: 1 } });
    expect(decision.pools.at(-1)?.grant.decision).toBe("Wait");

    await applied(decision);

    expect(begun.at(-1)?.policy).toBe("victim/orders");
    expect(atMsOf("victim/orders")).toBeLessThanOrEqual(2_000 + writeMs);
  });
});

describe("a victim of which one policy is never written", () => {
  const sizes = { crowd: 10, victim: 1 };
  const victims = ["a", "b"];

  it("has the other one written in its place, where that one must wait", async () => {
    const applier = slowApplier({ isCurrent: (policy) => policy !== "victim/a" });

    await applied(crowded({ sizes, victims }), applier);

    expect(begun.map(({ policy }) => policy)).toContain("victim/b");
  });

  it("has the other one written in the next decision, where that one was tried", async () => {
    contested = "victim/a";
    const applier = slowApplier();
    const decision = crowded({ sizes, victims });

    await applied(decision, applier);
    expect(begun.at(-1)?.policy).toBe("victim/a");
    await applied(decision, applier);

    expect(begun.at(-1)?.policy).toBe("victim/b");
  });
});

describe("namespaces that share a server of an API server that does not answer", () => {
  /** Three in each of 150, of which one shrinks, one says something new and one grows. */
  function crowdOfNamespaces(): Plan {
    const namespaces = Array.from({ length: 150 }, (_, index) => `team-${index}`);
    const of = (name: string, size: number): readonly Place[] =>
      namespaces.map((namespace) => placeOf(namespace, name, size));
    return planned([...of("large", 100), ...of("small", 1), ...of("same", 2)]);
  }

  it("let a decision end well within the two minutes after which a run hangs", async () => {
    writeMs = 10_000;

    const { tookMs, applied: found } = await applied(crowdOfNamespaces());

    expect(tookMs).toBeLessThanOrEqual(3 * 16_000);
    expect(found.retryAfterMs).toBe(250);
  });

  it("come first the next time, where they were left", async () => {
    writeMs = 10_000;
    const applier = slowApplier();
    const decision = crowdOfNamespaces();

    for (let count = 0; count < 5; count++) await applied(decision, applier);

    const tried = begun.map(({ policy }) => policy);
    expect(tried.length).toBeGreaterThanOrEqual(40);
    expect(new Set(tried).size).toBe(tried.length);
  });
});

it("what was decided before the process was stopped for minutes is decided anew, however little it is", async () => {
  const decision = planned([placeOf("shop", "orders", 2), placeOf("bank", "books", 500)]);
  const phases = decision.pools.map(({ grant }) => grant.decision);
  expect(phases).toEqual(["Shrink", "Wait"]);
  // The first write has no answer for so long.
  writeMs = 290_000;
  const { applied: found } = await applied(decision);
  expect(begun.map(({ policy }) => policy)).toEqual(["bank/books"]);
  expect(found.retryAfterMs).toBe(250);
});
