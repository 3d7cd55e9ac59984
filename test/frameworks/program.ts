// One program of examples/apps: copied, installed or built, and started with what a pod would get.
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { poolPolicySpec } from "../../src/api/poolpolicy.ts";
import { entriesFor } from "../../src/api/sizing.ts";
import { type MariaDb, noMariaDb } from "../support/mariadb.ts";
import type { Postgres } from "../support/postgres.ts";
import type { GuardedProcess, Workspace } from "../support/processes.ts";
import type { Framework } from "./frameworks.ts";

const root = join(import.meta.dirname, "..", "..");
export const minSizePercent = 25;

export type Outcome = { readonly kind: "passed" | "failed" | "skipped"; readonly says: string };
export type Stage = {
  readonly postgres: Postgres;
  /** Undefined where none is installed. */
  readonly mariaDb: MariaDb | undefined;
  readonly workspace: Workspace;
};
type Prepared = Pick<Framework, "name" | "folder" | "needs" | "prepare" | "isOnMariaDb"> & {
  /** Folders that are copied one over the other, below the root; else its example. */
  readonly sources?: readonly string[];
};
export type Sizes = { readonly poolSize: number; readonly secondPoolSize?: number };

/** Where it is ready to run, or why it is left out. */
export async function prepare(
  { workspace, mariaDb }: Stage,
  framework: Prepared,
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  if (framework.isOnMariaDb === true && mariaDb === undefined) return { missing: noMariaDb };
  for (const program of framework.needs) {
    if (!(await isInstalled(program))) return { missing: `no ${program} here` };
  }
  const folder = join(workspace.directory, framework.name);
  for (const source of framework.sources ?? [`examples/apps/${framework.folder}`]) {
    await cp(join(root, source), folder, { recursive: true });
  }
  for (const command of framework.prepare) {
    const problem = await runCommand(workspace, command, folder);
    if (problem !== undefined) return { missing: `cannot be prepared: ${problem}` };
  }
  return { folder };
}

async function isInstalled(program: string): Promise<boolean> {
  return promisify(execFile)(program, ["-version"]).then(
    () => true,
    (error: unknown) => !(error instanceof Error && "code" in error && error.code === "ENOENT"),
  );
}

/** What it said where it failed. */
async function runCommand(
  workspace: Workspace,
  [command = "", ...args]: readonly string[],
  cwd: string,
): Promise<string | undefined> {
  const path = command.includes("/") ? join(cwd, command) : command;
  const child = await workspace.spawn(path, args, { cwd });
  const { code } = await child.exited;
  return code === 0 ? undefined : `${command} ${args.join(" ")}: ${child.output().slice(-500)}`;
}

/** In the folder where it was prepared. */
export async function start(
  stage: Stage,
  framework: Framework,
  how: { readonly folder: string; readonly sizes: Sizes; readonly env?: NodeJS.ProcessEnv },
): Promise<GuardedProcess> {
  const [command = "", ...args] = framework.run;
  const path = command.includes("/") ? join(how.folder, command) : command;
  const env = { ...environmentOf(stage, framework, how.sizes), ...how.env };
  return await stage.workspace.spawn(path, args, { cwd: how.folder, env });
}

export function secondName(name: string): string {
  return `${name} reports`;
}

/** What the API server would write, and where the database is, in each framework's own words. */
function environmentOf(
  { postgres, mariaDb }: Stage,
  framework: Framework,
  { poolSize, secondPoolSize = poolSize }: Sizes,
): NodeJS.ProcessEnv {
  const { name, secondPrefix, isOnMariaDb } = framework;
  return {
    ...withoutSizes(postgres, name),
    ...(isOnMariaDb === true && mariaDb && springMariaDb(mariaDb, name)),
    ...sizesOf(framework, poolSize),
    ...(secondPrefix !== undefined && {
      ...springDatabase(postgres, "SPRING_DATASOURCE_REPORTS", secondName(name)),
      ...sizesOf({ ...framework, prefix: secondPrefix }, secondPoolSize),
    }),
  };
}

/** Where the database is, and nothing of a size. */
export function withoutSizes(postgres: Postgres, name: string): NodeJS.ProcessEnv {
  const binaries = join(root, "node_modules", ".bin");
  return {
    ...process.env,
    PATH: `${binaries}${delimiter}${process.env["PATH"] ?? ""}`,
    PGAPPNAME: name,
    DATABASE_URL: postgres.uri(),
    DB_PRIMARY_DB_URL: postgres.uri(),
    ...springDatabase(postgres, "SPRING_DATASOURCE", name),
  };
}

function springDatabase({ port }: Postgres, prefix: string, name: string): Record<string, string> {
  const query = `ApplicationName=${encodeURIComponent(name)}`;
  return {
    [`${prefix}_URL`]: `jdbc:postgresql://127.0.0.1:${port}/postgres?${query}`,
    [`${prefix}_USERNAME`]: "postgres",
    [`${prefix}_PASSWORD`]: "postgres",
  };
}

/** Its user has the framework's name: MariaDB shows no other one. */
function springMariaDb({ port }: MariaDb, name: string): Record<string, string> {
  return {
    SPRING_DATASOURCE_URL: `jdbc:mariadb://127.0.0.1:${port}/`,
    SPRING_DATASOURCE_USERNAME: name,
    SPRING_DATASOURCE_PASSWORD: name,
    QUERY: "SELECT SLEEP(0.5)",
  };
}

/** By a policy with such an entry. */
function sizesOf(
  { name, preset, prefix }: Pick<Framework, "name" | "preset"> & { readonly prefix?: string },
  max: number,
): Record<string, string> {
  const workload = { name, preset, prefix, poolSize: { min: 1, max, minSizePercent } };
  const database = { address: "db.example:5432", maxConnections: 100 };
  const spec = poolPolicySpec.parse({ database, workloads: [workload] });
  const [entry] = spec.workloads;
  if (entry === undefined) throw new Error("the policy has no entry");
  return Object.fromEntries(entriesFor(spec, entry, max).map((one) => [one.name, one.value]));
}
