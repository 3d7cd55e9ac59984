// Laws of bounded namespaces: a part is never exceeded by what is promised, what one namespace asks
// or declares takes nothing from another's part, and without bounds nothing is as it was not.

import { poolKeyOf } from "../../src/api/keys.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exposure } from "../../src/domain/demand/exposure.ts";
import type { Snapshot } from "../../src/domain/facts/facts.ts";
import type { QuotaSetting } from "../../src/domain/supply/quota-settings.ts";
import { allocateWithin, type LimitTerms } from "../../src/domain/decide/limit-shares.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import type { ShareRequest } from "../../src/domain/demand/share-request.ts";
import { allocate } from "../../src/domain/decide/shares.ts";
import { aSpec, published, startMs } from "../support/builders.ts";
import { totalOf } from "./allocation-model.ts";
import { requests, shareTerms, snapshot } from "./arbitraries.ts";

/** Claims of two namespaces, some of which may not be moved. */
const mixed = fc
  .tuple(requests(6), fc.array(fc.tuple(fc.boolean(), fc.nat(4))))
  .map(([list, coins]) =>
    list
      .map((request, index): ShareRequest => {
        const [isBank = false, fate = 0] = coins[index] ?? [];
        const key = poolKeyOf(`${isBank ? "bank" : "shop"}/Deployment/w${index}`);
        return fate === 4
          ? { ...request, key, ceiling: request.floor, fixed: true }
          : { ...request, key };
      })
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  );

function partOf(namespace: string): fc.Arbitrary<LimitTerms> {
  return fc.record({
    kind: fc.constant("namespace" as const),
    name: fc.constant(namespace),
    slots: fc.nat(150),
    rolloutsMax: fc.nat(2),
  });
}

const shopPart = partOf("shop");
const parts = fc.oneof(fc.tuple(shopPart), fc.tuple(partOf("bank"), shopPart)) as fc.Arbitrary<
  LimitTerms[]
>;

function membersOf(list: readonly ShareRequest[], { name }: LimitTerms): number[] {
  return [...list.keys()].filter((index) => list[index]?.key.startsWith(`${name}/`));
}

/** What a namespace may hold by these sizes, by a sum of its own. */
function slotsIn(
  list: readonly ShareRequest[],
  sizes: readonly number[],
  part: LimitTerms,
): number {
  const indexes = membersOf(list, part);
  const own = indexes.flatMap((index) => list[index] ?? []);
  const { rolloutsMax } = part;
  return totalOf(
    own,
    indexes.map((i) => sizes[i] ?? 0),
    { rolloutsMax },
  );
}

/** What it holds at least, whatever is decided: pools of 1, and what may not be moved. */
function leastSlots(list: readonly ShareRequest[], part: LimitTerms): number {
  const least = list.map(({ fixed, floor }) => (fixed ? floor : 1));
  return slotsIn(list, least, part);
}

