// Sessions come from addresses of nodes, or of a gateway, and a stranger may log in with the
// fleet's role. However many there are: no more of them are taken for the fleet's than its pods
// could hold, so that what runs is never more than what is counted. And where there is no stranger,
// translation makes no difference.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { PodFacts, SessionGroup, Snapshot } from "../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../src/domain/supply/foreign.ts";
import { heldBy } from "../../src/domain/supply/held-by.ts";
import * as build from "../support/builders.ts";

const matches = ["Auto", "Address", "Login"] as const;
type Match = (typeof matches)[number];

interface DrawnPod {
  readonly poolSize: number;
  readonly node: number;
  /** How many sessions it has open, and whether they show the pod's own address. */
  readonly openShare: number;
  readonly isDirect: boolean;
  readonly isGone: boolean;
}

const drawnPod = fc.record({
  poolSize: fc.integer({ min: 1, max: 20 }),
  node: fc.integer({ min: 0, max: 3 }),
  openShare: fc.constantFrom(0, 0.5, 1),
  isDirect: fc.boolean(),
  isGone: fc.boolean(),
});

const strangers = fc.array(
  fc.record({
    count: fc.integer({ min: 1, max: 30 }),
    address: fc.constantFrom("172.16.0.0", "172.16.0.1", "192.0.2.7", ""),
    user: fc.constantFrom("app", "jobs"),
  }),
  { maxLength: 3 },
);

interface Fleet {
  readonly pods: readonly DrawnPod[];
  readonly match: Match;
  readonly strangers: readonly Pick<SessionGroup, "count" | "address" | "user">[];
}

function opened({ poolSize, openShare }: DrawnPod): number {
  return Math.floor(poolSize * openShare);
}

function sessionsOf({ pods, strangers: others }: Fleet): SessionGroup[] {
  const ofPods = pods.map((pod, at) => {
    const address = pod.isDirect ? `10.0.0.${at}` : `172.16.0.${pod.node}`;
    return build.sessions(opened(pod), { user: "app", address });
  });
  const ofOthers = others.map((other) => build.sessions(other.count, other));
  return [...ofPods, ...ofOthers].filter(({ count }) => count > 0);
}

function podsOf(drawn: readonly DrawnPod[]): PodFacts[] {
  return drawn.flatMap(({ poolSize, node }, at) => {
    const addresses = [`10.0.0.${at}`];
    return build.pods(1, { poolSize, addresses, nodeAddresses: [`172.16.0.${node}`] });
  });
}

function snapshotOf(fleet: Fleet): Snapshot {
  const everPods = podsOf(fleet.pods);
  const pods = everPods.filter((_, at) => fleet.pods[at]?.isGone !== true);
  const fleetSlotsBy = heldBy([build.aWorkload("web", { pods: everPods })]);
  const sample = { atMs: build.startMs, sessions: sessionsOf(fleet), fleetSlotsBy };
  const fleetAddresses = build.ofFleet(...fleet.pods.map((_, at) => `10.0.0.${at}`));
  return build.aSnapshot({
    database: build.aDatabase({ sessionSamples: [sample], fleetAddresses }),
    policies: [
      build.aPolicy("orders", { role: "app", spec: { sessions: { match: fleet.match } } }),
    ],
    workloads: [build.aWorkload("web", { pods })],
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const fleets = fc.record({
  pods: fc.array(drawnPod, { maxLength: 6 }),
  match: fc.constantFrom(...matches),
  strangers,
});

test("what is not foreign is no more than the pods could hold, and each session counts once", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const { slots, fleetSessions, ghostSlots } = foreignSessionsOf(snapshotOf(fleet));
      const shown = sum(sessionsOf(fleet).map(({ count }) => count));
      expect(slots + fleetSessions).toBe(shown);
      expect(fleetSessions).toBeLessThanOrEqual(sum(fleet.pods.map(({ poolSize }) => poolSize)));
      const held = fleet.pods.filter(({ isGone }) => !isGone).map(({ poolSize }) => poolSize);
      expect(sum(held) + ghostSlots + slots).toBeGreaterThanOrEqual(shown);
    }),
  );
});

test("translation makes no difference to a fleet without strangers, whose pods are all there", () => {
  const quiet = fleets.map((fleet) => ({
    ...{ strangers: [], match: "Login" as const },
    pods: fleet.pods.map((pod) => ({ ...pod, isGone: false, isDirect: false })),
  }));
  fc.assert(
    fc.property(quiet, (fleet) => {
      const { slots, doubtedSlots, ghostSlots, fleetSessions } = foreignSessionsOf(
        snapshotOf(fleet),
      );
      expect({ slots, doubtedSlots, ghostSlots }).toEqual({
        slots: 0,
        doubtedSlots: 0,
        ghostSlots: 0,
      });
      expect(fleetSessions).toBe(sum(fleet.pods.map(opened)));
    }),
  );
});

test("what pods of a lost node have left is kept, however little the others have opened", () => {
  const lost = fleets.map((fleet) => ({
    ...{ strangers: [], match: "Login" as const },
    pods: fleet.pods.map((pod) => ({ ...pod, isGone: pod.node === 0, isDirect: false })),
  }));
  fc.assert(
    fc.property(lost, (fleet) => {
      const { ghostSlots } = foreignSessionsOf(snapshotOf(fleet));
      expect(ghostSlots).toBe(sum(fleet.pods.filter(({ isGone }) => isGone).map(opened)));
    }),
  );
});

test("Auto is Address", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const [auto, address] = (["Auto", "Address"] as const).map((match) =>
        foreignSessionsOf(snapshotOf({ ...fleet, match })),
      );
      expect(auto).toEqual(address);
    }),
  );
});
