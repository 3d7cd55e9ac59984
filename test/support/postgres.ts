// A real PostgreSQL for one test or one demo: a data directory of its own that goes when we go, any
// free port, on 127.0.0.1. Clients may come from all of 127.0.0.0/8, so that on Linux a pod's
// sessions carry the pod's own address. It can be restarted, killed and paused like a real one.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { chooseOwner, embeddedBinDirectory, reachableBinDirectory } from "./postgres-programs.ts";
import type { Owner } from "./postgres-programs.ts";
import { findFreePort } from "./processes.ts";
import type { GuardedProcess, Workspace } from "./processes.ts";
import { giveTo, inWorkspace, spawnOptions, startedServer } from "./server-process.ts";

export { findInstalledPostgres } from "./postgres-programs.ts";

const SUPERUSER = "postgres";
const SUPERUSER_PASSWORD = "postgres";

export type PostgresOptions = {
  /** max_connections; default 100. */
  readonly maxConnections?: number;
  /** superuser_reserved_connections; PostgreSQL's default is 3. */
  readonly superuserReserved?: number;
  /** reserved_connections, PostgreSQL 16 and newer; its default is 0. */
  readonly reservedConnections?: number;
  /** Further settings by name, as in postgresql.conf. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Default: a free one. */
  readonly port?: number;
  /** Lines of pg_hba.conf that come before `host all all 127.0.0.0/8 scram-sha-256`. */
  readonly hostAuth?: readonly string[];
  /** Turns TLS on with this certificate. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
};

export type Row = Record<string, unknown>;

export type Postgres = AsyncDisposable & {
  readonly port: number;
  /** Its data directory. */
  readonly data: string;
  /** The superuser's database `postgres` unless told otherwise. */
  uri(user?: string, database?: string, password?: string): string;
  /** Runs SQL as superuser on a session of its own, which counts while it runs. */
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Ends every session, as an administrator's fast restart does. Same port, same data. */
  restart(): Promise<void>;
  /** SIGKILL, as the kernel's out-of-memory killer would; start() recovers. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** From now on nobody gets an answer to a new connection, nor a refusal. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

/** Starts PostgreSQL 18 from the npm package: about 1 s. */
export function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  return startPostgresFrom(embeddedBinDirectory(), options);
}

/** Starts an installed PostgreSQL, 13 or newer, from the folder of its initdb and postgres. */
export async function startPostgresFrom(
  binDirectory: string,
  options: PostgresOptions = {},
): Promise<Postgres> {
  return await startFilled(binDirectory, options, initialise);
}

/** The same with a data directory that `fill` makes. */
export async function startFilled(
  binDirectory: string,
  options: PostgresOptions,
  fill: (cluster: Cluster) => Promise<void>,
): Promise<Postgres> {
  return await inWorkspace("poolwarden-postgres-", async (workspace) => {
    const cluster = await createCluster(workspace, binDirectory, options);
    await fill(cluster);
    await configure(cluster, options);
    await startServer(cluster);
    return control(cluster);
  });
}

export type Cluster = {
  readonly workspace: Workspace;
  readonly binDirectory: string;
  readonly data: string;
  readonly owner: Owner | undefined;
  /** Given ports are not tried twice, chosen ones are replaced, and those in use are kept. */
  portIs: "given" | "chosen" | "kept";
  port: number;
  server: GuardedProcess | undefined;
};

async function createCluster(
  workspace: Workspace,
  givenBinDirectory: string,
  options: PostgresOptions,
): Promise<Cluster> {
  const { directory } = workspace;
  const owner = await chooseOwner();
  await giveTo(owner, directory);
  const binDirectory = await reachableBinDirectory(givenBinDirectory, directory, owner);
  const cluster: Cluster = {
    workspace,
    binDirectory,
    data: join(directory, "data"),
    owner,
    portIs: options.port === undefined ? "chosen" : "given",
    port: options.port ?? (await findFreePort()),
    server: undefined,
  };
  return cluster;
}

