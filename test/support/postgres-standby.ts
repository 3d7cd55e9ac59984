// A real streaming standby of a PostgreSQL of a test: a base backup of its data directory, taken
// while it runs, that follows it from then on and can be promoted.
import { execFile } from "node:child_process";
import { cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { type Cluster, type Postgres, type PostgresOptions, startFilled } from "./postgres.ts";
import { embeddedBinDirectory } from "./postgres-programs.ts";
import { waitUntil } from "./processes.ts";

/** What its server needs in `hostAuth`: others of the same kind may follow it. */
export const replicationAuth = "host replication all 127.0.0.0/8 scram-sha-256";

export type Standby = Postgres & {
  /** From now on it takes writes, as the primary. */
  promote(): Promise<void>;
  /** From now on it streams from another one. */
  follow(primary: Postgres): Promise<void>;
};

/** Of a server of startPostgres, with `replicationAuth`; PostgreSQL 15 and newer. */
export async function startStandby(
  primary: Postgres,
  options: PostgresOptions = {},
): Promise<Standby> {
  const flags = { ...options.flags, primary_conninfo: connectionTo(primary) };
  const hostAuth = [replicationAuth, ...(options.hostAuth ?? [])];
  const fill = (cluster: Cluster): Promise<void> => backUp(primary, cluster);
  const standby = await startFilled(embeddedBinDirectory(), { ...options, flags, hostAuth }, fill);
  await waitUntil("the standby to stream", async () => {
    const [row] = await standby.query("SELECT status FROM pg_stat_wal_receiver");
    return row?.["status"] === "streaming";
  });
  return Object.assign(standby, {
    promote: async () => {
      await standby.query("SELECT pg_promote()");
    },
    follow: async (other: Postgres) => {
      await standby.query(`ALTER SYSTEM SET primary_conninfo = '${connectionTo(other)}'`);
      await standby.query("SELECT pg_reload_conf()");
    },
  });
}

function connectionTo({ port }: Postgres): string {
  return `host=127.0.0.1 port=${port} user=postgres password=postgres`;
}

/** Between start and end of a backup, which are of one session, files may be copied as they are. */
async function backUp(primary: Postgres, { data, owner }: Cluster): Promise<void> {
  const session = new pg.Client({ connectionString: primary.uri() });
  await session.connect();
  try {
    await session.query("SELECT pg_backup_start('standby', true)");
    await cp(primary.data, data, { recursive: true, filter: isPartOfBackup });
    const { rows } = await session.query<{ label: string }>(
      "SELECT labelfile AS label FROM pg_backup_stop(false)",
    );
    await writeFile(join(data, "backup_label"), rows[0]?.label ?? "");
    await writeFile(join(data, "standby.signal"), "");
  } finally {
    await session.end();
  }
  if (owner) await promisify(execFile)("chown", ["-R", `${owner.uid}:${owner.gid}`, data]);
  await promisify(execFile)("chmod", ["700", data]);
  if (!(await readdir(data)).includes("base")) throw new Error("nothing was copied");
}

function isPartOfBackup(path: string): boolean {
  return !/\/(postmaster\.(pid|opts)|pg_replslot\/.+)$/.test(path);
}
