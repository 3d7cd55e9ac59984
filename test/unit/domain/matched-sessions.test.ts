// How many sessions that are matched by login are the fleet's, and how many of those no pod holds
// any more. The pods of policy shop/orders can hold 20: 10 on each of two nodes.

import { describe, expect, test } from "vitest";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import type { LoginMatching } from "../../../src/domain/supply/login-matching.ts";
import {
  claim,
  type Claimed,
  leftOf,
  matchedGhosts,
  rolesOf,
  SeenSlots,
  surplusAmong,
  unclearAmong,
  unheldAmong,
} from "../../../src/domain/supply/matched-sessions.ts";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import { unclearSlotsOf } from "../../../src/domain/supply/unclear-sessions.ts";
import { aPolicy, aWorkload, pods, sessions, startMs } from "../../support/builders.ts";

const policies = [aPolicy("orders", { role: "app" })];
const matching: LoginMatching = {
  roles: new Map([["app", { policies }]]),
  sharedAddresses: new Set(),
  addressesOfOthers: new Set(),
};
const both = aWorkload("web", {
  pods: [
    ...pods(1, { addresses: ["10.0.0.1"], nodeAddresses: ["node-a"] }),
    ...pods(1, { addresses: ["10.0.0.2"], nodeAddresses: ["node-b"] }),
  ],
});
const one = { ...both, pods: both.pods.slice(0, 1) };
const sample = { atMs: startMs, sessions: [], fleetSlotsBy: heldBy([both]) };

function matched(address: string, count: number): SessionGroup {
  return sessions(count, { user: "app", address });
}

function claimed(all: readonly SessionGroup[], seen = new SeenSlots([both])): readonly Claimed[] {
  return claimedOf(all, { sample, seen });
}

/** Whatever is more than pods can hold has stood for a minute. */
function claimedOf(
  all: readonly SessionGroup[],
  scene: Parameters<typeof surplusAmong>[2],
): readonly Claimed[] {
  const surplus = surplusAmong(all, matching, scene);
  return claim(all, surplus, surplus);
}

describe("claim", () => {
  test("takes no more than pods can hold", () => {
    const found = claimed([matched("gateway", 15), matched("node-a", 8)]);
    expect(found.map(({ slots }) => slots)).toEqual([15, 5]);
  });

  test("leaves out what is shown at addresses of pods, those that are gone included", () => {
    const seen = new SeenSlots([both]);
    seen.add(sessions(6, { user: "app", address: "10.0.0.1" }));
    seen.add(sessions(3, { user: "app", address: "10.0.0.99" }));
    expect(claimed([matched("gateway", 30)], seen).map(({ slots }) => slots)).toEqual([11]);
  });

  test("takes none before anybody has looked at the pods", () => {
    const unread = { atMs: startMs, sessions: [] };
    const scene = { sample: unread, seen: new SeenSlots([both]) };
    const found = claimedOf([matched("gateway", 3)], scene);
    expect(found.map(({ slots }) => slots)).toEqual([0]);
  });

  test("takes for a moment what is more than has stood", () => {
    const all = [matched("gateway", 15), matched("node-a", 8)];
    const taken = (stood: number): number[] =>
      claim(all, new Map([["app", 3]]), new Map([["app", stood]])).map(({ slots }) => slots);
    expect([taken(0), taken(2), taken(9)]).toEqual([
      [15, 8],
      [15, 6],
      [15, 5],
    ]);
  });
});

describe("what no pod can hold any more", () => {
  test.each([
    { name: "all pods are there", workloads: [both], shown: [matched("node-a", 9)], left: 0 },
    { name: "in all", workloads: [one], shown: [matched("gateway", 16)], left: 6 },
    {
      name: "on a node that has no pod",
      ...{ workloads: [one], shown: [matched("node-a", 2), matched("node-b", 4)], left: 4 },
    },
    {
      name: "not by nodes where all come through one of them",
      ...{ workloads: [both], shown: [matched("node-a", 18)], left: 0 },
    },
  ])("$name: $left", ({ workloads, shown, left }) => {
    const own = claimed(shown);
    const seen = new SeenSlots(workloads);
    const byRole = leftOf(own, matching, { seen, sample, workloads });
    expect(byRole.get("app") ?? 0).toBe(left);
    expect(matchedGhosts({ matched: own, left: byRole })).toBe(left);
    expect(matchedGhosts({ matched: [], left: byRole })).toBe(0);
  });

  test.each([
    { name: "none of a pod that was created after them", createdAgoMs: 0, left: 6 },
    { name: "those of a pod that was heard of by then", createdAgoMs: 1_000, left: 0 },
  ])("$name", ({ createdAgoMs, left }) => {
    const next = pods(1, { createdAtMs: startMs - createdAgoMs, nodeAddresses: ["node-b"] });
    const workloads = [{ ...one, pods: [...one.pods, ...next] }];
    const own = claimed([matched("gateway", 16)]);
    const then = { ...sample, newestPodMs: startMs - 1_000 };
    const found = leftOf(own, matching, {
      seen: new SeenSlots(workloads),
      sample: then,
      workloads,
    });
    expect(found.get("app") ?? 0).toBe(left);
  });
});

