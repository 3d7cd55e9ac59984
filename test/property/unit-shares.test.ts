// Shares on two servers that are decided together, held against the definition of
// allocation-model.ts: one step at a time to whoever has least per weight, as long as each server
// that a pool connects to has the slots. On small cases also against all divisions that there are.

import fc from "fast-check";
import { expect, test } from "vitest";
import { planUnit } from "../../src/domain/decide/plan-unit.ts";
import type { PoolFacts, Snapshot } from "../../src/domain/facts/facts.ts";
import type { LimitOfRequests, ShareRequest } from "../../src/domain/demand/share-request.ts";
import type { ShareTerms } from "../../src/domain/decide/shares.ts";
import * as build from "../support/builders.ts";
import { allAllocations, fits, levelOf, stepByStep } from "./allocation-model.ts";
import { requests } from "./arbitraries.ts";

type Where = "first" | "second" | "both";

interface Scene {
  readonly list: readonly ShareRequest[];
  readonly where: readonly Where[];
  /** Of each server, without what it and the policies keep. */
  readonly budgets: readonly [number, number];
}

function scenes(most: number): fc.Arbitrary<Scene> {
  const budget = fc.integer({ min: 1, max: 120 });
  return fc.record({
    // A rolling update adds as many pods as are planned. Where none is, a floor is no floor.
    list: requests(most).map((all) =>
      all
        .filter(({ plannedPods }) => plannedPods > 0)
        .map((one) => ({ ...one, roomPods: one.plannedPods })),
    ),
    where: fc.array(fc.constantFrom<Where>("first", "second", "both"), {
      minLength: most,
      maxLength: most,
    }),
    budgets: fc.tuple(budget, budget),
  });
}

const terms: ShareTerms = { budgetSlots: Infinity, rolloutsMax: 1, basis: "Workload" };

function limitsOf({ list, where, budgets }: Scene): readonly LimitOfRequests[] {
  return (["first", "second"] as const).map((server, at) => ({
    slots: budgets[at] ?? 0,
    rolloutsMax: 1,
    indexes: [...list.keys()].filter((index) => ["both", server].includes(where[index] ?? "")),
  }));
}

/** Nobody runs yet: each is asked for its planned pods. */
function poolOf({ sizing, plannedPods }: ShareRequest, at: number, where: Where): PoolFacts {
  return build.aWorkload(`w${at}`, {
    ...{ policy: `shop/${where}`, sizing, replicas: plannedPods },
    template: build.anOwnSize(1),
  });
}

function snapshotsOf({ list, where, budgets }: Scene): readonly Snapshot[] {
  const pools = list.map((one, at) => poolOf(one, at, where[at] ?? "both"));
  const policyOf = (name: Where): Snapshot["policies"][number] =>
    build.aPolicy(name, { spec: { reserve: { connections: 0 } } });
  return (["first", "second"] as const).map((server, at) => {
    const both = { ...policyOf("both"), ...(server === "second" && { isReplica: true as const }) };
    const reading = build.aReading({ maxConnections: (budgets[at] ?? 0) + 3 });
    return build.aSnapshot({
      ...{ server, database: build.aDatabase({ reading }), policies: [policyOf(server), both] },
      workloads: pools.filter(({ policy }) => [`shop/${server}`, "shop/both"].includes(policy)),
    });
  });
}

function sharesOf(scene: Scene): readonly number[] {
  const plans = planUnit(snapshotsOf(scene), build.startMs);
  fc.pre(plans.every(({ floors }) => floors.missingSlots === 0));
  const shares = new Map(
    plans.flatMap(({ pools }) => pools.map((one) => [one.position.workload.name, one.share])),
  );
  return scene.list.map((_, at) => shares.get(`w${at}`) ?? 0);
}

test("shares are one step at a time to whoever has least, and room on each of its servers", () => {
  fc.assert(
    fc.property(scenes(5), (scene) => {
      expect(sharesOf(scene)).toEqual(stepByStep(scene.list, terms, limitsOf(scene)));
    }),
    { numRuns: 1000 },
  );
});

test("nobody could have more without leaving somebody with less than that", () => {
  fc.assert(
    fc.property(scenes(3), (scene) => {
      const { list } = scene;
      const shares = sharesOf(scene);
      const limits = limitsOf(scene);
      expect(fits(list, shares, terms, limits)).toBe(true);
      const planned = [...list.keys()];
      const levelIn = (one: readonly number[], index: number): number =>
        levelOf(list[index] as ShareRequest, one[index] ?? 0, terms);
      for (const other of allAllocations(list, terms)) {
        if (!fits(list, other, terms, limits)) continue;
        const losers = planned.filter((index) => (other[index] ?? 0) < (shares[index] ?? 0));
        const least = Math.min(...losers.map((index) => levelIn(other, index)));
        for (const index of planned) {
          if ((other[index] ?? 0) <= (shares[index] ?? 0)) continue;
          expect(least).toBeLessThan(levelIn(other, index));
        }
      }
    }),
    { numRuns: 200 },
  );
});
