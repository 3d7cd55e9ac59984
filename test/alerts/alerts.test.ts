// What the alert rules of a policy fire on, when, and what they say: scenarios of series over time,
// evaluated by Prometheus' own promtool. Without it (Debian's package prometheus) they are skipped,
// which is said.
import { beforeEach, describe, it } from "vitest";
import type { EngineName } from "../../src/api/engines.ts";
import { usualRunbookBaseUrl } from "../../src/render/alert.ts";
import { buildPrometheusRule } from "../../src/render/prometheus-rule.ts";
import { aPolicy } from "../support/builders.ts";
import { promtoolPath } from "../support/promtool.ts";
import { policyScenarios } from "./budget-scenarios.ts";
import { dbPoolScenarios, poolScenarios } from "./pool-scenarios.ts";
import { server } from "./policy-series.ts";
import { expectQuiet, expectToFire } from "./scenario.ts";
import { tierScenarios } from "./tier-scenarios.ts";
import type { Rules } from "./scenario.ts";

function rulesWith(alerts: object, engine?: EngineName): Rules {
  const policy = aPolicy("orders", {
    spec: {
      database: { secretRef: { name: "db" }, ...(engine && { engine }) },
      workloads: [{ selector: { matchLabels: { team: "shop" } } }],
      alerts,
    },
  });
  const manifest = buildPrometheusRule(policy, server, usualRunbookBaseUrl);
  return { manifest, labels: { namespace: "shop", policy: "orders" } };
}

const everything = rulesWith({ poolMetrics: "Micrometer", postgresExporter: true });
const ofPooler = rulesWith({}, "PgBouncer");
const dbPool = rulesWith({ poolMetrics: "DbPool" });
const scenarios = [
  ...[...poolScenarios, ...policyScenarios].map((one) => ({ ...one, rules: everything })),
  ...tierScenarios.map((one) => ({ ...one, rules: ofPooler })),
  ...dbPoolScenarios.map((one) => ({ ...one, rules: dbPool })),
];

beforeEach(({ skip }) => {
  skip(promtoolPath === undefined, "promtool is not installed (Debian: prometheus)");
});

describe("an alert of a policy, by Prometheus itself", () => {
  it.each(scenarios)("$alert fires: $name", async ({ rules, ...scenario }) => {
    await expectToFire(rules, scenario);
  });

  it.each(scenarios)("$alert stays quiet: $quiet.name", async ({ rules, ...scenario }) => {
    await expectQuiet(rules, scenario);
  });
});
