// The judge of `make leader-kills` must see a second writer: one whose write went through, one
// whose write was refused, and nobody where there was none.
import { describe, expect, it } from "vitest";
import { judgeWrites } from "../../leader-kills/judge.ts";
import type { AuditEntry } from "../../support/audit.ts";

type Deed = Partial<AuditEntry> & { readonly user: string; readonly at: number };

/** Received at `at`, answered 2 ms later, with that time as its version unless told otherwise. */
function entryOf({ at, ...deed }: Deed): AuditEntry {
  return {
    verb: "update",
    apiGroup: "",
    resource: "poolpolicies/status",
    namespace: "shop",
    object: "poolpolicies/orders",
    status: 200,
    receivedMs: at,
    answeredMs: at + 2,
    resourceVersion: at,
    ...deed,
  };
}

const lease = { resource: "leases", object: "leases/poolwarden" };
const handOver: readonly Deed[] = [
  { user: "a", at: 10, ...lease },
  { user: "a", at: 20 },
  { user: "a", at: 30, ...lease },
  { user: "b", at: 4_040, ...lease },
  { user: "b", at: 4_100 },
];

describe("one writer at a time", () => {
  it("is what an orderly hand-over shows, with how long it took", () => {
    const { takeOvers, writes, intrusions } = judgeWrites(handOver.map(entryOf));

    expect(intrusions).toEqual([]);
    expect(writes).toBe(2);
    expect(takeOvers).toEqual([
      { from: "a", to: "b", renewedMs: 30, takenMs: 4_042, firstWriteAfterMs: 58 },
    ]);
  });

  it.each<{ what: string; deed: Deed; wantSays: string }>([
    {
      what: "a write of the old leader after the new one has begun",
      deed: { user: "a", at: 4_050 },
      wantSays: "a: update poolpolicies/orders (200) was asked for while b led",
    },
    {
      what: "one that was asked for before, and arrived after",
      deed: { user: "a", at: 4_039, answeredMs: 4_060, resourceVersion: 4_050 },
      wantSays: "a: update poolpolicies/orders (200) was made while b led",
    },
    {
      what: "one that the API server refused",
      deed: { user: "a", at: 4_050, status: 409 },
      wantSays: "a: update poolpolicies/orders (409) was asked for while b led",
    },
    {
      what: "a write of somebody who never led",
      deed: { user: "c", at: 25 },
      wantSays: "c: update poolpolicies/orders (200) was made while a led",
    },
  ])("is not what $what is", ({ deed, wantSays }) => {
    expect(judgeWrites([...handOver, deed].map(entryOf)).intrusions).toContain(wantSays);
  });

  it.each<{ what: string; deed: Deed }>([
    {
      what: "a look at the Lease by another",
      deed: { user: "c", at: 4_050, verb: "get", ...lease },
    },
    {
      what: "another's attempt to take the Lease that is refused",
      deed: { user: "a", at: 4_050, status: 409, ...lease },
    },
    {
      what: "a write of the old leader's time that changed nothing",
      deed: { user: "a", at: 35, resourceVersion: 5 },
    },
  ])("is not disturbed by $what", ({ deed }) => {
    expect(judgeWrites([...handOver, deed].map(entryOf)).intrusions).toEqual([]);
  });
});
