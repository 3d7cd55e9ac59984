// What it costs to know who claims a workload, when selectors are as large as they may be.

import { expect, test } from "vitest";
import type { PoolPolicySpec } from "../../src/api/poolpolicy.ts";
import type { ObservedWorkload } from "../../src/observed.ts";
import { type Selection, claimsOn } from "../../src/reconcile/observe/claims.ts";
import { aSpec } from "../support/builders.ts";
import { aDeployment } from "../support/memory-world/world.ts";
import { expectCpuBelow } from "../support/cpu-time.ts";

const claimant = (key: string, spec: PoolPolicySpec): Parameters<typeof claimsOn>[1][number] => ({
  key,
  spec,
});

const ofTeam = (team: string): PoolPolicySpec =>
  aSpec({ workloads: [{ selector: { matchLabels: { team } } }] });

/** A workload that counts how often its labels are looked at. */
function watched(labels: Readonly<Record<string, string>>): {
  readonly workload: ObservedWorkload;
  readonly looks: () => number;
} {
  let looks = 0;
  const get = (): typeof labels => {
    looks += 1;
    return labels;
  };
  const workload = Object.defineProperty(aDeployment("web", 0), "labels", { get });
  return { workload, looks: () => looks };
}

test("a workload is matched once with each spec, and again with another", () => {
  const { workload, looks } = watched({ team: "shop" });
  const others = Array.from({ length: 20 }, (_, index) =>
    claimant(`shop/o${index}`, ofTeam(`t${index}`)),
  );
  const policies = [claimant("shop/a", ofTeam("bank")), ...others];
  expect(claimsOn([workload], policies).size).toBe(0);
  const first = looks();
  for (let event = 0; event < 10; event++) claimsOn([workload], [...policies]);
  expect(looks()).toBe(first);

  const edited = [claimant("shop/a", ofTeam("shop")), ...others];
  const found = claimsOn([workload], edited)
    .get(workload)
    ?.map(({ policy }) => policy);
  expect(found).toEqual(["shop/a"]);
  expect(looks()).toBe(first + 1);
  expect(claimsOn([workload], policies).size).toBe(0);
});

test("a workload that is another object now is matched anew", () => {
  const policies = [claimant("shop/a", ofTeam("shop"))];
  const before = { ...aDeployment("web", 0), labels: { team: "shop" } };
  const after = { ...before, labels: { team: "bank" } };
  expect(claimsOn([before, after], policies).size).toBe(1);
  expect(claimsOn([after], policies).size).toBe(0);
});

test("two policies of one spec both claim", () => {
  const spec = ofTeam("shop");
  const web = { ...aDeployment("web", 0), labels: { team: "shop" } };
  const claims = claimsOn([web], [claimant("shop/a", spec), claimant("shop/b", spec)]).get(web);
  expect(claims?.map(({ policy }) => policy)).toEqual(["shop/a", "shop/b"]);
});

test("the largest selectors beside a thousand workloads leave the thread to others", () => {
  const keys = [...Array.from({ length: 9 }, (_, index) => `k${index}`), "app"];
  const matchExpressions = keys.map((key) => ({ key, operator: "DoesNotExist" }));
  const workloads = Array.from({ length: 100 }, () => ({ selector: { matchExpressions } }));
  const policies = Array.from({ length: 10 }, (_, index) =>
    claimant(`shop/p${index}`, aSpec({ workloads })),
  );
  const fleet = Array.from({ length: 1_000 }, (_, index) => {
    return { ...aDeployment(`w${index}`, 0), labels: { app: `x${index}` } };
  });
  expectCpuBelow(300, () => {
    expect(claimsOn(fleet, policies).size).toBe(0);
  });
});

test("claims stand in the order of the policies, whichever matched first", () => {
  const specs = ["a", "b", "c"].map((team) => ofTeam(team === "b" ? "bank" : "shop"));
  const [a, b, c] = specs.map((spec, index) => claimant(`shop/${"abc"[index] ?? ""}`, spec));
  if (!a || !b || !c) throw new Error("there are three");
  const web = { ...aDeployment("web", 0), labels: { team: "shop" } };
  const keysOf = (policies: Parameters<typeof claimsOn>[1]): string[] =>
    (claimsOn([web], policies).get(web) ?? []).map(({ policy }) => policy);
  expect(keysOf([c])).toEqual(["shop/c"]);
  expect(keysOf([a, b, c])).toEqual(["shop/a", "shop/c"]);
});

test("claims are found once for all servers that ask, until a policy comes or is another", () => {
  const [spec, other] = [ofTeam("shop"), ofTeam("shop")];
  const web = { ...aDeployment("web", 0), labels: { team: "shop" } };
  const found = (policies: Parameters<typeof claimsOn>[1]): readonly Selection[] | undefined =>
    claimsOn([web], policies).get(web);
  const first = found([claimant("shop/a", spec), claimant("shop/b", spec)]);
  expect(found([claimant("shop/a", spec), claimant("shop/b", spec)])).toBe(first);
  const keysOf = (policies: Parameters<typeof claimsOn>[1]): unknown =>
    found(policies)?.map(({ policy }) => policy);
  expect(keysOf([claimant("shop/a", spec)])).toEqual(["shop/a"]);
  expect(keysOf([claimant("shop/a", spec), claimant("shop/c", spec)])).toEqual([
    "shop/a",
    "shop/c",
  ]);
  expect(keysOf([claimant("shop/a", spec), claimant("shop/c", other)])).toEqual([
    "shop/a",
    "shop/c",
  ]);
});
