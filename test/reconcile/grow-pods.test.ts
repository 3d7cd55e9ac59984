// When running pods grow, and new ones behind the gate start: after the statuses that say so, and
// not while somebody else writes these too. Two operators at once, by mistake, would give the same
// slots to different pods otherwise.

import { describe, expect, test } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { PodFacts, PolicyFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import type { Cluster, Outcome } from "../../src/ports.ts";
import { apply, type Applied, type Applier } from "../../src/reconcile/apply/apply.ts";
import { applierOn, stored } from "../support/applier.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../support/builders.ts";

const running = new AbortController().signal;
const conflict = { kind: "conflict", message: "modified", managers: [] } as const;
const ok: Outcome<undefined> = { kind: "ok", value: undefined };

function podOf(name: string, size: number): PodFacts[] {
  return pods(1, { name, poolSize: size, live: { size, touches: 0, isResized: true } });
}

/** A pod of 3 that may have far more, and one of 88 that gives way to it where that is needed. */
function growing(): PoolFacts {
  const sizing = { floor: 3, ceiling: 100 };
  return aWorkload("web", { pods: podOf("shop/web-0", 3), live: true, sizing, grant: aGrant(3) });
}

/** A pod waits behind the gate, and its slots are there. */
function starting(): PoolFacts {
  const waitingPods = pods(1, {
    ...{ name: "shop/web-1", createdAtMs: startMs - 1_000, gate: { place: 0 } },
  });
  return aWorkload("web", {
    ...{ pods: podOf("shop/web-0", 89), replicas: 2, waitingPods, maxPods: 50 },
    ...{ live: true, start: "WhenSlotsAreFree", sizing: { floor: 3, ceiling: 100 } },
    grant: aGrant(3, { gatedFromMs: startMs - 60_000 }),
  });
}

interface Fleet {
  readonly workload?: PoolFacts;
  readonly policy?: Partial<PolicyFacts>;
  readonly beside?: string;
  readonly quotas?: Plan["snapshot"]["namespaceQuotas"];
}

/** Policy shop/orders has a status to write, and one of another namespace where that is given. */
function decided({ workload = growing(), policy = {}, beside, quotas = [] }: Fleet = {}): Plan {
  const others = beside === undefined ? [] : [aPolicy("ledger", { namespace: beside })];
  const policies = [aPolicy("orders", policy), ...others];
  const scene = { policies, workloads: [workload], namespaceQuotas: quotas };
  return plan(aSnapshot(scene), startMs);
}

interface Trial {
  readonly applier: Applier;
  readonly log: string[];
  readonly statuses: PoolPolicyStatus[];
  waitMs(ms: number): void;
}

/** Statuses of a policy are answered as given, and so is what is written to pods. */
function trial(
  answerOf: (policy: string) => Outcome<never> | undefined = () => undefined,
  ofPods: { now: Outcome<undefined> } = { now: ok },
): Trial {
  const log: string[] = [];
  const statuses: PoolPolicyStatus[] = [];
  let nowMs = 0;
  const answers: Partial<Cluster> = {
    writeStatus: (policy, _version, status) => {
      log.push(`status of ${policy}`);
      if (policy === "shop/orders") statuses.push(status);
      return Promise.resolve(answerOf(policy) ?? stored("2"));
    },
    resizePod: ({ key }) => {
      log.push(`resize of ${key}`);
      return Promise.resolve(ofPods.now);
    },
    releasePod: ({ key }) => {
      log.push(`release of ${key}`);
      return Promise.resolve(ofPods.now);
    },
  };
  const applier = { ...applierOn(answers), clock: { monotonicMs: () => nowMs } };
  return { applier, log, statuses, waitMs: (ms) => void (nowMs += ms) };
}

async function grownIn({ applier }: Trial, decision: Plan = decided()): Promise<number> {
  const { resizes, releases }: Applied = await apply(applier, decision, running);
  return resizes.length + releases.length;
}

describe.each([
  { name: "a running pod grows", workload: growing(), act: "resize of shop/web-0" },
  { name: "a pod behind the gate starts", workload: starting(), act: "release of shop/web-1" },
])("$name", ({ workload, act }) => {
  test("after all statuses, which say so", async () => {
    const one = trial();
    await grownIn(one, decided({ workload, beside: "bank" }));
    expect(one.log.slice(0, 2).sort()).toEqual(["status of bank/ledger", "status of shop/orders"]);
    expect(one.log.slice(2)).toContain(act);
  });

  test("not while the status of its policy meets a conflict, however often", async () => {
    const one = trial((policy) => (policy === "shop/orders" ? conflict : undefined));
    for (let round = 0; round < 3; round++) {
      expect(await grownIn(one, decided({ workload }))).toBe(0);
      one.waitMs(60_000);
    }
    expect(one.log).not.toContain(act);
  });
});

test("a pod that shrinks waits for no status", async () => {
  const pool = { ...growing(), pods: [...podOf("shop/web-0", 3), ...podOf("shop/web-1", 170)] };
  const one = trial(() => conflict);
  await grownIn(one, decided({ workload: pool }));
  expect(one.log[0]).toBe("resize of shop/web-1");
  expect(one.log).not.toContain("resize of shop/web-0");
});

describe("a conflict of another namespace", () => {
  const ofOther = (policy: string): Outcome<never> | undefined =>
    policy === "bank/ledger" ? conflict : undefined;

  test("holds growth back for 30 s, and no longer", async () => {
    const one = trial(ofOther);
    await grownIn(one, decided({ beside: "bank" }));
    const policy = { status: one.statuses[0] ?? {}, resourceVersion: "2" };
    const decision = decided({ beside: "bank", policy });
    one.waitMs(29_000);
    expect(await grownIn(one, decision)).toBe(0);
    one.waitMs(1_000);
    expect(await grownIn(one, decision)).toBe(1);
  });

  test("holds nobody back where it has a quota", async () => {
    const quotas = [{ namespace: "bank", amount: 50, unit: "percent" } as const];
    expect(await grownIn(trial(ofOther), decided({ beside: "bank", quotas }))).toBe(1);
  });
});

test("growth waits for 10 s once somebody else's status was seen, also over our next one", async () => {
  const one = trial();
  await grownIn(one);
  const theirs = { status: { used: 1 }, resourceVersion: "3" };
  const { resizes, retryAfterMs } = await apply(one.applier, decided({ policy: theirs }), running);
  expect(resizes).toEqual([]);
  expect(retryAfterMs).toBe(10_000);

  const ours = { status: one.statuses.at(-1) ?? {}, resourceVersion: "2" };
  one.waitMs(9_999);
  expect(await grownIn(one, decided({ policy: ours }))).toBe(0);
  one.waitMs(1);
  expect(await grownIn(one, decided({ policy: ours }))).toBe(1);
});

test("a policy that was made anew, or edited, is no word of somebody else", async () => {
  const one = trial();
  await grownIn(one);
  expect(await grownIn(one, decided({ policy: { resourceVersion: "3" } }))).toBe(1);
  const edited = { status: one.statuses.at(-1) ?? {}, resourceVersion: "4" };
  expect(await grownIn(one, decided({ policy: edited }))).toBe(1);
});

test("a pod whose start does not go through is said to wait, until it has", async () => {
  const ofPods = { now: { kind: "unavailable", message: "no answer" } as Outcome<undefined> };
  const one = trial(undefined, ofPods);
  const workload = starting();
  const saidNow = async (): Promise<string | undefined> => {
    const status = one.statuses.at(-1);
    const policy = status ? { status, resourceVersion: "2" } : {};
    await grownIn(one, decided({ workload, policy }));
    return one.statuses.at(-1)?.workloads?.[0]?.reason;
  };
  expect(await saidNow()).toBe("PodsReleased");
  expect(await saidNow()).toBe("PodsWaiting");
  ofPods.now = ok;
  expect(await saidNow()).toBe("PodsWaiting");
  expect(await saidNow()).toBe("PodsReleased");
});
