// What growth has to fit while something is in doubt.
import { describe, expect, it } from "vitest";
import { boundsOf } from "../../../src/domain/bounds.ts";
import type { Snapshot } from "../../../src/domain/facts.ts";
import { LimitAccounts } from "../../../src/domain/limit-accounts.ts";
import { plan } from "../../../src/domain/plan.ts";
import { worstCaseOf } from "../../../src/domain/worst-case.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aPosition,
  aReading,
  aSnapshot,
  aWorkload,
  ofFleet,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

/** Two planned pods of each; `a` was to shrink from 30 to 10. */
function snapshotOf(untilMs: number | undefined, more: Partial<Snapshot> = {}): Snapshot {
  const shrunk = aGrant(10, {
    ...{ settlingPoolSize: 30, settledAtMs: startMs - 1 },
    ...(untilMs === undefined ? {} : { unsettledUntilMs: untilMs }),
  });
  const stateful = { kind: "StatefulSet", pods: pods(2) } as const;
  return aSnapshot({
    policies: [aPolicy("orders"), aPolicy("bills", { namespace: "bank" })],
    workloads: [
      aWorkload("a", { ...stateful, grant: shrunk }),
      aWorkload("b", { ...stateful, grant: aGrant(10), policy: "bank/bills", namespace: "bank" }),
    ],
    ...more,
  });
}

/** A session of the fleet's role at an address that nobody knew before this reading. */
const inDoubt = aDatabase({
  reading: aReading({ sessions: [sessions(9, { user: "app", address: "10.1.1.1" })] }),
  sessionSamples: [
    { atMs: startMs - 30_000, sessions: [] },
    {
      ...{ atMs: startMs, newForMs: 4_000 },
      sessions: [sessions(9, { user: "app", address: "10.1.1.1" })],
    },
  ],
  fleetAddresses: ofFleet("10.0.0.1"),
});

function worstOf(snapshot: Snapshot): {
  readonly slots: number;
  readonly of: number;
  readonly isSame: boolean;
} {
  const bounds = boundsOf(snapshot);
  const positions = snapshot.workloads.map((one) =>
    aPosition(
      one,
      snapshot.policies.find(({ key }) => key === one.policy),
    ),
  );
  const accounts = new LimitAccounts(positions, bounds.server, bounds.narrow);
  const worst = worstCaseOf(snapshot, accounts, bounds, startMs);
  const { exposure, limit } = worst.server;
  return { slots: exposure.slots, of: limit.slots, isSame: worst === accounts };
}

const awaited = { policy: "other/new", holdsUpAll: false, lateSlots: 50, lateLimits: [] };

describe("at its worst", () => {
  it.each([
    { name: "all is as it is", snapshot: snapshotOf(undefined), slots: 40, of: 187 },
    {
      name: "a grant that has settled frees slots",
      snapshot: snapshotOf(startMs),
      ...{ slots: 40, of: 187 },
    },
    {
      name: "a grant that may be handed out still counts with its larger size",
      snapshot: snapshotOf(startMs + 1),
      ...{ slots: 80, of: 187 },
    },
    {
      name: "sessions in doubt are strangers'",
      snapshot: snapshotOf(undefined, { database: inDoubt }),
      ...{ slots: 40, of: 178 },
    },
    {
      name: "a policy that nobody has looked at holds what its namespace held",
      snapshot: snapshotOf(undefined, { awaited: [awaited] }),
      ...{ slots: 40, of: 137 },
    },
  ])("$name", ({ snapshot, slots, of }) => {
    expect(worstOf(snapshot)).toEqual({ slots, of, isSame: slots === 40 && of === 187 });
  });
});

describe("growth of a workload of the other namespace", () => {
  it.each([
    {
      name: "goes on where it fits the worst",
      snapshot: snapshotOf(startMs + 1, {}),
      ceiling: 50,
      want: 50,
    },
    {
      name: "goes as far as that",
      snapshot: snapshotOf(startMs + 1),
      ceiling: 70,
      want: 63,
    },
    { name: "comes once all is known", snapshot: snapshotOf(startMs), ceiling: 70, want: 70 },
    {
      name: "leaves the slots that an awaited policy may hold",
      snapshot: snapshotOf(undefined, { awaited: [awaited] }),
      ...{ ceiling: 70, want: 58 },
    },
    {
      name: "waits where all wait for it",
      snapshot: snapshotOf(undefined, { awaited: [{ ...awaited, holdsUpAll: true }] }),
      ...{ ceiling: 20, want: 10 },
    },
  ])("$name", ({ snapshot, ceiling, want }) => {
    const ceilingOf = (name: string): number => (name === "a" ? 10 : ceiling);
    const workloads = snapshot.workloads.map((one) => ({
      ...one,
      sizing: { ...one.sizing, ceiling: ceilingOf(one.name) },
    }));
    const { grants, positions } = plan({ ...snapshot, workloads }, startMs);
    const index = positions.findIndex(({ workload }) => workload.name === "b");
    expect(grants[index]?.poolSize).toBe(want);
  });
});
