// Which workloads an entry of a policy matches: as Kubernetes label selectors do.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WorkloadEntry } from "../../src/api/poolpolicy.ts";
import { aSource, aSpec } from "../support/builders.ts";
import { aDeployment } from "../support/memory-world/world.ts";
import { claimsOn } from "../../src/reconcile/observe/claims.ts";
import { matcherOf } from "../../src/reconcile/observe/selectors.ts";

const web = { ...aDeployment("web", 0), labels: { team: "shop", tier: "front" } };

function matches(entry: object): boolean {
  const [parsed] = aSpec({ workloads: [entry] }).workloads;
  return parsed !== undefined && matcherOf(parsed)(web);
}

function expression(key: string, operator: string, values?: readonly string[]): object {
  return { selector: { matchExpressions: [{ key, operator, ...(values ? { values } : {}) }] } };
}

describe("Deployment web with team=shop, tier=front", () => {
  test.each([
    { name: "its name", entry: { name: "web" }, want: true },
    { name: "another name", entry: { name: "job" }, want: false },
    { name: "its name and kind", entry: { kind: "Deployment", name: "web" }, want: true },
    { name: "a StatefulSet of its name", entry: { kind: "StatefulSet", name: "web" }, want: false },
    { name: "a label", entry: { selector: { matchLabels: { team: "shop" } } }, want: true },
    {
      name: "a label with another value",
      entry: { selector: { matchLabels: { team: "bank" } } },
      want: false,
    },
    {
      name: "two labels, of which one is missing",
      entry: { selector: { matchLabels: { team: "shop", zone: "a" } } },
      want: false,
    },
    { name: "In", entry: expression("team", "In", ["bank", "shop"]), want: true },
    { name: "In, other values", entry: expression("team", "In", ["bank"]), want: false },
    { name: "In, no such label", entry: expression("zone", "In", ["a"]), want: false },
    { name: "NotIn", entry: expression("team", "NotIn", ["bank"]), want: true },
    { name: "NotIn, its value", entry: expression("team", "NotIn", ["shop"]), want: false },
    { name: "NotIn, no such label", entry: expression("zone", "NotIn", ["a"]), want: true },
    { name: "Exists", entry: expression("team", "Exists"), want: true },
    { name: "Exists, no such label", entry: expression("zone", "Exists"), want: false },
    { name: "DoesNotExist", entry: expression("zone", "DoesNotExist"), want: true },
    { name: "DoesNotExist, it does", entry: expression("team", "DoesNotExist"), want: false },
    {
      name: "a name that every object inherits is no label",
      entry: expression("constructor", "Exists"),
      want: false,
    },
  ])("$name: $want", ({ entry, want }) => {
    expect(matches(entry)).toBe(want);
  });
});

test("all that is said of labels has to hold, however often one is spoken of", () => {
  const key = fc.constantFrom("team", "tier", "zone");
  const value = fc.constantFrom("shop", "front", "bank");
  const requirement = fc.oneof(
    fc.record({ key, operator: fc.constantFrom("Exists", "DoesNotExist") }),
    fc.record({
      ...{ key, operator: fc.constantFrom("In", "NotIn") },
      values: fc.array(value, { minLength: 1 }),
    }),
  );
  const requirements = fc.array(requirement, { minLength: 1, maxLength: 8 });
  const labels = fc.dictionary(key, value);
  fc.assert(
    fc.property(requirements, labels, labels, (matchExpressions, matchLabels, present) => {
      const [whole] = aSpec({
        workloads: [{ selector: { matchExpressions, matchLabels } }],
      }).workloads;
      const single = [
        ...Object.entries(matchLabels).map(([name, one]) => ({ matchLabels: { [name]: one } })),
        ...matchExpressions.map((one) => ({ matchExpressions: [one] })),
      ].flatMap((selector) => aSpec({ workloads: [{ selector }] }).workloads);
      const holds = (entry: WorkloadEntry): boolean =>
        matcherOf(entry)({ ...web, labels: present });
      expect(whole && holds(whole)).toBe(single.every(holds));
    }),
  );
});

test("of a policy the first entry that matches counts; of several policies all claims are kept", () => {
  const entries = (
    ...workloads: object[]
  ): { spec: ReturnType<typeof aSpec>; namespace: string } => ({
    spec: aSpec({ workloads }),
    namespace: "shop",
  });
  const common = { source: aSource, server: "db:5432", connection: undefined, role: undefined };
  const policies = [
    { key: "shop/a", ...entries({ name: "job" }, { name: "web", weight: 2 }, { name: "web" }) },
    { key: "shop/b", ...entries({ selector: { matchLabels: { team: "shop" } } }) },
    { key: "shop/c", ...entries({ name: "else" }) },
  ].map((policy) => ({ ...common, database: undefined, failure: undefined, ...policy }));

  const claims = claimsOn([web, aDeployment("lonely", 0)], policies).get(web) ?? [];

  expect(claims.map(({ policy, index }) => `${policy} ${index}`)).toEqual(["shop/a 1", "shop/b 0"]);
  expect(claims[0]?.entry.weight).toBe(2);
});