async function initialise(cluster: Cluster): Promise<void> {
  const passwordFile = join(cluster.workspace.directory, "superuser-password");
  await writeFile(passwordFile, SUPERUSER_PASSWORD);
  await mkdir(cluster.data);
  await giveTo(cluster.owner, cluster.data);
  const args = [
    `--pgdata=${cluster.data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
  ];
  const initdb = await spawnProgram(cluster, "initdb", args);
  const { code } = await initdb.exited;
  if (code !== 0) throw new Error(`initdb failed:\n${initdb.output()}`);
}

async function configure(cluster: Cluster, options: PostgresOptions): Promise<void> {
  const hostAuth = [...(options.hostAuth ?? []), "host all all 127.0.0.0/8 scram-sha-256", ""].join(
    "\n",
  );
  const settings = { ...settingsOf(options), ...options.flags };
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  await writeOwned(cluster, "pg_hba.conf", hostAuth);
  await writeOwned(cluster, "postgresql.auto.conf", lines.join(""));
  if (options.tls !== undefined) {
    await writeOwned(cluster, "server.crt", options.tls.certPem);
    await writeOwned(cluster, "server.key", options.tls.keyPem);
  }
}

function settingsOf(options: PostgresOptions): Record<string, string> {
  const { superuserReserved, reservedConnections } = options;
  return {
    max_connections: String(options.maxConnections ?? 100),
    ...(superuserReserved === undefined
      ? {}
      : { superuser_reserved_connections: String(superuserReserved) }),
    ...(reservedConnections === undefined
      ? {}
      : { reserved_connections: String(reservedConnections) }),
    ...(options.tls === undefined ? {} : { ssl: "on" }),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    shared_buffers: "16MB",
    // The data dies with the run: waiting for the disk buys nothing.
    fsync: "off",
    full_page_writes: "off",
  };
}

async function writeOwned({ data, owner }: Cluster, name: string, text: string): Promise<void> {
  const file = join(data, name);
  await writeFile(file, text, { mode: 0o600 });
  await giveTo(owner, file);
}

// After a crash, sessions of the killed server may hold its shared memory for a moment more; and a
// port that was free may be taken before we bind it.
async function startServer(cluster: Cluster): Promise<void> {
  await startedServer({
    name: "PostgreSQL",
    spawn: async () => {
      const args = ["-D", cluster.data, "-p", String(cluster.port)];
      cluster.server = await spawnProgram(cluster, "postgres", args);
      return cluster.server;
    },
    answers: () => answers(cluster),
    isWorthAnotherTry: (output) => isWorthAnotherTry(output, cluster),
    prepare: async () => {
      if (cluster.portIs === "chosen") cluster.port = await findFreePort();
    },
  });
  cluster.portIs = "kept";
}

function isWorthAnotherTry(output: string, { portIs }: Cluster): boolean {
  if (output.includes("could not bind")) return portIs !== "given";
  return /shared memory|lock file/.test(output);
}

function spawnProgram(
  { workspace, binDirectory, owner }: Cluster,
  program: string,
  args: readonly string[],
): Promise<GuardedProcess> {
  return workspace.spawn(join(binDirectory, program), args, {
    ...spawnOptions(workspace, owner),
    lastSignal: "SIGQUIT",
  });
}

async function answers({ port, data }: Cluster): Promise<boolean> {
  try {
    // Whoever answers on this port must be ours.
    const [row] = await querySuperuser(port, "SHOW data_directory", [], 1_000);
    return row?.["data_directory"] === data;
  } catch {
    return false;
  }
}

async function querySuperuser(
  port: number,
  sql: string,
  values: readonly unknown[] = [],
  connectWithinMs = 10_000,
): Promise<Row[]> {
  const client = new pg.Client({
    connectionString: buildUri(port),
    application_name: "test",
    connectionTimeoutMillis: connectWithinMs,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const result: { rows: Row[] } = await client.query(sql, [...values]);
    return result.rows;
  } finally {
    await client.end();
  }
}

function buildUri(
  port: number,
  user = SUPERUSER,
  database = "postgres",
  password = SUPERUSER_PASSWORD,
): string {
  const [name, secret] = [encodeURIComponent(user), encodeURIComponent(password)];
  return `postgresql://${name}:${secret}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

function control(cluster: Cluster): Postgres {
  const { port, data, workspace } = cluster;
  const signal = (name: NodeJS.Signals): void => {
    if (cluster.server !== undefined) process.kill(cluster.server.pid, name);
  };
  const stop = async (): Promise<void> => {
    await cluster.server?.stop("SIGQUIT", 2_000);
    await workspace.close();
  };
  return {
    ...{ port, data },
    uri: (user, database, password) => buildUri(port, user, database, password),
    query: (sql, values) => querySuperuser(port, sql, values),
    restart: async () => {
      await cluster.server?.stop("SIGINT", 10_000);
      await startServer(cluster);
    },
    kill: async () => {
      await cluster.server?.stop("SIGKILL");
    },
    start: () => startServer(cluster),
    pause: () => {
      signal("SIGSTOP");
    },
    resume: () => {
      signal("SIGCONT");
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
