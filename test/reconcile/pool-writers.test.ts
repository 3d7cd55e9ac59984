// What is kept of the pools of one workload: a policy selects thousands with all of them, so it may
// not grow with the pairs of its pools.

import { describe, expect, it } from "vitest";
import type { PoolPolicySpec } from "../../src/api/poolpolicy.ts";
import type { Finding } from "../../src/domain/facts/facts.ts";
import { claimsOn } from "../../src/reconcile/observe/claims.ts";
import { namesWritten } from "../../src/reconcile/observe/pool-writers.ts";
import { type ClaimedPool, poolsOf } from "../../src/reconcile/observe/pools-of-workload.ts";
import { aSpec } from "../support/builders.ts";
import { aContainer, aDeployment } from "../support/memory-world/world.ts";

const poolCount = 21;

/** Of one policy; each pool has a variable of its own, or all have one. */
function specOf(prefix: string, nameOf: (place: number) => string): PoolPolicySpec {
  const workloads = Array.from({ length: poolCount }, (_, place) => ({
    ...{ name: "web", env: { maxSize: nameOf(place) } },
    ...(place > 0 && { pool: `${prefix}${place}` }),
  }));
  return aSpec({ workloads });
}

const ownName = (place: number): string => `P${place}_POOL_SIZE`;

function poolsWith(specs: readonly PoolPolicySpec[]): readonly ClaimedPool[] {
  const env = Array.from({ length: poolCount }, (_, place) => {
    return { name: ownName(place), value: "2" };
  });
  const web = { ...aDeployment("web", 0), containers: [aContainer(1, { env })] };
  const policies = specs.map((spec, index) => ({ key: `shop/p${index}`, spec }));
  return poolsOf(web, claimsOn([web], policies).get(web) ?? []);
}

function differentIn(pools: readonly ClaimedPool[]): ReadonlySet<Finding> {
  return new Set(pools.flatMap(({ conflicts }) => conflicts));
}

describe("pools of many policies on one workload", () => {
  const pools = poolsWith(Array.from({ length: 20 }, (_, p) => specOf(`r${p}-`, ownName)));

  it("are as many as one policy may name", () => {
    expect(pools.length).toBeLessThanOrEqual(poolCount);
    expect(pools[0]?.claims).toHaveLength(20);
  });

  it("have one conflict for all of them, which names a few", () => {
    expect(pools.every(({ conflicts }) => conflicts.length === 1)).toBe(true);
    expect([...differentIn(pools)].map(({ message }) => message)).toEqual([
      "policies shop/p0, shop/p1, shop/p10 and 17 more select the same pool of Deployment/web: none of " +
        "its pools is sized, and 380 entries are not counted, because a workload counts with 21 pools. " +
        "To fix: select each pool in one policy, and give further pools a name (pool)",
    ]);
  });
});

it("pools of two policies that are too many, and none of which is the other's, say so", () => {
  const workloads = [aSpec({ workloads: [{ name: "web", env: { maxSize: ownName(0) } }] })];
  const further = Array.from({ length: 2 }, (_, policy) => {
    const entries = Array.from({ length: 15 }, (_, place) => {
      const maxSize = ownName(policy * 10 + place);
      return { name: "web", pool: `p${policy}-${place}`, env: { maxSize } };
    });
    return aSpec({ workloads: entries });
  });
  const conflicts = differentIn(poolsWith([...workloads, ...further]));
  expect([...conflicts].map(({ message }) => message)).toEqual([
    "policies shop/p0 and shop/p1 and shop/p2 name more pools of Deployment/web than the 21 that a workload " +
      "counts with: none of its pools is sized, and 10 entries are not counted. To fix: name at most 21 pools of it",
  ]);
});

describe("pools of one policy", () => {
  it("know the names of others, and not their own", () => {
    const pools = poolsWith([specOf("r", ownName)]);
    expect(pools).toHaveLength(poolCount);
    const known = pools.map(({ namesOfOthers }) =>
      pools.map((_, place) => namesOfOthers?.has(`app/p${place}poolsize`)),
    );
    expect(known).toEqual(pools.map((_, one) => pools.map((__, other) => one !== other)));
    expect(differentIn(pools).size).toBe(0);
  });

  it("that all write one variable have one conflict, which names a few", () => {
    const pools = poolsWith([specOf("r", () => ownName(0))]);
    expect(pools.every(({ conflicts }) => conflicts.length === 1)).toBe(true);
    expect([...differentIn(pools)].map(({ message }) => message)).toEqual([
      "the main pool (policy shop/p0), pool r1 (policy shop/p0), pool r2 (policy shop/p0) and 18 " +
        "more would all write P0_POOL_SIZE of container app: none of them is sized. To fix: give " +
        "one of the entries other variables (prefix, env or preset) or another container",
    ]);
  });

  it("that share several variables have one conflict", () => {
    const env = { maxSize: "A_POOL_SIZE", minSize: "A_POOL_MIN" };
    const both = [
      { name: "web", env },
      { name: "web", pool: "r", env },
    ];
    expect(differentIn(poolsWith([aSpec({ workloads: both })])).size).toBe(1);
  });

  it("that write one variable each count with what the other names beside it", () => {
    const spec = aSpec({
      workloads: [
        { name: "web", env: { maxSize: "A_POOL_SIZE" } },
        { name: "web", pool: "r", env: { maxSize: "A_POOL_SIZE", minSize: "A_POOL_MIN" } },
      ],
    });
    const [main] = poolsWith([spec]);
    expect(main?.namesOfOthers?.has("app/apoolmin")).toBe(false);
  });
});

it("names are those of all claims together", () => {
  const spec = specOf("r", ownName);
  const web = { ...aDeployment("web", 0), containers: [aContainer(1)] };
  const claims = spec.workloads.map((entry) => ({ spec, entry }));
  expect(namesWritten(web, claims).size).toBe(poolCount);
});
