// A real MariaDB for one test: a data directory of its own that goes when we go, any free port, on
// 127.0.0.1. Clients may come from all of 127.0.0.0/8, so that on Linux a pod's sessions carry the
// pod's own address. The distribution's package brings the programs; where it is missing, the tests
// that want it say so and are skipped.
import { constants } from "node:fs";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { chooseOwner } from "./postgres-programs.ts";
import type { Owner } from "./postgres-programs.ts";
import { findFreePort } from "./processes.ts";
import type { GuardedProcess, Workspace } from "./processes.ts";
import { giveTo, inWorkspace, spawnOptions, startedServer } from "./server-process.ts";

const ADMINISTRATOR = "administrator";

/** Said by tests that are skipped. */
export const noMariaDb = "no MariaDB is installed (Debian: apt-get install mariadb-server)";

const PLACES = ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd", "/opt/homebrew/bin/mariadbd"];
/** Of the tables that the server itself needs; help texts and the like are left out. */
const SCRIPTS = ["mysql_system_tables.sql", "mysql_system_tables_data.sql"];
const SCRIPT_FOLDERS = ["/usr/share/mysql", "/usr/share/mariadb", "/opt/homebrew/share/mysql"];

export type MariaDbOptions = {
  /** max_connections; default 100, at least 10. */
  readonly maxConnections?: number;
  /** Further options by name, as on the command line. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Turns TLS on with this certificate. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
};

export type MariaDb = AsyncDisposable & {
  readonly port: number;
  /** The administrator's unless told otherwise. */
  uri(user?: string, database?: string, password?: string): string;
  /** Runs SQL as administrator on a session of its own, which counts while it runs. */
  query(sql: string): Promise<RowDataPacket[]>;
  /** SIGKILL, as the kernel's out-of-memory killer would; start() recovers. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

export type MariaDbPrograms = { readonly server: string; readonly scripts: string };

/**
 * Undefined where no package has brought it. POOLWARDEN_MARIADB names another program, and
 * POOLWARDEN_MARIADB_SHARE its folder of scripts.
 */
export async function findMariaDb(): Promise<MariaDbPrograms | undefined> {
  const { POOLWARDEN_MARIADB: named, POOLWARDEN_MARIADB_SHARE: share } = process.env;
  const server = await firstThere(named === undefined ? PLACES : [named], constants.X_OK);
  const folders = share === undefined ? SCRIPT_FOLDERS : [share];
  const script = folders.map((folder) => join(folder, "mysql_system_tables.sql"));
  const found = await firstThere(script, constants.R_OK);
  return server === undefined || found === undefined
    ? undefined
    : { server, scripts: join(found, "..") };
}

async function firstThere(paths: readonly string[], mode: number): Promise<string | undefined> {
  for (const path of paths) {
    const isThere = await access(path, mode).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** Starts it: about 2 s on a quiet machine. */
export async function startMariaDb(
  programs: MariaDbPrograms,
  options: MariaDbOptions = {},
): Promise<MariaDb> {
  return await inWorkspace("poolwarden-mariadb-", async (workspace) => {
    const cluster = await createCluster(workspace, programs, options);
    await startServer(cluster);
    return control(cluster);
  });
}

type Cluster = {
  readonly workspace: Workspace;
  readonly programs: MariaDbPrograms;
  readonly options: MariaDbOptions;
  readonly owner: Owner | undefined;
  port: number;
  /** Once it has started, a restart keeps it. */
  isPortKept: boolean;
  server: GuardedProcess | undefined;
};

async function createCluster(
  workspace: Workspace,
  programs: MariaDbPrograms,
  options: MariaDbOptions,
): Promise<Cluster> {
  const owner = await chooseOwner();
  const cluster: Cluster = {
    ...{ workspace, programs, options, owner, isPortKept: false, server: undefined },
    port: await findFreePort(),
  };
  await giveTo(owner, workspace.directory);
  await mkdir(join(workspace.directory, "data"));
  await giveTo(owner, join(workspace.directory, "data"));
  await writeFiles(cluster);
  await initialise(cluster);
  return cluster;
}

async function writeFiles({ workspace, programs, owner, options }: Cluster): Promise<void> {
  const scripts = SCRIPTS.map((name) => readFile(join(programs.scripts, name), "utf8"));
  const tables = await Promise.all(scripts);
  const files = {
    "tables.sql": ["CREATE DATABASE mysql;", "USE mysql;", ...tables].join("\n"),
    "accounts.sql": [
      `CREATE USER IF NOT EXISTS '${ADMINISTRATOR}'@'%' IDENTIFIED BY '${ADMINISTRATOR}';`,
      `GRANT ALL ON *.* TO '${ADMINISTRATOR}'@'%' WITH GRANT OPTION;`,
    ].join("\n"),
    ...(options.tls && { "server.crt": options.tls.certPem, "server.key": options.tls.keyPem }),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(workspace.directory, name);
    await writeFile(path, text, { mode: 0o600 });
    await giveTo(owner, path);
  }
}

async function initialise(cluster: Cluster): Promise<void> {
  const { directory } = cluster.workspace;
  const command = [cluster.programs.server, ...argumentsOf(cluster), "--bootstrap"];
  // The server reads the statements from its input, which only a shell can give it here.
  const program = `exec ${command.map((one) => `'${one}'`).join(" ")} <'${directory}/tables.sql'`;
  const bootstrap = await spawn(cluster, "/bin/sh", ["-c", program]);
  const { code } = await bootstrap.exited;
  if (code !== 0) throw new Error(`MariaDB was not set up:\n${bootstrap.output()}`);
}

/** For the bootstrap as well: a data directory remembers some of them. */
function argumentsOf({ workspace: { directory } }: Cluster): string[] {
  return [
    "--no-defaults",
    `--datadir=${directory}/data`,
    `--socket=${directory}/socket`,
    `--pid-file=${directory}/pid`,
    // A server that starts removes the temporary tables of others from a folder that they share.
    `--tmpdir=${directory}`,
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=8M",
    // The data dies with the run: waiting for the disk buys nothing.
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--sync-frm=OFF",
  ];
}

async function startServer(cluster: Cluster): Promise<void> {
  await startedServer({
    name: "MariaDB",
    spawn: async () => {
      cluster.server = await spawn(cluster, cluster.programs.server, serverArguments(cluster));
      return cluster.server;
    },
    answers: () => answers(cluster),
    isWorthAnotherTry: (output) => output.includes("Address already in use"),
    prepare: async () => {
      if (!cluster.isPortKept) cluster.port = await findFreePort();
    },
  });
  cluster.isPortKept = true;
}

function serverArguments(cluster: Cluster): string[] {
  const { options, port, workspace } = cluster;
  const settings = {
    "max-connections": String(options.maxConnections ?? 100),
    ...(options.tls && {
      "ssl-cert": join(workspace.directory, "server.crt"),
      "ssl-key": join(workspace.directory, "server.key"),
    }),
    ...options.flags,
  };
  return [
    ...argumentsOf(cluster),
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    `--init-file=${workspace.directory}/accounts.sql`,
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
  ];
}

function spawn(
  { workspace, owner }: Cluster,
  program: string,
  args: readonly string[],
): Promise<GuardedProcess> {
  return workspace.spawn(program, args, spawnOptions(workspace, owner));
}

async function answers({ port, workspace }: Cluster): Promise<boolean> {
  try {
    // Whoever answers on this port must be ours.
    const [row] = await query(port, "SELECT @@GLOBAL.pid_file AS pid");
    return row?.["pid"] === join(workspace.directory, "pid");
  } catch {
    return false;
  }
}

async function query(port: number, sql: string): Promise<RowDataPacket[]> {
  const connection = await openMysql(uriOf(port));
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}

/** A session by the usual client; an end that nobody awaits is not an error of the test. */
export async function openMysql(uri: string): Promise<Connection> {
  const connection = await createConnection({ uri, connectTimeout: 10_000 });
  connection.on("error", () => undefined);
  return connection;
}

function uriOf(
  port: number,
  user = ADMINISTRATOR,
  database = "",
  password = ADMINISTRATOR,
): string {
  const [name, secret] = [encodeURIComponent(user), encodeURIComponent(password)];
  return `mysql://${name}:${secret}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

function control(cluster: Cluster): MariaDb {
  const stop = async (): Promise<void> => {
    await cluster.server?.stop("SIGKILL");
    await cluster.workspace.close();
  };
  return {
    port: cluster.port,
    uri: (user, database, password) => uriOf(cluster.port, user, database, password),
    query: (sql) => query(cluster.port, sql),
    kill: async () => {
      await cluster.server?.stop("SIGKILL");
    },
    start: () => startServer(cluster),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
