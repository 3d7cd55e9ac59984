// `make frameworks`: each program of examples/apps against a real PostgreSQL or MariaDB, with the
// environment that a pod would get, and as a live pool where it has a follower. What counts is what
// the server shows. Then programs that print their size, with a size in each place where it may be
// set: Poolwarden's reader must say the same. A program whose runtime is not on this machine, or
// whose packages cannot be had, is left out with the reason.
import { findMariaDb, type MariaDb, startMariaDb } from "../support/mariadb.ts";
import { pickByName } from "../support/pick-by-name.ts";
import { startPostgres } from "../support/postgres.ts";
import { openWorkspace } from "../support/processes.ts";
import { measureFollowing } from "./following.ts";
import { frameworks } from "./frameworks.ts";
import type { Framework } from "./frameworks.ts";
import { prepare } from "./program.ts";
import type { Outcome, Stage } from "./program.ts";
import { measureSettings } from "./settings.ts";
import { type SizeProgram, sizePrograms } from "./size-programs.ts";
import { measureSize } from "./sized.ts";

const wanted = pickByName([...frameworks, ...sizePrograms], process.env["ONLY"]);
const counts = { passed: 0, failed: 0, skipped: 0 };
const postgres = await startPostgres({ maxConnections: 100 });
const mariaDb = wanted.some(isOnMariaDb) ? await openMariaDb() : undefined;
for (const one of wanted) await tryOne(one);
await postgres.stop();
await mariaDb?.stop();
console.log(
  `frameworks: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** With a user for each program that is run on it. */
async function openMariaDb(): Promise<MariaDb | undefined> {
  const programs = await findMariaDb();
  if (programs === undefined) return undefined;
  const server = await startMariaDb(programs, { maxConnections: 100 });
  for (const { name } of wanted.filter(isOnMariaDb)) {
    await server.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '${name}'`);
  }
  return server;
}

function isOnMariaDb(one: Framework | SizeProgram): boolean {
  return "isOnMariaDb" in one;
}

async function tryOne(one: Framework | SizeProgram): Promise<void> {
  const workspace = await openWorkspace("poolwarden-frameworks-");
  const stage = { postgres, mariaDb, workspace };
  const prepared = await prepare(stage, one);
  if ("missing" in prepared) report(one.name, { kind: "skipped", says: prepared.missing });
  else await measure(stage, one, prepared.folder);
  await workspace.close();
}

async function measure(stage: Stage, one: Framework | SizeProgram, folder: string): Promise<void> {
  if ("casesAt" in one) {
    report(one.name, await measureSettings(stage, one, folder));
    return;
  }
  report(one.name, await measureSize(stage, one, folder));
  if (one.isLive) report(`${one.name} live`, await measureFollowing(stage, one, folder));
}

function report(name: string, { kind, says }: Outcome): void {
  counts[kind] += 1;
  console.log(`${name}: ${kind}: ${says}`);
}
