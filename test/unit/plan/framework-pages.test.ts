// Manifests that a person copies from docs/frameworks: each page is planned as it stands there, and
// gives the sizes that its table says. What a page calls wrong leads to the finding that it names.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { kind } from "../../../src/api/group.ts";
import type { Answer } from "../../../src/plan/answer.ts";
import { answerOn } from "../../support/plan-setup.ts";

const folder = join(import.meta.dirname, "..", "..", "..", "docs", "frameworks");

interface Shown {
  readonly place: string;
  readonly manifests: string;
  /** `Deployment/web=4 of 24`, as the table after it says. */
  readonly sizes: readonly string[];
}

/** A policy with the workload that it sizes. */
function shownIn(page: string): readonly Shown[] {
  const text = readFileSync(join(folder, page), "utf8");
  return text.split("```yaml\n").flatMap((part, index) => {
    const [manifests = "", after = ""] = part.split("\n```\n");
    if (index === 0 || !manifests.includes(`kind: ${kind}`)) return [];
    const rows = after.matchAll(/^\| (\w+\/\w+) +\| +(\d+) \| +(\d+) \|$/gm);
    const sizes = [...rows].map(([, pool = "", size = "", slots = ""]) => {
      return `${pool}=${size} of ${slots}`;
    });
    return [{ place: `${page}, ${sizes.join(", ")}`, manifests, sizes }];
  });
}

function plan(manifests: string): Promise<Answer> {
  return answerOn(manifests, ["--max-connections", "100"]);
}

function sayFindings(answer: Answer): readonly string[] {
  return answer.policies.flatMap(({ status }) => (status.findings ?? []).map((o) => o.message));
}

function findingsOf({ policies }: Answer): readonly string[] {
  return policies.flatMap(({ status }) => (status.findings ?? []).map(({ reason }) => reason));
}

const pages = globSync("*.md", { cwd: folder }).sort();
const shown = pages.flatMap(shownIn);

describe("manifests on the pages of frameworks", () => {
  it("are there", () => {
    expect(shown.length).toBeGreaterThanOrEqual(5);
  });

  it.each(shown)("$place", async ({ manifests, sizes }) => {
    const answer = await plan(manifests);
    const pools = answer.servers.flatMap((server) => server.pools);
    const planned = pools.map(({ pool, poolSize, slots }) => `${pool}=${poolSize} of ${slots}`);
    expect(planned.sort()).toEqual([...sizes].sort());
    expect(sayFindings(answer)).toEqual([]);
    expect(answer.exitStatus).toBe(0);
  });
});

type Edit = readonly [from: string, to: string];

/** A line that is not there. */
const without = (line: string): Edit => [line, "      # "];
const twoWorkers = "      processesPerPod: 2";
const asTemplate: Edit = ["spec:\n  database:", "spec:\n  delivery: Template\n  database:"];
const audit: Edit = [
  "{ name: KC_DB, value: p",
  "{ name: KC_DB_POOL_MAX_SIZE_AUDIT, value: '9' } # ",
];
const inUrl: Edit = ["valueFrom: { secretKeyRef", "value: 'postgres://db/shop?pool=20' # "];
const later: Edit = ["{ name: DB_POOL_MAX_SIZE,", "{ name: LATER,"];

interface Wrong {
  readonly page: string;
  readonly reason: string;
  readonly edits: readonly Edit[];
}

describe("what a page calls wrong", () => {
  it.each<Wrong>([
    { page: "django", reason: "MayHoldMore", edits: [without(twoWorkers)] },
    {
      page: "django",
      reason: "SizeOverridden",
      edits: [["--threads=$(GUNICORN_THREADS)", "--threads=8"]],
    },
    {
      page: "keycloak",
      reason: "SizeOverridden",
      edits: [["[start, --optimized]", "[start, --db-pool-max-size=50]"]],
    },
    {
      page: "keycloak",
      reason: "MinimumInTemplate",
      edits: [without("        minSize: KC_DB_POOL_MIN_SIZE")],
    },
    { page: "keycloak", reason: "MayHoldMore", edits: [audit] },
    { page: "rails", reason: "MayHoldMore", edits: [without(twoWorkers)] },
    { page: "rails", reason: "SizeOverridden", edits: [inUrl] },
    {
      page: "prisma",
      reason: "SizeOverridden",
      edits: [["limit=$(DB_POOL_MAX_SIZE)", "limit=30"]],
    },
    { page: "prisma", reason: "ReferenceBeforeEntry", edits: [asTemplate, later] },
  ])("$page: $reason: $edits", async ({ page, reason, edits }) => {
    const manifests = shownIn(`${page}.md`)[0]?.manifests ?? "";
    expect(readFileSync(join(folder, `${page}.md`), "utf8")).toContain(`\`${reason}\``);
    const answer = await plan(edits.reduce(edited, manifests));
    expect(findingsOf(answer)).toContain(reason);
  });
});

test("each cell of the table of frameworks says whether it was tried", () => {
  const page = readFileSync(join(folder, "README.md"), "utf8");
  const [, table = ""] = /^\| framework \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(page) ?? [];
  const rows = table.trim().split("\n");
  expect(rows.length).toBeGreaterThan(20);
  const cells = rows.flatMap((row) => row.split(" | ").slice(1));
  expect(cells.filter((cell) => !/\b[TD]\b/.test(cell))).toEqual([]);
});

function edited(text: string, [from, to]: Edit): string {
  expect(text).toContain(from);
  return text.replace(from, () => to);
}
