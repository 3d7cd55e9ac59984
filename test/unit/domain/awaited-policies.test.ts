// Whose growth waits for a policy that nobody has looked at, and what the others keep for it.
import { describe, expect, it } from "vitest";
import { awaitedPolicyIn, keptSlots } from "../../../src/domain/awaited-policies.ts";
import type { AwaitedPolicy } from "../../../src/domain/awaited-facts.ts";
import type { NarrowLimit } from "../../../src/domain/limit.ts";
import { aGrant, aPosition, aWorkload, limitsOf, pods } from "../../support/builders.ts";

const held: AwaitedPolicy = {
  ...{ policy: "crowd/new", holdsUpAll: false, lateSlots: 0, lateLimits: [] },
};

describe("growth waits for crowd/new", () => {
  it.each([
    { namespace: "crowd", holdsUpAll: false, want: "crowd/new" },
    { namespace: "crowd", holdsUpAll: true, want: "crowd/new" },
    { namespace: "victim", holdsUpAll: false, want: undefined },
    { namespace: "victim", holdsUpAll: true, want: "crowd/new" },
  ])("in $namespace, holdsUpAll $holdsUpAll: $want", ({ namespace, holdsUpAll, want }) => {
    expect(awaitedPolicyIn(namespace, { awaited: [{ ...held, holdsUpAll }] })).toBe(want);
  });
});

/** Two pods of 10 in namespace crowd, and as many in namespace victim. */
const positions = ["crowd", "victim"].map((namespace) =>
  aPosition(
    aWorkload("web", {
      ...{ namespace, kind: "StatefulSet", policy: `${namespace}/orders` },
      ...{ grant: aGrant(10), pods: pods(2, { poolSize: 10 }) },
    }),
  ),
);
const common = { slots: 74, rolloutsMax: 1, ghostSlots: 0 };
const quota: NarrowLimit = {
  ...common,
  ...{ kind: "namespace", name: "crowd", ofSlots: 187 },
  share: { namespace: "crowd", amount: 40, unit: "percent" },
};
const login: NarrowLimit = {
  ...common,
  ...{ kind: "login", name: "role app", by: "CONNECTION LIMIT 80 of role app" },
  workloads: new Set(["victim/StatefulSet/web"]),
};

describe("what others keep for policies of namespace crowd, which holds 20", () => {
  it.each([
    { name: "up to its part", want: [54, 0, 0] },
    { name: "not less than it held lately", late: { lateSlots: 90 }, want: [70, 0, 0] },
    {
      name: "in a CONNECTION LIMIT only where it counted lately",
      late: { lateLimits: ["role app"] },
      want: [54, 0, 54],
    },
  ])("$name", ({ late = {}, want }) => {
    const accounts = limitsOf(positions, 187, { narrow: [quota, login] });
    const awaited = [{ ...held, ...late }];

    expect(accounts.all.map((one) => keptSlots(one, accounts, { awaited }))).toEqual(want);
  });

  it("is what it held lately, without a part", () => {
    const accounts = limitsOf(positions, 187);
    const awaited = [{ ...held, lateSlots: 30 }];
    expect(keptSlots(accounts.server, accounts, { awaited })).toBe(10);
    expect(keptSlots(accounts.server, accounts, {})).toBe(0);
  });
});
