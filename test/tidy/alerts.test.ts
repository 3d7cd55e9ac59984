// What every alert has besides its rule: a scenario in which it fires and one in which it stays
// quiet, and a runbook that its link leads to. A page whose alert is gone, or that asks for a
// metric that is gone, is found as well.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { metricDefinitions } from "../../src/adapters/metric-names.ts";
import { runbookUrl } from "../../src/render/alert.ts";
import { metricsOfOthers } from "../../src/render/alerts.ts";
import { operatorAlerts } from "../../src/render/operator-alerts.ts";
import { allAlerts, needsDbPool, policyVariants } from "../../src/tools/alert-variants.ts";
import { policyScenarios } from "../alerts/budget-scenarios.ts";
import { operatorScenarios } from "../alerts/operator-scenarios.ts";
import { dbPoolScenarios, poolScenarios } from "../alerts/pool-scenarios.ts";
import { tierScenarios } from "../alerts/tier-scenarios.ts";
import type { Scenario } from "../alerts/scenario.ts";

const root = join(import.meta.dirname, "..", "..");
const runbooks = join(root, "docs", "runbooks");
const HEADINGS = ["## What it means", "## How to see it", "## What to do", "## Why this alert"];

const subject = { namespace: "shop", policy: "orders", server: "db:5432" };
const names = [...new Set(allAlerts(subject).map(({ name }) => name))].sort();
const pages = readdirSync(runbooks).sort();

/** Alerts that share a name differ in who measures, and by which settings they are made. */
function idOf(alert: string, source: string | undefined, isOfDbPool: boolean): string {
  return [alert, source, isOfDbPool ? "DbPool" : ""].filter(Boolean).join(" ");
}

function idsOf(scenarios: readonly Scenario[], isOfDbPool = false): readonly string[] {
  return scenarios.map(({ alert, wantLabels }) => idOf(alert, wantLabels["source"], isOfDbPool));
}

describe("scenarios", () => {
  test("each alert of a policy has one, with each of its settings, and none is of no alert", () => {
    const wanted = policyVariants(subject).map(({ alert: { name, source }, needs }) =>
      idOf(name, source, needs === needsDbPool),
    );
    const tried = [
      ...idsOf([...poolScenarios, ...policyScenarios, ...tierScenarios]),
      ...idsOf(dbPoolScenarios, true),
    ];
    expect([...new Set(tried)].sort()).toEqual([...new Set(wanted)].sort());
  });

  test("each alert of the operator has one, and none is of no alert", () => {
    const tried = new Set(operatorScenarios.map(({ alert }) => alert));
    expect([...tried].sort()).toEqual(operatorAlerts.map(({ name }) => name).sort());
  });

  test("each has a near miss that has something to be quiet about", () => {
    for (const { alert, quiet } of [
      ...[...policyScenarios, ...poolScenarios, ...tierScenarios],
      ...operatorScenarios,
    ]) {
      expect(quiet.series, alert).not.toEqual([]);
    }
  });
});

describe("runbooks", () => {
  test("each alert links to a page that is there, and no page is without an alert", () => {
    expect(pages).toEqual(names.map((name) => runbookUrl("", name)));
  });

  test.each(pages)("%s says what a person at night needs, in this order", (page) => {
    const lines = readFileSync(join(runbooks, page), "utf8").split("\n");
    expect(lines[0]).toBe(`# ${page.replace(".md", "")}`);
    expect(lines.filter((line) => line.startsWith("## "))).toEqual(HEADINGS);
    expect(lines.filter((line) => /^```(promql|sh)$/.test(line.trim()))).not.toEqual([]);
  });

  test.each(pages)("%s asks for metrics that exist, and has the alert's own", (page) => {
    const text = readFileSync(join(runbooks, page), "utf8");
    const known = metricDefinitions.map(({ name }) => name);
    const asked = new Set(text.match(/\bpoolwarden_[a-z_]+[a-z]/g));
    for (const name of asked) expect(known).toContain(name);
    const alert = allAlerts(subject).find(({ name }) => `${name}.md` === page);
    const own = alert?.expression.match(/\b(poolwarden|process)_[a-z_]+/g) ?? [];
    const others = Object.keys(metricsOfOthers);
    const isOfOthers = others.some((name) => alert?.expression.includes(name));
    if (!isOfOthers && !alert?.expression.startsWith("absent")) expect(text).toContain(own[0]);
  });
});
