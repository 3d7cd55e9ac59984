// A scenario of one alert: series over time that make it fire, the last moment at which it must not
// fire yet, and a near miss on which it never may. Prometheus' own promtool evaluates both.
import { stringify } from "yaml";
import { expect } from "vitest";
import type { Manifest } from "../../src/ports.ts";
import { onlyAlert, rulesOf, testRules } from "../support/promtool.ts";

export type Series = { readonly series: string; readonly values: string };

export type Scenario = {
  readonly name: string;
  readonly alert: string;
  readonly series: readonly Series[];
  readonly quietAt: string;
  readonly firesAt: string;
  readonly wantLabels: Readonly<Record<string, string>>;
  readonly wantSummary: string;
  /** A part of the description. */
  readonly wantDescription: string;
  /** Much alike, and nobody is to be woken. */
  readonly quiet: { readonly name: string; readonly series: readonly Series[] };
};

/** Rules under test, and the labels that they give to every alert. */
export type Rules = {
  readonly manifest: Manifest;
  readonly labels: Readonly<Record<string, string>>;
};

const STEP = "15s";
/** Moments of a near miss: soon, later, and as late as any alert waits. */
const LOOKS = ["1m", "5m", "10m", "15m", "20m", "30m", "1h", "1h10m", "2h", "3h", "4h10m"];

/** Throws unless the alert fires when it should, not before, and says what it should. */
export async function expectToFire(rules: Rules, scenario: Scenario): Promise<void> {
  const { alert, series, quietAt, wantDescription } = scenario;
  const quiet = { eval_time: quietAt, alertname: alert, exp_alerts: [] };
  const expected = [quiet, expectation(rules, scenario)];
  const output = await run(onlyAlert(rules.manifest, alert), series, expected);

  // promtool compares whole annotations, and no description is "?": what it prints is compared
  // here, with a part of the description. A second finding would be the alert firing too soon.
  const [before = "", got = "", ...tooSoon] = output.split("got:");
  expect(tooSoon).toEqual([]);
  expect(got.replace(/\\(.)/g, "$1")).toContain(wantDescription);
  const [description = ""] = /description="(?:[^"\\]|\\.)*"/.exec(got) ?? [];
  const wanted = before.slice(before.indexOf("exp:") + "exp:".length);
  expect(linesOf(got)).toEqual(linesOf(wanted.replace('description="?"', description)));
}

/** Throws if the alert fires at any of many moments of four hours. */
export async function expectQuiet({ manifest }: Rules, { alert, quiet }: Scenario): Promise<void> {
  const looks = LOOKS.map((time) => ({ eval_time: time, alertname: alert, exp_alerts: [] }));
  expect(await run(onlyAlert(manifest, alert), quiet.series, looks)).toContain("SUCCESS");
}

async function run(
  manifest: Manifest,
  series: readonly Series[],
  expectations: readonly object[],
): Promise<string> {
  const test = { interval: STEP, input_series: series, alert_rule_test: expectations };
  const { output } = await testRules(manifest, { evaluation_interval: STEP, tests: [test] });
  if (/error|parse/.test(output)) throw new Error(`${output}\n${stringify(test)}`);
  return output;
}

function expectation({ manifest, labels }: Rules, scenario: Scenario): object {
  const { alert, firesAt, wantLabels, wantSummary } = scenario;
  const source = wantLabels["source"];
  const found = rulesOf(manifest).find((r) => r.alert === alert && r.labels["source"] === source);
  const { runbook_url } = found?.annotations ?? {};
  const exp_annotations = { summary: wantSummary, description: "?", runbook_url };
  const exp_labels = { ...labels, ...wantLabels };
  return { eval_time: firesAt, alertname: alert, exp_alerts: [{ exp_labels, exp_annotations }] };
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim().replace(/,$/, ""))
    .filter((line) => line !== "" && line !== "]");
}
