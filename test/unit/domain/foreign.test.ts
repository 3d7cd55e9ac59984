// Which sessions count against the fleet, which are its own, and for how long.

import { describe, expect, test } from "vitest";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import { groupsSeenBy, sayGroups } from "../../../src/domain/supply/foreign-names.ts";
import {
  aDatabase,
  aPolicy,
  aSnapshot,
  aWorkload,
  ofFleet,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

const ofPod = sessions(5, { user: "app", applicationName: "web", address: "10.0.0.1" });
const ofGonePod = sessions(4, { user: "app", applicationName: "web", address: "10.0.0.2" });

type Window = Omit<ReturnType<typeof foreignSessionsOf>, "seen"> & {
  readonly groups: ReturnType<typeof groupsSeenBy>;
};

function window(...samples: SessionGroup[][]): Window {
  const sessionSamples = samples.map((list, index) => ({
    atMs: startMs - (samples.length - index) * 30_000,
    sessions: list,
  }));
  const fleetAddresses = ofFleet("10.0.0.1", "10.0.0.2");
  const { seen, ...counts } = foreignSessionsOf(
    aSnapshot({
      database: aDatabase({ sessionSamples, fleetAddresses }),
      policies: [aPolicy("a", { role: "app" }), aPolicy("b", { role: undefined })],
      workloads: [aWorkload("web", { pods: pods(1, { addresses: ["10.0.0.1"] }) })],
    }),
  );
  return { ...counts, groups: groupsSeenBy(seen, "shop") };
}

describe("foreignSessionsOf", () => {
  test("nobody is there", () => {
    const nobody = {
      ...{ slots: 0, slotsNow: 0, hiddenSlots: 0, groups: [], ghostSlots: 0, fleetSessions: 0 },
      ...{
        doubtedForMs: undefined,
        doubtedSlots: 0,
        unclear: [],
        namelessSlots: 0,
        rolesByLogin: [],
      },
    };
    expect(window([])).toEqual(nobody);
    expect(window()).toEqual(nobody);
  });

  test("sessions of pods are not foreign, others are", () => {
    const { slots, groups, fleetSessions } = window([sessions(1), ofPod], [ofPod, sessions(2)]);
    expect(slots).toBe(2);
    expect(fleetSessions).toBe(5);
    expect(sayGroups(groups)).toBe("psql by alice from 10.9.9.9 (2)");
  });

  test("the highest number within the window counts, with who it was then", () => {
    const nightly = sessions(9, { applicationName: "pg_dump" });
    const { slots, groups } = window([sessions(1)], [nightly, sessions(1)], [sessions(3)]);
    expect(slots).toBe(10);
    expect(groups[0]).toEqual({ who: "pg_dump by alice from 10.9.9.9", slots: 9 });
  });

  test.each([
    [[ofPod, ofGonePod, sessions(2)], []],
    [[], [ofPod, ofGonePod, sessions(2)]],
  ])("of two names read at one moment, the one that shows more counts", (one, other) => {
    const sessionSamples = [
      { atMs: startMs, name: "a:5432", sessions: one },
      { atMs: startMs, name: "b:5432", sessions: other },
    ];
    const fleetAddresses = ofFleet("10.0.0.1", "10.0.0.2");
    const workloads = [aWorkload("web", { pods: pods(1, { addresses: ["10.0.0.1"] }) })];
    const database = aDatabase({ sessionSamples, fleetAddresses });
    const found = foreignSessionsOf(aSnapshot({ database, workloads }));
    expect(found).toMatchObject({ slots: 2, ghostSlots: 4, fleetSessions: 9 });
  });

  test("sessions over a unix socket are foreign", () => {
    expect(window([sessions(3, { address: "" })]).slots).toBe(3);
  });

  test("of sessions that we may not see, those of the application's role are the fleet's", () => {
    const unseen = sessions(7, { user: "app", address: undefined });
    const others = sessions(2, { user: "alice", address: undefined });
    const { slots, groups } = window([unseen, others]);
    expect(slots).toBe(2);
    expect(groups).toEqual([
      { who: "psql by alice from an address that only pg_monitor sees", slots: 2 },
    ]);
  });

  test("a bounded namespace takes none of a role off the account that it does not log in with", () => {
    const unseen = { ...sessions(60, { user: "payroll", address: undefined }) };
    const sample = { atMs: startMs, sessions: [unseen], fleetSlots: 60 };
    const policies = [aPolicy("b", { role: "payroll", namespace: "guest" })];
    const foreignWith = (...roles: readonly string[]): number => {
      const sights = roles.map((role) => ({ namespace: "guest", role, seesAllSessions: false }));
      const database = aDatabase({ sessionSamples: [sample], sights });
      const namespaceQuotas = [{ namespace: "*", amount: 40, unit: "percent" } as const];
      return foreignSessionsOf(aSnapshot({ database, policies, namespaceQuotas })).slots;
    };

    expect([foreignWith(), foreignWith("other"), foreignWith("payroll")]).toEqual([60, 60, 0]);
  });

  test.each([
    { name: "all of it", unseen: 7, seen: 0, fleetSlots: 7, want: 0 },
    { name: "what they cannot hold is foreign", unseen: 9, seen: 0, fleetSlots: 7, want: 2 },
    { name: "less what is seen of them", unseen: 7, seen: 5, fleetSlots: 10, want: 2 },
    { name: "nothing is below nothing", unseen: 7, seen: 5, fleetSlots: 3, want: 7 },
    { name: "before anybody has looked, all of it", unseen: 99, seen: 0, want: 0 },
  ])("of unseen sessions of the application's role the pods hold: $name", (row) => {
    const { unseen, seen, fleetSlots, want } = row;
    const groups = [
      sessions(unseen, { user: "app", address: undefined }),
      sessions(seen, { user: "app", address: "10.0.0.1" }),
    ];
    const sample = { atMs: startMs, sessions: groups, ...(fleetSlots ? { fleetSlots } : {}) };
    const database = aDatabase({ sessionSamples: [sample], fleetAddresses: ofFleet("10.0.0.1") });
    const policies = [aPolicy("a", { role: "app" })];
    const { slots, fleetSessions } = foreignSessionsOf(aSnapshot({ database, policies }));
    expect({ slots, fleetSessions }).toEqual({ slots: want, fleetSessions: unseen + seen - want });
  });

  test("sessions of pods that are gone are ghosts, not foreign, and only while they last", () => {
    expect(window([ofPod, ofGonePod])).toMatchObject({ slots: 0, ghostSlots: 4 });
    expect(window([ofPod, ofGonePod], [ofPod])).toMatchObject({ slots: 0, ghostSlots: 0 });
  });

  test("sessions at a pod's address beyond what it can hold are ghosts: it was given a used one", () => {
    expect(window([{ ...ofPod, count: 10 + 7 }])).toMatchObject({
      slots: 0,
      ghostSlots: 7,
    });
  });

  test("only the three largest groups are told, the largest first, then by name", () => {
    const groups = ["d", "c", "b", "a"].map((applicationName) =>
      sessions(applicationName === "d" ? 9 : 1, { applicationName }),
    );
    const largest = window([...groups, sessions(1, { applicationName: "" })]).groups;
    expect(sayGroups(largest).split(", ")).toEqual([
      "d by alice from 10.9.9.9 (9)",
      "a by alice from 10.9.9.9 (1)",
      "b by alice from 10.9.9.9 (1)",
    ]);
  });

  test.each([
    { applicationName: "poolwarden-0a1b2c3d", want: "another poolwarden by alice (1)" },
    { applicationName: "poolwarden", want: "another poolwarden by alice (1)" },
    { applicationName: "poolwarden-demo", want: "poolwarden-demo by alice from 10.9.9.9 (1)" },
  ])("another operator is called so, wherever it is: $applicationName", (row) => {
    const { groups } = window([sessions(1, { applicationName: row.applicationName })]);
    expect(sayGroups(groups)).toBe(row.want);
  });

  test("a program without a name is called so", () => {
    const { groups } = window([sessions(1, { applicationName: "" })]);
    expect(sayGroups(groups)).toBe("unnamed by alice from 10.9.9.9 (1)");
  });
});
