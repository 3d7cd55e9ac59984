// What waits for large objects that have changed and are still to be read.

import { describe, expect, test } from "vitest";
import type { LateNamespace } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { isHeld, lateFor } from "../../../src/domain/supply/late-objects.ts";
import { sayUnknownLogins } from "../../../src/domain/supply/login-members.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const quotas = [{ namespace: "bounded", amount: 50, unit: "percent" as const }];

function late(namespace: string, isHold: boolean): LateNamespace {
  return { namespace, isHold };
}

describe("growth of namespace shop", () => {
  test.each([
    { name: "waits for its own objects", lateObjects: [late("shop", true)], want: "shop" },
    { name: "however long", lateObjects: [late("shop", false)], want: "shop" },
    { name: "waits for another's for a while", lateObjects: [late("jobs", true)], want: "jobs" },
    { name: "and no longer", lateObjects: [late("jobs", false)], want: undefined },
    {
      name: "waits for nobody who is bounded",
      lateObjects: [late("bounded", true)],
      want: undefined,
    },
    { name: "waits for nothing else", lateObjects: undefined, want: undefined },
  ])("$name", ({ lateObjects, want }) => {
    expect(lateFor("shop", { lateObjects, namespaceQuotas: quotas })?.namespace).toBe(want);
  });
});

test("evictions of a namespace wait for its own objects, for a while", () => {
  expect(isHeld("shop", { lateObjects: [late("shop", true)] })).toBe(true);
  expect(isHeld("shop", { lateObjects: [late("shop", false), late("jobs", true)] })).toBe(false);
});

describe("a plan with such objects", () => {
  const growing = aWorkload("web", { pods: pods(3, { poolSize: 6 }), grant: aGrant(6) });

  function planned(...lateObjects: readonly LateNamespace[]): Plan {
    return plan(aSnapshot({ workloads: [growing], lateObjects }), startMs);
  }

  test.each([
    { name: "of the namespace itself", of: late("shop", false), whose: "its" },
    { name: "of another one", of: late("jobs", true), whose: "another" },
  ])("$name lets nothing grow, and says so", ({ of, whose }) => {
    const decided = planned(of);
    expect(decided.pools[0]?.grant).toMatchObject({ decision: "Wait", poolSize: 6 });
    expect(sayUnknownLogins(decided.snapshot, "shop")).toBe(
      `until a large object of ${whose} namespace that has changed is read`,
    );
  });

  test("of another one that have held it for long lets it grow", () => {
    expect(planned(late("jobs", false)).pools[0]?.grant.decision).toBe("Grow");
  });

  test("evicts no pod of the namespace for a while", () => {
    // Its owner undoes rolls, and its pods are larger than the grant.
    const undone = {
      ...{ rolledAtMs: startMs - 60_000, isRollUndone: true as const, undone: 1 },
      ...{ owner: "Lake/main", grant: aGrant(18) },
      pods: pods(4, { poolSize: 60, createdAtMs: startMs - 600_000 }),
    };
    const web = aWorkload("web", { ...undone, replicas: 4 });
    const decide = (isHold: boolean): Plan => {
      const lateObjects = [late("shop", isHold)];
      return plan(aSnapshot({ workloads: [web], policies: [aPolicy()], lateObjects }), startMs);
    };
    expect(decide(true).rolls.eviction).toBeUndefined();
    expect(decide(true).rolls.waiting[0]?.obstacle.message).toContain(
      "replacing one pod at a time waits until a large object of its namespace",
    );
    expect(decide(false).rolls.eviction).toBeDefined();
  });
});
