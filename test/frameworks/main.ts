// `make frameworks`: each program of examples/apps against a real PostgreSQL, with the environment
// that a pod would get. What counts is what pg_stat_activity shows: under load exactly the pool
// size, never more; at rest no more than that. A program whose runtime is not on this machine, or
// whose packages cannot be had, is left out with the reason.
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { poolPolicySpec } from "../../src/api/poolpolicy.ts";
import { entriesFor, minSizeOf } from "../../src/api/sizing.ts";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { pickByName } from "../support/pick-by-name.ts";
import { openWorkspace } from "../support/processes.ts";
import type { GuardedProcess, Workspace } from "../support/processes.ts";
import { frameworks } from "./frameworks.ts";
import type { Framework } from "./frameworks.ts";

const root = join(import.meta.dirname, "..", "..");
const poolSize = 12;
const secondPoolSize = 7;
const minSizePercent = 25;

type Outcome = { readonly kind: "passed" | "failed" | "skipped"; readonly says: string };
type Stage = { readonly postgres: Postgres; readonly workspace: Workspace };

const wanted = pickByName(frameworks, process.env["ONLY"]);
const counts = { passed: 0, failed: 0, skipped: 0 };
const postgres = await startPostgres({ maxConnections: 100 });
for (const framework of wanted) {
  const workspace = await openWorkspace("poolwarden-frameworks-");
  const { kind, says } = await tryOne({ postgres, workspace }, framework);
  await workspace.close();
  counts[kind] += 1;
  console.log(`${framework.name}: ${kind}: ${says}`);
}
await postgres.stop();
console.log(
  `frameworks: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function tryOne(stage: Stage, framework: Framework): Promise<Outcome> {
  for (const program of framework.needs) {
    if (!(await isInstalled(program))) return { kind: "skipped", says: `no ${program} here` };
  }
  const folder = join(stage.workspace.directory, framework.name);
  await cp(join(root, "examples", "apps", framework.folder), folder, { recursive: true });
  for (const command of framework.prepare) {
    const problem = await runCommand(stage.workspace, command, folder);
    if (problem !== undefined) return { kind: "skipped", says: `cannot be prepared: ${problem}` };
  }
  return await measure(stage, framework, folder);
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

async function measure(stage: Stage, framework: Framework, cwd: string): Promise<Outcome> {
  const watch = await watchSessions(stage.postgres.uri(), framework.name);
  const second = await watchSessions(stage.postgres.uri(), secondName(framework.name));
  const [command = "", ...args] = framework.run;
  const path = command.includes("/") ? join(cwd, command) : command;
  const child = await stage.workspace.spawn(path, args, {
    cwd,
    env: environmentOf(stage.postgres, framework),
  });
  const [[atRest, peak], [, secondPeak]] = await Promise.all([
    watch.until(child),
    second.until(child),
  ]);
  const { code } = await child.exited;
  const minimum = minSizeOf(poolSize, minSizePercent);
  const wantSecond = framework.secondPrefix === undefined ? 0 : secondPoolSize;
  const says = `at rest ${atRest} (minimum ${minimum}), under load ${peak} of ${poolSize} sessions, second pool ${secondPeak} of ${wantSecond}`;
  if (code !== 0) return { kind: "failed", says: `${says}; ${child.output().slice(-2_000)}` };
  const isRight = peak === poolSize && secondPeak === wantSecond && atRest <= poolSize;
  return { kind: isRight ? "passed" : "failed", says };
}

function secondName(name: string): string {
  return `${name} reports`;
}

/** What the API server would write, and where the database is, in each framework's own words. */
function environmentOf(postgres: Postgres, framework: Framework): NodeJS.ProcessEnv {
  const { name, secondPrefix } = framework;
  const binaries = join(root, "node_modules", ".bin");
  return {
    ...process.env,
    PATH: `${binaries}${delimiter}${process.env["PATH"] ?? ""}`,
    PGAPPNAME: name,
    DATABASE_URL: postgres.uri(),
    DB_PRIMARY_DB_URL: postgres.uri(),
    ...springDatabase(postgres, "SPRING_DATASOURCE", name),
    ...sizesOf(framework, poolSize),
    ...(secondPrefix !== undefined && {
      ...springDatabase(postgres, "SPRING_DATASOURCE_REPORTS", secondName(name)),
      ...sizesOf({ ...framework, prefix: secondPrefix }, secondPoolSize),
    }),
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

type SessionWatch = {
  /** The sessions just before the program said that it is busy, and the most until it ended. */
  until(child: GuardedProcess): Promise<readonly [atRest: number, peak: number]>;
};

async function watchSessions(uri: string, name: string): Promise<SessionWatch> {
  const client = new pg.Client({ connectionString: uri, application_name: "watch" });
  await client.connect();
  const count = async (): Promise<number> => {
    const sql =
      "SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = $1";
    return (await client.query<{ sessions: number }>(sql, [name])).rows[0]?.sessions ?? 0;
  };
  return {
    until: async (child) => {
      let [atRest, peak] = [0, 0];
      while (!child.hasExited()) {
        const sessions = await count();
        if (!child.output().includes("busy")) atRest = sessions;
        peak = Math.max(peak, sessions);
        await delay(20);
      }
      await client.end();
      return [atRest, peak];
    },
  };
}
