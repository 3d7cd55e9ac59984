// Histories of a fleet on two servers that are decided together (plan-unit.ts): some services have
// pools on the first, some on the second, some on both. The guarantees G1 and G2 hold on each of
// them after every step, and nothing is left to do in the end.

import fc from "fast-check";
import { expect, test } from "vitest";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { planUnit } from "../../src/domain/decide/plan-unit.ts";
import { isWorthRolling } from "../../src/domain/decide/tolerance.ts";
import type { PolicyFacts, PoolFacts, Snapshot } from "../../src/domain/facts/facts.ts";
import type { Wish } from "../../src/domain/decide/wishes.ts";
import * as build from "../support/builders.ts";
import { serviceSetup } from "./arbitraries.ts";
import { Fleet, type Service, type ServiceSetup, settle } from "./fleet-model.ts";
import { happen, steps } from "./history-steps.ts";

const servers = ["first", "second"] as const;
type Server = (typeof servers)[number];
const places = ["first", "second", "both"] as const;
type Where = (typeof places)[number];

interface Given {
  readonly setups: readonly ServiceSetup[];
  readonly places: readonly Where[];
  readonly maxConnections: Record<Server, number>;
  readonly rolloutsMax: number;
}

/** Whatever is decided on both servers, as one. */
type Decision = Pick<Plan, "pools" | "rolls" | "recheckAfterMs"> & {
  readonly plans: readonly Plan[];
};

class UnitFleet extends Fleet {
  readonly places: readonly Where[];
  readonly secondMax: number;
  /** Slots that the last decision promised not to exceed; infinite while the line is broken. */
  promised: Record<Server, number> = { first: Infinity, second: Infinity };

  constructor({ setups, places: where, maxConnections, rolloutsMax }: Given) {
    super(setups, maxConnections.first, rolloutsMax);
    this.places = where;
    this.secondMax = maxConnections.second;
  }

  maximumOf(server: Server): number {
    return server === "first" ? this.maxConnections : this.secondMax;
  }

  placeOf(service: Service): Where {
    return this.places[this.services.indexOf(service)] ?? "both";
  }

  on(server: Server): readonly Service[] {
    return this.services.filter((one) => ["both", server].includes(this.placeOf(one)));
  }

  heldOn(server: Server): number {
    const held = (one: Service): number => sum(one.pods.map((pod) => one.slots(pod.poolSize)));
    return sum(this.on(server).map(held));
  }

  override fitsTheRoom(service: Service, moreSlots: number): boolean {
    const own = servers.filter((server) => this.on(server).includes(service));
    return own.every((server) => {
      const all = this.on(server);
      const leaving = sum(all.flatMap((one) => one.leaving.map((pod) => one.slots(pod.poolSize))));
      const rooms = all.map((one) => one.roomPods * one.slots(one.published));
      const largest = rooms.sort((a, b) => b - a).slice(0, this.rolloutsMax);
      return leaving + moreSlots <= sum(largest);
    });
  }

  snapshots(): readonly Snapshot[] {
    return servers.map((server) => {
      const policies = [...places].map((place) => policyOf(place, this.rolloutsMax));
      const own = policies.filter(({ name }) => name === server || name === "both");
      const isReplica = ({ name }: PolicyFacts): boolean => name === "both" && server === "second";
      return build.aSnapshot({
        server,
        database: build.aDatabase({
          reading: build.aReading({ maxConnections: this.maximumOf(server) }),
        }),
        policies: own.map((one) => ({ ...one, ...(isReplica(one) && { isReplica: true }) })),
        workloads: this.on(server).map((one) => this.factsOf(one)),
      });
    });
  }

  factsOf(service: Service): PoolFacts {
    const policy = policyOf(this.placeOf(service), this.rolloutsMax).key;
    return { ...service.facts(), policy, claimedBy: [policy] };
  }
}

function policyOf(name: Where, rolloutsMax: number): PolicyFacts {
  return build.aPolicy(name, { spec: { reserve: { connections: 0, rollouts: rolloutsMax } } });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** As the server alone would count what runs and what may start there. */
function exposureOn(snapshot: Snapshot, nowMs: number): number {
  return plan(snapshot, nowMs).limits.server.exposure.slots;
}

function decide(fleet: UnitFleet): Decision {
  const before = fleet.snapshots();
  const plans = planUnit(before, fleet.nowMs);
  // Counted before any grant of the decision is in force.
  const slotsBefore = before.map((one) => exposureBefore(one, fleet.nowMs));
  const decision = asOne(plans);
  fleet.apply(decision);
  const after = fleet.snapshots().map((one) => exposureBefore(one, fleet.nowMs));
  for (const [index, server] of servers.entries()) {
    const budgetSlots = plans[index]?.budgetSlots ?? 0;
    const slots = after[index] ?? 0;
    expect(slots, `G2 on ${server}`).toBeLessThanOrEqual(
      Math.max(budgetSlots, slotsBefore[index] ?? 0),
    );
    fleet.promised[server] = slots <= budgetSlots ? budgetSlots : Infinity;
  }
  return decision;
}

/** With nothing granted by the look itself: the server is told that nothing may grow. */
function exposureBefore(snapshot: Snapshot, nowMs: number): number {
  return exposureOn({ ...snapshot, synced: false }, nowMs);
}

function asOne(plans: readonly Plan[]): Decision {
  const pools = new Map(
    plans.flatMap((one) => one.pools).map((pool) => [pool.position.pool.poolKey, pool]),
  );
  const rolls = plans.flatMap((one): Wish[] => (one.rolls.roll ? [one.rolls.roll] : []));
  expect(rolls.length, "one roll at a time").toBeLessThan(2);
  const waiting = plans.flatMap((one) => one.rolls.waiting);
  const { obstacles = new Map() } = plans[0]?.rolls ?? {};
  return {
    plans,
    pools: [...pools.values()],
    rolls: { roll: rolls[0], eviction: undefined, waiting, obstacles },
    recheckAfterMs: plans[0]?.recheckAfterMs,
  };
}

const maximum = fc.integer({ min: 20, max: 400 });
const given: fc.Arbitrary<Given> = fc.record({
  setups: fc.array(serviceSetup, { minLength: 2, maxLength: 4 }),
  places: fc.array(fc.constantFrom(...places), { minLength: 4, maxLength: 4 }),
  maxConnections: fc.record({ first: maximum, second: maximum }),
  rolloutsMax: fc.integer({ min: 1, max: 3 }),
});

test("no server of two has a pod too many, no write raises what it may come to, and all rests", () => {
  fc.assert(
    fc.property(given, fc.boolean(), steps, (one, startsSettled, events) => {
      const fleet = new UnitFleet(one);
      if (startsSettled) settle(fleet, decide);
      for (const event of events) {
        happen(fleet, event, decide);
        for (const server of servers) {
          const held = fleet.heldOn(server);
          expect(held, `G1 on ${server} after ${event.what}`).toBeLessThanOrEqual(
            fleet.promised[server],
          );
        }
      }
      const { plans, pools } = settle(fleet, decide);
      if (plans.some(({ floors }) => floors.missingSlots > 0)) return;
      for (const { exposure, budgetSlots = 0 } of plans) {
        expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
      }
      for (const { position, share, grant } of pools) {
        expect(isWorthRolling(position, grant.poolSize, share)).toBe(false);
      }
    }),
    { numRuns: Number(process.env["HISTORIES"] ?? 150) },
  );
}, 120_000);
