// Modelled fleets of two namespaces (fleet-model.ts), one or both of them bounded: from whatever
// they are found in they come to rest, within their quotas, and no step on the way takes a
// namespace past its quota or the server past its budget.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Exposure } from "../../src/domain/demand/exposure.ts";
import type { Snapshot } from "../../src/domain/facts/facts.ts";
import type { QuotaSetting } from "../../src/domain/supply/quota-settings.ts";
import { podsFitting } from "../../src/domain/supply/namespace-quotas.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import type { Position } from "../../src/domain/demand/position.ts";
import { roomPodsOf } from "../../src/domain/demand/room.ts";
import { slotsPerPod } from "../../src/domain/demand/slots.ts";
import { aPolicy, keysOf } from "../support/builders.ts";
import { serviceSetup } from "./arbitraries.ts";
import { Fleet, settle } from "./fleet-model.ts";

/** Every other service is of namespace bank. */
class SharedFleet extends Fleet {
  namespaceQuotas: readonly QuotaSetting[] = [];

  override snapshot(): Snapshot {
    const { policies, workloads, ...rest } = super.snapshot();
    const [orders] = policies;
    const spec = orders?.spec ?? {};
    const ledger = aPolicy("ledger", { namespace: "bank", spec });
    return {
      ...rest,
      policies: [...policies, ledger],
      workloads: workloads.map((workload, index) =>
        index % 2 === 0
          ? workload
          : {
              ...workload,
              ...{ namespace: "bank", policy: ledger.key, claimedBy: [ledger.key] },
              ...keysOf({ ...workload, namespace: "bank" }),
            },
      ),
      namespaceQuotas: this.namespaceQuotas,
    };
  }
}

const percent = fc.integer({ min: 1, max: 100 });
const shares = fc.oneof(
  percent.map((amount): QuotaSetting[] => [{ namespace: "shop", amount, unit: "percent" }]),
  fc.tuple(percent, percent).map(([bank, others]): QuotaSetting[] => [
    { namespace: "bank", amount: bank, unit: "percent" },
    { namespace: "*", amount: others, unit: "percent" },
  ]),
);

const scene = fc.record({
  setups: fc.array(serviceSetup, { minLength: 1, maxLength: 4 }),
  maxConnections: fc.integer({ min: 40, max: 400 }),
  rolloutsMax: fc.integer({ min: 1, max: 2 }),
  shares,
});

function exposures(decided: Plan): readonly number[] {
  return decided.limits.narrow.map(({ limit, positions }) => {
    return new Exposure(positions, limit.rolloutsMax, 0).slots;
  });
}

function decide(fleet: SharedFleet): Plan {
  const decided = plan(fleet.snapshot(), fleet.nowMs);
  const before = exposures(decided);
  fleet.apply(decided);
  const after = plan(fleet.snapshot(), fleet.nowMs);
  exposures(after).forEach((slots, index) => {
    const most = Math.max(decided.limits.narrow[index]?.limit.slots ?? 0, before[index] ?? 0);
    expect(slots, "a write takes a namespace past its quota").toBeLessThanOrEqual(most);
  });
  return decided;
}

/** Whether all its pods fit with pools of 1. */
function hasRoom(positions: readonly Position[], part: Parameters<typeof podsFitting>[1]): boolean {
  const demands = positions.map(({ workload, plannedPods, stayingPods, sizing }) => ({
    plannedPods: Math.max(plannedPods, stayingPods),
    slotsPerPod: slotsPerPod(sizing, 1),
    roomPods: (pods: number) => roomPodsOf(workload, pods),
  }));
  return podsFitting(demands, part) === Infinity;
}

function expectWithinQuotas({ limits }: Plan): void {
  for (const { limit, positions, exposure } of limits.narrow) {
    if (!hasRoom(positions, limit)) continue;
    expect(exposure.slots, limit.name).toBeLessThanOrEqual(limit.slots);
  }
}

test("bounded namespaces come to rest within their quotas, from whatever they are found in", () => {
  fc.assert(
    fc.property(scene, ({ setups, maxConnections, rolloutsMax, shares: given }) => {
      const fleet = new SharedFleet(setups, maxConnections, rolloutsMax);
      fleet.namespaceQuotas = given;
      expectWithinQuotas(settle(fleet, decide));
    }),
    { numRuns: 300 },
  );
});

test("and from the rest that they came to without bounds; and back", () => {
  fc.assert(
    fc.property(scene, ({ setups, maxConnections, rolloutsMax, shares: given }) => {
      const fleet = new SharedFleet(setups, maxConnections, rolloutsMax);
      settle(fleet, decide);
      fleet.namespaceQuotas = given;
      expectWithinQuotas(settle(fleet, decide));
      fleet.namespaceQuotas = [];
      const { exposure, budgetSlots = 0, floors: last } = settle(fleet, decide);
      if (last.missingSlots === 0) expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
    }),
    { numRuns: 200 },
  );
});
