// `make frameworks`: each program of examples/apps against a real PostgreSQL or MariaDB, with the
// environment that a pod would get, and as a live pool where it has a follower. What counts is what
// the server shows. A program whose runtime is not on this machine, or whose packages cannot
// be had, is left out with the reason.
import { findMariaDb, type MariaDb, startMariaDb } from "../support/mariadb.ts";
import { pickByName } from "../support/pick-by-name.ts";
import { startPostgres } from "../support/postgres.ts";
import { openWorkspace } from "../support/processes.ts";
import { measureFollowing } from "./following.ts";
import { frameworks } from "./frameworks.ts";
import type { Framework } from "./frameworks.ts";
import { prepare } from "./program.ts";
import type { Outcome } from "./program.ts";
import { measureSize } from "./sized.ts";

const wanted = pickByName(frameworks, process.env["ONLY"]);
const counts = { passed: 0, failed: 0, skipped: 0 };
const postgres = await startPostgres({ maxConnections: 100 });
const mariaDb = wanted.some((one) => one.isOnMariaDb) ? await openMariaDb() : undefined;
for (const framework of wanted) await tryOne(framework);
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
  for (const { name, isOnMariaDb } of wanted) {
    if (isOnMariaDb) await server.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '${name}'`);
  }
  return server;
}

async function tryOne(framework: Framework): Promise<void> {
  const workspace = await openWorkspace("poolwarden-frameworks-");
  const stage = { postgres, mariaDb, workspace };
  const prepared = await prepare(stage, framework);
  if ("missing" in prepared) {
    report(framework.name, { kind: "skipped", says: prepared.missing });
  } else {
    const { folder } = prepared;
    report(framework.name, await measureSize(stage, framework, folder));
    if (framework.isLive) {
      report(`${framework.name} live`, await measureFollowing(stage, framework, folder));
    }
  }
  await workspace.close();
}

function report(name: string, { kind, says }: Outcome): void {
  counts[kind] += 1;
  console.log(`${name}: ${kind}: ${says}`);
}
