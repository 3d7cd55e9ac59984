// What is published is the bundle, not the sources, and a bundle can break where the sources run: a
// module that asks for a file beside it, a `require` that is gone. So it is built and started.
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { writeBundle } from "../config/bundle.ts";
import type { Bundle } from "../config/bundle.ts";
import { gatherLicenses } from "../config/licenses.ts";
import { kubeconfigOfNobody } from "../support/kubeconfig-of-nobody.ts";
import { openWorkspace, waitUntil } from "../support/processes.ts";
import type { GuardedProcess, Workspace } from "../support/processes.ts";

const root = join(import.meta.dirname, "..", "..");
const TIMEOUT_MS = 60_000;

/** With client-node's generated models it would be 20 MB; zod's languages are 0.4, mysql2's 0.6. */
const BYTES_MAX = 3.5 * 1024 * 1024;

let workspace: Workspace;
let directory: string;
let bundle: Bundle;

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-bundle-");
  directory = join(workspace.directory, "dist");
  await mkdir(directory);
  bundle = await writeBundle("src/main.ts", join(directory, "poolwarden.js"));
}, TIMEOUT_MS);

afterAll(async () => {
  await workspace.close();
});

const ownNodeFirst = {
  PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
};

/** In the bundle's own folder, where there is nothing else. */
function start(...args: readonly string[]): Promise<GuardedProcess> {
  return workspace.spawn(process.execPath, ["poolwarden.js", ...args], { cwd: directory });
}

test("is one small file", async () => {
  expect(await readdir(directory)).toEqual(["poolwarden.js"]);
  expect(bundle.bytes).toBeLessThan(BYTES_MAX);
});

test("prints its help", { timeout: TIMEOUT_MS }, async () => {
  const help = await start("--help");
  expect(await help.exited).toMatchObject({ code: 0 });
  expect(help.output()).toContain("Usage: poolwarden run");
});

test("is a program that runs by its name, as npm links it", { timeout: TIMEOUT_MS }, async () => {
  const name = basename(packageJson.bin.poolwarden);
  const help = await workspace.spawn(join(directory, name), ["--help"], { env: ownNodeFirst });
  expect(await help.exited).toMatchObject({ code: 0 });
  expect(help.output()).toContain("Usage: poolwarden run");
});

test("says in one line which Node it needs", { timeout: TIMEOUT_MS }, async () => {
  const versions = "{ value: { ...process.versions, node: '20.20.2' } }";
  const pretend = `data:text/javascript,Object.defineProperty(process, "versions", ${versions})`;
  const args = ["--import", pretend, "poolwarden.js", "run", "--help"];
  const old = await workspace.spawn(process.execPath, args, { cwd: directory });
  expect(await old.exited).toMatchObject({ code: 1 });
  expect(old.output()).toBe("poolwarden needs Node 26 or newer, this is 20.20.2\n");
});

test("prints the version of package.json", { timeout: TIMEOUT_MS }, async () => {
  const version = await start("--version");
  expect(await version.exited).toMatchObject({ code: 0 });
  expect(version.output()).toBe(`${packageJson.version}\n`);
});

test("runs, reads a kubeconfig, and ends well", { timeout: TIMEOUT_MS }, async () => {
  const path = join(workspace.directory, "kubeconfig");
  await writeFile(path, JSON.stringify(kubeconfigOfNobody));
  const operator = await start("run", "--kubeconfig", path, "--listen", "127.0.0.1:0");
  const complaint = "ECONNREFUSED";
  await waitUntil("the kubeconfig to be read", () => operator.output().includes(complaint));
  expect(await operator.stop("SIGTERM")).toMatchObject({ code: 0 });
});

test("goes with the licence of each package in it", async () => {
  expect(bundle.packages).toContain("node_modules/@kubernetes/client-node");
  expect(bundle.packages).toContain("node_modules/pg");

  const licenses = await gatherLicenses(root, bundle.packages);

  expect(licenses).toMatch(/^pg \d[\d.]* \(MIT\)$/m);
  expect(licenses.match(/^=+$/gm)).toHaveLength(bundle.packages.length);
});

test("is not published with a package that says nothing of its licence", async () => {
  const folder = await mkdtemp(join(workspace.directory, "package-"));
  await writeFile(join(folder, "package.json"), '{ "name": "silent" }');
  await writeFile(join(folder, "README.md"), "# silent\n\nIt works.\n");

  await expect(gatherLicenses("/", [folder])).rejects.toThrow("says nothing of its licence");
});
