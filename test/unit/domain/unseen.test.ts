// Of which roles, and how many, sessions whose origin cannot be seen are taken for the fleet's.

import { expect, test } from "vitest";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import { roleOwners } from "../../../src/domain/supply/unseen.ts";
import { aDatabase, aPolicy, aSnapshot, sessions, startMs } from "../../support/builders.ts";

const unseenOf = (user: string, count: number): SessionGroup =>
  sessions(count, { user, address: undefined });
test.each([
  { name: "not more than its own pods hold", held: [20, 5], unseen: [0, 60], want: 55 },
  { name: "nothing where it has no pods", held: [20, 0], unseen: [3, 60], want: 60 },
  { name: "whose pods hold them, both", held: [20, 5], unseen: [20, 5], want: 0 },
  { name: "of which each pays for its own", held: [4, 9], unseen: [9, 4], want: 5 },
])("a role is that of the namespace whose policy names it: $name", ({ held, unseen, want }) => {
  const [shop = 0, jobs = 0] = held;
  const groups = [unseenOf("app", unseen[0] ?? 0), unseenOf("batch", unseen[1] ?? 0)];
  const fleetSlotsOf = new Map(Object.entries({ shop, jobs }));
  const sample = { atMs: startMs, sessions: groups, fleetSlots: shop + jobs, fleetSlotsOf };
  const policies = [
    aPolicy("a", { role: "app" }),
    aPolicy("b", { role: "batch", namespace: "jobs" }),
  ];
  const database = aDatabase({ sessionSamples: [sample] });
  expect(foreignSessionsOf(aSnapshot({ database, policies })).slots).toBe(want);
});

test("a role of two namespaces is taken first from the one that has no other", () => {
  const sample = {
    ...{ atMs: startMs, fleetSlots: 10 },
    sessions: [unseenOf("app", 5), unseenOf("batch", 5)],
    fleetSlotsOf: new Map(Object.entries({ shop: 5, jobs: 5 })),
  };
  const policies = [
    aPolicy("a", { role: "app" }),
    aPolicy("b", { role: "app", namespace: "jobs" }),
    aPolicy("c", { role: "batch", namespace: "jobs" }),
  ];
  const database = aDatabase({ sessionSamples: [sample] });
  expect(foreignSessionsOf(aSnapshot({ database, policies })).slots).toBe(0);
});

test.each([
  { name: "up to what its pods hold beside what is shown", isInPart: true, want: 52 },
  { name: "none of it where our role may see no more", isInPart: undefined, want: 60 },
])("of what is longer than what is read is the fleet's: $name", ({ isInPart, want }) => {
  const sample = {
    ...{ atMs: startMs, fleetSlots: 20, ...(isInPart && { isInPart }) },
    sessions: [unseenOf("", 60), unseenOf("app", 12)],
  };
  const policies = [aPolicy("a", { role: "app" })];
  const database = aDatabase({ sessionSamples: [sample] });
  expect(foreignSessionsOf(aSnapshot({ database, policies })).slots).toBe(want);
});

test("a role is that of all namespaces whose policies name it", () => {
  const policies = [
    aPolicy("a", { role: "app", namespace: "jobs" }),
    aPolicy("b", { role: "batch", namespace: "jobs" }),
    aPolicy("c", { role: "app" }),
    aPolicy("d", { role: undefined, namespace: "none" }),
  ];
  expect([...roleOwners(policies)]).toEqual([
    ["app", ["shop", "jobs"]],
    ["batch", ["jobs"]],
  ]);
});
