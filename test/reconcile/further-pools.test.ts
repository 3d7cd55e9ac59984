// A policy may give 20 further pools to each of thousands of workloads: beyond a bound they count
// with what the template says, beside the first pool.

import { describe, expect, it } from "vitest";
import type { PoolPolicySpec } from "../../src/api/poolpolicy.ts";
import type { ObservedWorkload } from "../../src/observed.ts";
import { claimsOn } from "../../src/reconcile/observe/claims.ts";
import {
  furtherPoolsInNamespaceMax,
  withFolded,
  withinRoom,
} from "../../src/reconcile/observe/further-pools.ts";
import { poolsOf } from "../../src/reconcile/observe/pools-of-workload.ts";
import { aSpec, aWorkload } from "../support/builders.ts";
import { aContainer, aDeployment, MemoryWorld } from "../support/memory-world/world.ts";

const furtherCount = 20;
const workloadCount = furtherPoolsInNamespaceMax / furtherCount + 5;
const own = { key: "shop/a", spec: specOf("P") };

/** The main pool, and 20 further ones. */
function specOf(prefix: string): PoolPolicySpec {
  const selector = { matchLabels: { team: "shop" } };
  const workloads = Array.from({ length: furtherCount + 1 }, (_, place) => ({
    ...{ selector, env: { maxSize: `${prefix}${place}_POOL_SIZE` } },
    ...(place > 0 && { pool: `${prefix.toLowerCase()}${place}` }),
  }));
  return aSpec({ workloads });
}

function fleetOf(count: number): readonly ObservedWorkload[] {
  const env = Array.from({ length: 5 }, (_, place) => {
    return { name: `P${place}_POOL_SIZE`, value: "7" };
  });
  return Array.from({ length: count }, (_, index) => ({
    ...aDeployment(`w${String(index).padStart(3, "0")}`, 0),
    labels: { team: "shop" },
    containers: [aContainer(1, { env })],
  }));
}

const isMember = (policy: string): boolean => policy === own.key;

describe("further pools", () => {
  it("all have room where a namespace has as many as there is room for", () => {
    const claims = claimsOn(fleetOf(furtherPoolsInNamespaceMax / furtherCount), [own]);
    const room = withinRoom(claims, isMember);
    expect(room.claims).toBe(claims);
    expect(room.folded.size).toBe(0);
  });

  it("beyond the bound are folded into the first one, of the last workloads by name", () => {
    const fleet = fleetOf(workloadCount);
    const before = withinRoom(claimsOn(fleet, [own]), isMember);
    const after = withinRoom(claimsOn(fleet.toReversed(), [own]), isMember);
    const namesIn = ({ folded }: typeof before): readonly string[] =>
      [...folded.keys()].map(({ name }) => name).sort();
    expect(namesIn(before)).toEqual(["w100", "w101", "w102", "w103", "w104"]);
    expect(namesIn(after)).toEqual(namesIn(before));
    const pools = [...before.claims].flatMap(([workload, claims]) => poolsOf(workload, claims));
    expect(pools).toHaveLength(workloadCount + furtherPoolsInNamespaceMax);
  });

  it("of policies of other servers take no room", () => {
    const claims = claimsOn(fleetOf(workloadCount), [own]);
    expect(withinRoom(claims, () => false).claims).toBe(claims);
  });

  it("beyond the bound leave each policy of a workload its first one", () => {
    const reports = { selector: { matchLabels: { team: "shop" } }, pool: "reports" };
    const spec = aSpec({ workloads: [{ ...reports, env: { maxSize: "REPORTS_POOL_SIZE" } }] });
    const fleet = fleetOf(workloadCount + 5);
    const fewer = { ...own, spec: { ...own.spec, workloads: own.spec.workloads.slice(0, -1) } };
    const room = withinRoom(claimsOn(fleet, [fewer, { key: "shop/b", spec }]), isMember);
    const last = fleet.at(-1);
    const left = last && room.claims.get(last);
    expect(left?.map(({ policy, pool }) => `${policy} ${pool}`)).toEqual([
      "shop/a main",
      "shop/b reports",
    ]);
  });

  it("are the same lists at each decision, so nothing is worked out again", () => {
    const fleet = fleetOf(workloadCount);
    const [first, second] = [1, 2].map(() => withinRoom(claimsOn(fleet, [own]), isMember));
    const last = fleet.at(-1);
    if (!last) throw new Error("there is one");
    expect(second?.folded.get(last)).toBe(first?.folded.get(last));
    expect(second?.claims.get(last)).toBe(first?.claims.get(last));
  });
});

describe("the first pool", () => {
  const [web] = fleetOf(1);
  if (!web) throw new Error("there is one");
  const claims = claimsOn([web], [own]).get(web) ?? [];
  const others = claims.filter(({ pool }) => pool !== "main");

  it("counts what the others hold by the template", () => {
    const pool = aWorkload("web", { policy: own.key });
    const folded = withFolded(pool, web, others);
    // Four of seven, and sixteen of which nobody says a size.
    expect(folded.sizing.extraConnectionsPerPod).toBe(4 * 7 + 16 * 10);
    expect(folded.findings).toEqual([
      {
        reason: "TooManyPools",
        severity: "degraded",
        message:
          "its 20 further pools are not sized, and count as 188 connections of each pod, as its " +
          "template says: a namespace has room for 2000 further pools on a server",
      },
    ]);
    expect(withFolded(pool, web, undefined)).toBe(pool);
  });

  it("counts pools under one variable once", () => {
    const one = others.slice(0, 1);
    const again = one.map((claim) => ({ ...claim, pool: "again" }));
    const folded = withFolded(aWorkload("web", { policy: own.key }), web, [...one, ...again]);
    expect(folded.sizing.extraConnectionsPerPod).toBe(7);
  });

  it("of another policy is sized, and has nothing of these", () => {
    const pool = aWorkload("web", { policy: "shop/b", claimedBy: ["shop/b"] });
    expect(withFolded(pool, web, others)).toBe(pool);
  });

  it("is not sized where two policies name it", () => {
    const pool = aWorkload("web", { policy: "shop/b", claimedBy: ["shop/a", "shop/b"] });
    const { findings } = withFolded(pool, web, others);
    expect(findings.map(({ severity }) => severity)).toEqual(["blocking"]);
  });
});

it("a decision has as many pools as there is room for, and gives nothing away", async () => {
  const world = new MemoryWorld();
  for (const { name, containers } of fleetOf(workloadCount)) {
    world.deployment(name, { replicas: 0, containers, labels: { team: "shop" } });
  }
  world.policy("a", { workloads: own.spec.workloads });
  world.read({ maxConnections: 100 });
  await world.pass(2_000, 1_000);
  const { positions } = world.plan();
  expect(positions).toHaveLength(workloadCount + furtherPoolsInNamespaceMax);
  const beside = positions.filter(({ pool }) => pool.sizing.extraConnectionsPerPod === 188);
  expect(beside.map(({ pool: { name } }) => name).sort()).toEqual([
    ...["w100", "w101", "w102", "w103", "w104"],
  ]);
});