describe("shares within parts", () => {
  test("are those without parts, to the last slot, where no part is exceeded by them", () => {
    fc.assert(
      fc.property(mixed, shareTerms, parts, (list, terms, bounds) => {
        const free = allocate(list, terms);
        expect(allocateWithin(list, terms, [])).toMatchObject(free);
        fc.pre(bounds.every((part) => slotsIn(list, free.poolSizes, part) <= part.slots));
        expect(allocateWithin(list, terms, bounds)).toMatchObject(free);
      }),
    );
  });

  test("exceed no part that has room for pools of 1; else they are 1", () => {
    fc.assert(
      fc.property(mixed, shareTerms, parts, (list, terms, bounds) => {
        const { poolSizes } = allocateWithin(list, terms, bounds);
        for (const part of bounds) {
          if (leastSlots(list, part) <= part.slots) {
            expect(slotsIn(list, poolSizes, part)).toBeLessThanOrEqual(part.slots);
            continue;
          }
          for (const index of membersOf(list, part)) {
            if (list[index]?.fixed !== true) expect(poolSizes[index]).toBe(1);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("fit the budget with all that parts have room for, or floors are missing", () => {
    fc.assert(
      fc.property(mixed, shareTerms, parts, (list, terms, bounds) => {
        const { poolSizes, missingSlots } = allocateWithin(list, terms, bounds);
        fc.pre(missingSlots === 0);
        fc.pre(bounds.every((part) => leastSlots(list, part) <= part.slots));
        expect(totalOf(list, poolSizes, terms)).toBeLessThanOrEqual(terms.budgetSlots);
      }),
      { numRuns: 500 },
    );
  });

  test("are above no ceiling, and below a floor only where the floors exceed the part", () => {
    fc.assert(
      fc.property(mixed, shareTerms, parts, (list, terms, bounds) => {
        const { poolSizes, lacking } = allocateWithin(list, terms, bounds);
        list.forEach(({ key, floor, ceiling }, index) => {
          expect(poolSizes[index]).toBeLessThanOrEqual(ceiling);
          if (lacking.has(key.split("/")[0] ?? "")) return;
          expect(poolSizes[index]).toBeGreaterThanOrEqual(floor);
        });
      }),
    );
  });

  test("of one namespace are what its part alone yields, whatever another one asks for", () => {
    const both = fc.tuple(partOf("bank"), shopPart);
    fc.assert(
      fc.property(mixed, shareTerms, both, (list, given, bounds) => {
        const rolloutsMax = Math.min(given.rolloutsMax, ...bounds.map((part) => part.rolloutsMax));
        const budgetSlots = bounds.reduce((sum, { slots }) => sum + slots, 0);
        const terms = { ...given, rolloutsMax, budgetSlots };
        const shares = allocateWithin(list, terms, bounds);
        // Of a division that is within all parts anyway, no more than a remainder is elsewhere.
        fc.pre(
          shares.bound.size > 0 && bounds.every((part) => leastSlots(list, part) <= part.slots),
        );
        for (const part of bounds) {
          const indexes = membersOf(list, part);
          const own = indexes.flatMap((index) => list[index] ?? []);
          const alone = allocateWithin(own, { ...terms, budgetSlots: part.slots }, [part]);
          expect(indexes.map((index) => shares.poolSizes[index])).toEqual(alone.poolSizes);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const namespaceQuota = (namespace: string): fc.Arbitrary<QuotaSetting> =>
  fc.oneof(
    fc.record({
      namespace: fc.constant(namespace),
      amount: fc.integer({ min: 1, max: 100 }),
      unit: fc.constant("percent" as const),
    }),
    fc.record({
      namespace: fc.constant(namespace),
      amount: fc.integer({ min: 1, max: 300 }),
      unit: fc.constant("slots" as const),
    }),
  );

const bounded: fc.Arbitrary<Snapshot> = fc
  .record({
    one: snapshot,
    namespaceQuotas: fc.oneof(
      fc.tuple(namespaceQuota("shop")),
      fc.tuple(namespaceQuota("*")),
      fc.tuple(namespaceQuota("bank"), namespaceQuota("*")),
    ),
  })
  .map(({ one, namespaceQuotas }) => ({ ...one, namespaceQuotas }));

/** What each bounded namespace may hold before anything is decided. */
function exposuresOf(one: Snapshot): Map<string, number> {
  const { limits } = plan(one, startMs);
  return new Map(
    limits.narrow.map(({ limit, positions }) => [
      limit.name,
      new Exposure(positions, limit.rolloutsMax, 0).slots,
    ]),
  );
}

function sizesOf({ pools }: Plan): number[] {
  return pools.map(({ grant }) => grant.poolSize);
}

describe("plan with bounded namespaces", () => {
  test("publishes no grant that takes a namespace past its quota", () => {
    fc.assert(
      fc.property(bounded, (one) => {
        const before = exposuresOf(one);
        const decided = plan(one, startMs);
        const after = exposuresOf(published(decided));
        for (const { limit, exposure } of decided.limits.narrow) {
          const most = Math.max(limit.slots, before.get(limit.name) ?? 0);
          expect(after.get(limit.name)).toBeLessThanOrEqual(most);
          expect(after.get(limit.name)).toBe(exposure.slots);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("starts no roll that takes a namespace past its quota", () => {
    fc.assert(
      fc.property(bounded, (one) => {
        const { rolls, limits } = plan(one, startMs);
        const { roll } = rolls;
        if (!roll) return;
        for (const { account, slots } of limits.whileRolling(roll)) {
          const { limit, exposure } = account;
          const most = roll.toShrink ? Math.max(limit.slots, exposure.slots) : limit.slots;
          expect(slots).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("once its grants are published, decides on none of them again", () => {
    fc.assert(
      fc.property(bounded, (one) => {
        const first = plan(one, startMs);
        const second = plan(published(first), startMs);
        expect(sizesOf(second)).toEqual(sizesOf(first));
      }),
      { numRuns: 500 },
    );
  });

  test("gives nobody of a bounded namespace more planned pods, and leaves the others theirs", () => {
    fc.assert(
      fc.property(bounded, (one) => {
        const without = plan({ ...one, namespaceQuotas: [] }, startMs);
        const decided = plan(one, startMs);
        decided.positions.forEach(({ workload, plannedPods, stayingPods }, index) => {
          const asked = without.positions[index]?.plannedPods ?? 0;
          const isBounded = decided.limits.ofNamespace(workload.namespace) !== undefined;
          if (!isBounded) expect(plannedPods).toBe(asked);
          expect(plannedPods).toBeLessThanOrEqual(asked);
          expect(plannedPods).toBeGreaterThanOrEqual(Math.min(asked, stayingPods));
        });
      }),
    );
  });

  test("lets no namespace make another's quota smaller by what it declares", () => {
    const hostile = {
      database: { secretRef: { name: "db" }, maxConnections: 1, role: "tiny" },
      reserve: { connections: "100%", rollouts: 100 },
    };
    const share = fc.tuple(namespaceQuota("*"));
    fc.assert(
      fc.property(bounded, share, (given, namespaceQuotas) => {
        const one = { ...given, namespaceQuotas };
        const partWith = (spec: object, role: string): number | undefined => {
          const policies = one.policies.map((policy) =>
            policy.namespace === "shop"
              ? { ...policy, spec: aSpec(spec), role, database: role }
              : policy,
          );
          const reading = one.database.reading && {
            ...one.database.reading,
            roleLimits: { app: -1, tiny: 0 },
            databaseLimits: { orders: -1, tiny: 0 },
          };
          const database = { ...one.database, reading };
          const decided = plan({ ...one, policies, database }, startMs);
          return decided.limits.ofNamespace("bank")?.limit.slots;
        };
        expect(partWith(hostile, "tiny")).toBe(partWith({}, "app"));
      }),
    );
  });

  test("does not depend on the order in which facts arrive", () => {
    fc.assert(
      fc.property(bounded, (one) => {
        const turned = {
          ...one,
          policies: one.policies.toReversed(),
          workloads: one.workloads.toReversed(),
        };
        const wanted = plan(one, startMs);
        expect({ ...plan(turned, startMs), snapshot: one }).toEqual(wanted);
      }),
    );
  });
});
