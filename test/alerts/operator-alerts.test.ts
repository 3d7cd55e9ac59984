// What the operator's own alert rules fire on, when, and what they say, by Prometheus' own promtool
// on the very file that the chart ships. Without promtool (Debian's package prometheus) they are
// skipped, which is said.
import { beforeEach, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/ports.ts";
import { buildOperatorRules } from "../../src/render/operator-alerts.ts";
import { checkRules, promtoolPath } from "../support/promtool.ts";
import { operatorScenarios } from "./operator-scenarios.ts";
import { expectQuiet, expectToFire } from "./scenario.ts";

const manifest: Manifest = {
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: { name: "poolwarden" },
  spec: buildOperatorRules(),
};
const rules = { manifest, labels: {} };

beforeEach(({ skip }) => {
  skip(promtoolPath === undefined, "promtool is not installed (Debian: prometheus)");
});

it("the operator's rules pass promtool check rules", async () => {
  const { code, output } = await checkRules([manifest]);

  expect(output).toContain("SUCCESS");
  expect(code).toBe(0);
});

describe("an alert of the operator, by Prometheus itself", () => {
  it.each(operatorScenarios)("$alert fires: $name", async (scenario) => {
    await expectToFire(rules, scenario);
  });

  it.each(operatorScenarios)("$alert stays quiet: $quiet.name", async (scenario) => {
    await expectQuiet(rules, scenario);
  });
});
