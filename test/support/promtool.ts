// Prometheus' own judgement of our rules: `promtool` parses and evaluates them. It is in Debian's
// package prometheus; without it the tests that need it are skipped and say so.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Manifest } from "../../src/ports.ts";

/** A rule as Prometheus reads it. */
export type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

type Groups = { readonly groups: readonly { name: string; readonly rules: readonly Rule[] }[] };

/** Undefined where promtool is not on the PATH; said once on standard error. */
export const promtoolPath = findPromtool();

/** The rules of a PrometheusRule. */
export function rulesOf({ spec }: Manifest): readonly Rule[] {
  return (spec as Groups).groups.flatMap(({ rules }) => rules);
}

/** The same object with the rules of one alert alone: Prometheus evaluates it much faster. */
export function onlyAlert(manifest: Manifest, alert: string): Manifest {
  const rules = rulesOf(manifest).filter((rule) => rule.alert === alert);
  return { ...manifest, spec: { groups: [{ name: alert, rules }] } };
}

/** `promtool check rules` on the rules of these objects. */
export async function checkRules(
  manifests: readonly Manifest[],
): Promise<{ readonly code: number; readonly output: string }> {
  return inTemporaryDirectory((directory) =>
    run(directory, { "rules.yaml": groupsOf(manifests) }, ["check", "rules", "rules.yaml"]),
  );
}

/** `promtool test rules`: a test file of Prometheus without its rule_files. */
export async function testRules(
  manifest: Manifest,
  test: object,
): Promise<{ readonly code: number; readonly output: string }> {
  const files = {
    "rules.yaml": groupsOf([manifest]),
    "test.yaml": { rule_files: ["rules.yaml"], ...test },
  };
  return inTemporaryDirectory((directory) => run(directory, files, ["test", "rules", "test.yaml"]));
}

function findPromtool(): string | undefined {
  const { error } = spawnSync("promtool", ["--version"]);
  if (error === undefined) return "promtool";
  process.stderr.write("promtool is not on the PATH (package prometheus): rules are not tried\n");
  return undefined;
}

function groupsOf(manifests: readonly Manifest[]): Groups {
  const groups = manifests.flatMap(({ spec }) => (spec as Groups).groups);
  return { groups: groups.map((group, index) => ({ ...group, name: `${group.name}-${index}` })) };
}

async function run(
  directory: string,
  files: Readonly<Record<string, object>>,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), stringify(content, { lineWidth: 0 }));
  }
  const { status, stdout, stderr } = spawnSync("promtool", args, {
    cwd: directory,
    encoding: "utf8",
  });
  return { code: status ?? 1, output: stdout + stderr };
}

async function inTemporaryDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "poolwarden-rules-"));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
