// The release's promises: every action is the commit that somebody looked at, and whoever holds
// credentials runs nothing that a package could have brought along.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly with?: Readonly<Record<string, unknown>>;
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const file = join(import.meta.dirname, "..", "..", ".ci", "release.yaml");
const text = await readFile(file, "utf8");
const { permissions, jobs } = parse(text) as Workflow;

function holdsCredentials(job: Job): boolean {
  return job.permissions !== undefined || JSON.stringify(job).includes("secrets.");
}

test("every action is pinned by commit, with the version that it is", () => {
  const lines = text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines)
    expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("images that actions start are named by digest, which is checked before any of them runs", () => {
  const { steps } = jobs["publish"] ?? { steps: [] };
  const placeOf = (part: string): number =>
    steps.findIndex(({ uses, run }) => [uses, run].some((one) => one?.includes(part)));
  const check = placeOf("@sha256:[0-9a-f]{64}$");
  expect(check).toBeGreaterThan(-1);
  const inputs = (action: string): string => {
    expect(placeOf(action)).toBeGreaterThan(check);
    return JSON.stringify(steps[placeOf(action)]?.with);
  };
  expect(inputs("setup-qemu-action@")).toContain("vars.BINFMT_IMAGE");
  expect(inputs("setup-buildx-action@")).toContain("image=${{ vars.BUILDKIT_IMAGE }}");
  expect(inputs("build-push-action@")).toContain("generator=${{ vars.SCANNER_IMAGE }}");
  for (const name of ["BINFMT", "BUILDKIT", "SCANNER"]) {
    expect(JSON.stringify(steps[check])).toContain(`vars.${name}_IMAGE`);
  }
});

test("who holds credentials runs neither npm nor a program of the project", () => {
  const holders = Object.values(jobs).filter(holdsCredentials);
  expect(holders).toHaveLength(1);
  const commands = holders.flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands) {
    expect(command).not.toMatch(/\b(npm|npx|node|make|vitest)\b(?!_IMAGE)|\.ci\/run/);
  }
});

test("the image has its tag, and the chart is there, once the image was checked and attested", () => {
  const { steps } = jobs["publish"] ?? { steps: [] };
  const place = (text: string): number =>
    steps.findIndex((step) => [step.uses, step.run].some((one) => one?.includes(text)));
  const order = [
    ...["build-push-action@", "sha256sum --check", "attest-build-provenance@", "attest-sbom@"],
    ...["imagetools create --tag", "helm push", "gh release create"],
  ].map(place);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(Math.min(...order)).toBeGreaterThan(0);
  const build = steps[place("build-push-action@")]?.with ?? {};
  expect(build["tags"] ?? build["push"]).toBeUndefined();
  expect(build["outputs"]).toContain("push-by-digest=true");
});

test("no job has more rights than it names", () => {
  expect(permissions).toEqual({ contents: "read" });
});

test("the image installs packages without their scripts", async () => {
  const dockerfile = await readFile(join(import.meta.dirname, "..", "..", "Dockerfile"), "utf8");
  for (const line of dockerfile.split("\n").filter((one) => one.includes("npm ci"))) {
    expect(line).toContain("--ignore-scripts");
  }
});
