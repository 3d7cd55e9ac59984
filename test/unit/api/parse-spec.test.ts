// What our own parser refuses, on the same table of policies that the real API server is asked in
// test/integration: one is no use where it is stricter or laxer than the other.
import { describe, expect, test } from "vitest";
import { isForbiddenEnvironment } from "../../../src/api/environment.ts";
import { parseSpec } from "../../../src/api/poolpolicy.ts";
import { namesOfPreset, presets } from "../../../src/api/presets.ts";
import { forbiddenNames, retiredNames } from "../../support/environment-names.ts";
import { goodPolicies } from "../../support/good-policies.ts";
import { badPolicies, specWith } from "../../support/policy-cases.ts";

function problemOf(raw: unknown): string {
  const parsed = parseSpec(raw);
  return "problem" in parsed ? parsed.problem : "";
}

describe("parseSpec names field, value and way out", () => {
  test.each(badPolicies)("$name", ({ spec, want, wantField }) => {
    const problem = problemOf(spec);
    expect(problem).toContain(wantField);
    for (const words of want) expect(problem).toContain(words);
  });

  test.each(forbiddenNames)("the variable %s is refused", (name) => {
    const problem = problemOf(specWith({ env: { maxSize: name } }));
    expect(problem).toContain(`spec.workloads[0].env.maxSize is "${name}": `);
  });

  test("at most three problems are spelled out", () => {
    const spec = { database: {}, mode: "Off", basis: 1, rebalance: 2, workloads: "web" };
    expect(problemOf(spec)).toMatch(/^spec\.mode is "Off": .*; and 2 more$/);
  });

  test.each([[undefined], [null], ["text"], [[]], [17]])("%j is no spec", (raw) => {
    expect(problemOf(raw)).toMatch(/^spec/);
  });

  test("a long value is cut", () => {
    expect(problemOf(specWith({}, { stability: { cooldown: "x".repeat(500) } }))).toContain("…");
  });
});

describe("parseSpec accepts", () => {
  test.each(goodPolicies)("$name", ({ spec }) => {
    expect(problemOf(spec)).toBe("");
  });

  test.each([...retiredNames, "WEB_CONN", "PG_CONN", "DB_REALTIME_POOL_SIZE_MS"])(
    "the variable %s, which a policy is stored with although no new one may name it",
    (name) => {
      expect(problemOf(specWith({ env: { maxSize: name } }))).toBe("");
    },
  );

  test("unknown keys, which it drops: the policy may be newer than we are", () => {
    const parsed = parseSpec(specWith({ shade: "blue" }, { whenFull: "Hold" }));
    expect(JSON.stringify(parsed)).not.toMatch(/shade|whenFull/);
    expect(parsed).toHaveProperty("spec");
  });

  test("the defaults are those of the design", () => {
    expect(parseSpec(specWith({}))).toEqual({
      spec: {
        mode: "Enforce",
        delivery: "Auto",
        database: { engine: "PostgreSQL", secretRef: { name: "orders-db", key: "uri" } },
        sessions: { match: "Auto" },
        reserve: { connections: 10, rollouts: 1 },
        basis: "Workload",
        demand: "Advise",
        rebalance: "Always",
        stability: { tolerancePercent: 10, cooldown: "5m" },
        workloads: [
          { name: "web", weight: 1, poolSize: {}, processesPerPod: 1, extraConnectionsPerPod: 0 },
        ],
        alerts: {
          enabled: true,
          labels: {},
          usedPercent: 90,
          poolMetrics: "None",
          postgresExporter: false,
        },
        ownership: "Take",
      },
    });
  });
});

// A profile's settings are no sizes: a policy cannot name such variables, only choose the profile.
test("what presets write themselves is not forbidden", () => {
  const written = Object.values(presets).flatMap(namesOfPreset);
  expect(written.filter(isForbiddenEnvironment)).toEqual([]);
});
