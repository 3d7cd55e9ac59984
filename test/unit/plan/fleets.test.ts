// Situations that people really had, and every example, as a plan answers them. What is expected is
// a golden file, so that a review sees which fleet a change of the rules moves; UPDATE_GOLDEN=1
// writes it. That the operator publishes the same on a real control plane is shown by
// test/integration/plan.test.ts.

import { globSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { Answer } from "../../../src/plan/answer.ts";
import { neededBy, textIn } from "../../support/examples.ts";
import { answerOn, manifests, planOn } from "../../support/plan-setup.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const golden = join(root, "test", "golden", "plan", "fleets.txt");
const services = "examples/demo/services.yaml";
const policyOfDemo = "examples/demo/poolpolicy.yaml";
/** Without a policy of its own. */
const reports = "examples/demo/reports.yaml";

const paths = globSync(["examples/{*,demo/*}.yaml", "test/support/declared-fleets/*.yaml"], {
  cwd: root,
})
  .filter((path) => ![services, "examples/database-secret.yaml"].includes(path))
  .sort();

function textOf(path: string): string {
  const all = [path, ...neededBy(path)];
  if (path !== reports) return manifests(...all.map(textIn));
  return manifests(...[...all, policyOfDemo, ...neededBy(policyOfDemo)].map(textIn));
}

function linesOf(path: string, { servers, exitStatus, policies }: Answer): string[] {
  const verdict = exitStatus === 0 ? "fits" : `does not fit (${reasonsOf(policies)})`;
  const pools = servers.flatMap((server) =>
    server.pools.map(
      ({ pool, plannedPods, poolSize, share, boundBy }) =>
        `  ${pool}: ${plannedPods} pods, size ${poolSize}, share ${share}, bound by ${boundBy}`,
    ),
  );
  return [`${basename(path, ".yaml")}: ${verdict}`, ...pools];
}

function reasonsOf(policies: Answer["policies"]): string {
  const reasons = policies.flatMap(({ problems }) => problems.map(({ reason }) => reason));
  return [...new Set(reasons)].join(", ");
}

test("every example and situation is answered as the golden file has it", async () => {
  const lines: string[] = [];
  for (const path of paths) {
    const isDeclared = path.includes("declared-fleets") || path.includes("shared-server");
    const answer = await answerOn(textOf(path), isDeclared ? [] : ["--max-connections", "200"]);
    expect(answer.exitStatus, path).not.toBe(2);
    lines.push(...linesOf(path, answer));
  }
  const text = `${lines.join("\n")}\n`;
  if (process.env["UPDATE_GOLDEN"] === "1") await writeFile(golden, text);
  expect(text).toBe(await readFile(golden, "utf8"));
});

test("what the README shows is what is printed", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const [, args = "", shown = ""] =
    /\$ poolwarden plan -f examples\/demo (.*)\n([^]*?)```/.exec(readme) ?? [];
  const demo = ["services", "poolpolicy", "reports"].map((name) =>
    readFileSync(join(root, "examples", "demo", `${name}.yaml`), "utf8"),
  );
  const { stdout } = await planOn(manifests(...demo), args.split(" "));
  const printed = stdout.split("\n");
  const lines = shown.split("\n");
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
});