describe("unheldAmong, and what is left of it", () => {
  const web = { ...both, pods: [...both.pods, ...pods(1, { nodeAddresses: ["node-a"] })] };

  // The pods can hold 30, of which one that is not ready may have opened none of its 10.
  test.each([
    { name: "what is more than pods hold", shown: 36, before: 0, unready: 10, want: 6 },
    { name: "what the reading before showed", shown: 36, before: 9, unready: 10, want: 9 },
    { name: "no more than it may hide", shown: 24, before: 9, unready: 10, want: 4 },
    { name: "nothing once it is ready", shown: 30, before: 9, unready: 0, want: 0 },
  ])("behind a pod that is not ready: $name", ({ shown, before, unready, want }) => {
    const known = {
      unheldBefore: new Map([["app", before]]),
      unreadySlotsOf: new Map([["shop/orders", unready]]),
    };
    const scene = {
      ...{ seen: new SeenSlots([web]), workloads: [web] },
      sample: { ...sample, ...known, fleetSlotsBy: heldBy([web]) },
    };
    const all = [matched("gateway", shown)];
    expect(unheldAmong(all, matching, scene).known.get("app") ?? 0).toBe(want);
    const none = new Map<string, number>();
    expect(leftOf(claim(all, none, none), matching, scene).get("app") ?? 0).toBe(want);
  });

  // Until a reading has shown what is there without them, pods that are not ready may hide it.
  test.each([
    { name: "all that it can hold, where nobody looked before", shown: 30, want: 10 },
    { name: "what is more than pods hold besides", shown: 36, want: 10, left: 6 },
    { name: "no more than is shown beside the others", shown: 24, want: 4 },
    { name: "no more than was possible before", shown: 30, most: 7, want: 7 },
    { name: "none where a reading without it showed none", shown: 30, most: 0, want: 0 },
    { name: "none behind pods of others", shown: 30, of: "shop/other", want: 0 },
    { name: "none where none are shown", shown: 0, want: 0 },
  ])("it may be no pod's: $name", ({ shown, most, of = "shop/orders", want, left = 0 }) => {
    const before = most === undefined ? {} : { mostUnheldBefore: new Map([["app", most]]) };
    const known = { ...before, unreadySlotsOf: new Map([[of, 10]]) };
    const scene = {
      ...{ seen: new SeenSlots([web]), workloads: [web] },
      sample: { ...sample, ...known, fleetSlotsBy: heldBy([web]) },
    };
    const none = new Map<string, number>();
    const own = claim([matched("gateway", shown)], none, none);
    const gone = leftOf(own, matching, scene);
    expect(gone.get("app") ?? 0).toBe(left);
    expect(unclearSlotsOf(unclearAmong(own, matching, { ...scene, left: gone }))).toBe(want);
  });

  test("what is foreign already is not unclear as well, and a role without sessions is known", () => {
    const known = { unreadySlotsOf: new Map([["shop/orders", 10]]) };
    const scene = { sample: { ...sample, ...known }, seen: new SeenSlots([web]), workloads: [web] };
    const foreign = new Map([["app", 6]]);
    const own = claim([matched("gateway", 36)], foreign, foreign);
    const left = new Map([["app", 3]]);
    expect(unclearAmong(own, matching, { ...scene, left })).toEqual([
      { role: "app", policies: ["shop/orders"], slots: 7, shownSlots: 36 },
    ]);
    expect(unheldAmong([], matching, scene).most).toEqual(new Map([["app", 0]]));
  });

  test("what is foreign already is not left as well", () => {
    const known = {
      unheldBefore: new Map([["app", 9]]),
      unreadySlotsOf: new Map([["shop/orders", 10]]),
    };
    const scene = { sample: { ...sample, ...known }, seen: new SeenSlots([web]), workloads: [web] };
    const foreign = new Map([["app", 6]]);
    const own = claim([matched("gateway", 36)], foreign, foreign);
    expect(leftOf(own, matching, scene).get("app")).toBe(3);
  });
});

test("a role is told once, where any of its sessions is the fleet's", () => {
  expect(rolesOf(claimed([matched("node-a", 3), matched("gateway", 3)]))).toEqual(["app"]);
  expect(
    rolesOf(
      claimedOf([matched("node-a", 3)], {
        sample: { atMs: startMs, sessions: [] },
        seen: new SeenSlots([both]),
      }),
    ),
  ).toEqual([]);
});
