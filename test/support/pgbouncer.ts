// A real PgBouncer for one test: a folder of its own that goes when we go, any free port, on
// 127.0.0.1. Clients may come from all of 127.0.0.0/8, so that on Linux a pod's sessions carry the
// pod's own address. The distribution's package brings the program; where it is missing, the tests
// that want it say so and are skipped.
import { constants } from "node:fs";
import { access, chmod, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { chooseOwner } from "./postgres-programs.ts";
import type { Owner } from "./postgres-programs.ts";
import { findFreePort } from "./processes.ts";
import type { GuardedProcess, Workspace } from "./processes.ts";
import { giveTo, inWorkspace, spawnOptions, startedServer } from "./server-process.ts";

/** Said by tests that are skipped. */
export const noPgBouncer = "no PgBouncer is installed (Debian: apt-get install pgbouncer)";

const PLACES = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];

export type PgBouncerOptions = {
  /** Lines of [databases]. */
  readonly databases: readonly string[];
  /** Passwords by user. `administrator` is added to them. */
  readonly users: Readonly<Record<string, string>>;
  /** Further settings by name, as in pgbouncer.ini. */
  readonly settings?: Readonly<Record<string, string>>;
  /** On which of this machine's addresses it listens; default 127.0.0.1. */
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Nobody gets in without TLS, for which it has this certificate. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
  /** Called with what it prints. */
  readonly onOutput?: (text: string) => void;
};

export type PgBouncer = AsyncDisposable & {
  readonly port: number;
  /** The administrator's console unless told otherwise. */
  uri(user?: string, database?: string, password?: string): string;
  /** Runs one command on the console on a connection of its own, which counts while it runs. */
  command(text: string): Promise<Record<string, unknown>[]>;
  setPassword(user: string, password: string): Promise<void>;
  /** Ends at once, and cuts its clients. */
  kill(): Promise<void>;
  /** Ends once its clients' transactions are over, as SIGINT asks it to. */
  drain(graceMs: number): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

const ADMINISTRATOR = "administrator";

/** Undefined where no package has brought it. POOLWARDEN_PGBOUNCER names another one. */
export async function findPgBouncer(): Promise<string | undefined> {
  const named = process.env["POOLWARDEN_PGBOUNCER"];
  for (const place of named === undefined ? PLACES : [named]) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return undefined;
}

export async function startPgBouncer(
  program: string,
  options: PgBouncerOptions,
): Promise<PgBouncer> {
  return await inWorkspace("poolwarden-pgbouncer-", async (workspace) => {
    const pooler: Pooler = {
      ...{ workspace, program, options, server: undefined },
      owner: await chooseOwner(),
      users: { [ADMINISTRATOR]: ADMINISTRATOR, ...options.users },
      address: options.address ?? "127.0.0.1",
      port: options.port ?? (await findFreePort()),
      isPortKept: options.port !== undefined,
      writtenAtSeconds: 1,
    };
    await chmod(workspace.directory, 0o755);
    await startServer(pooler);
    return control(pooler);
  });
}

type Pooler = {
  readonly workspace: Workspace;
  readonly program: string;
  readonly options: PgBouncerOptions;
  readonly owner: Owner | undefined;
  readonly address: string;
  users: Readonly<Record<string, string>>;
  port: number;
  writtenAtSeconds: number;
  /** Once it has started, a restart keeps it. */
  isPortKept: boolean;
  server: GuardedProcess | undefined;
};

async function startServer(pooler: Pooler): Promise<void> {
  await writeFiles(pooler);
  await startedServer({
    name: "PgBouncer",
    spawn: async () => {
      const { workspace, program, owner, options } = pooler;
      const file = join(workspace.directory, "pgbouncer.ini");
      const { onOutput } = options;
      pooler.server = await workspace.spawn(program, [file], {
        ...spawnOptions(workspace, owner),
        ...(onOutput && { onOutput }),
      });
      return pooler.server;
    },
    answers: () => answers(pooler),
    isWorthAnotherTry: (output) => output.includes("Address already in use"),
    prepare: async () => {
      if (pooler.isPortKept) return;
      pooler.port = await findFreePort();
      await writeFiles(pooler);
    },
  });
  pooler.isPortKept = true;
}

async function writeFiles(pooler: Pooler): Promise<void> {
  const { options, workspace, owner, users } = pooler;
  const settings = {
    listen_addr: pooler.address,
    listen_port: String(pooler.port),
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: join(workspace.directory, "userlist.txt"),
    admin_users: ADMINISTRATOR,
    ...(options.tls && {
      client_tls_sslmode: "require",
      client_tls_cert_file: join(workspace.directory, "server.crt"),
      client_tls_key_file: join(workspace.directory, "server.key"),
    }),
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const files = {
    "pgbouncer.ini": ["[databases]", ...options.databases, "[pgbouncer]", ...lines, ""].join("\n"),
    "userlist.txt": Object.entries(users)
      .map(([user, password]) => `"${user}" "${password}"\n`)
      .join(""),
    ...(options.tls && { "server.crt": options.tls.certPem, "server.key": options.tls.keyPem }),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(workspace.directory, name);
    await writeFile(path, text, { mode: 0o600 });
    await giveTo(owner, path);
    // A file of the same second is not read again.
    pooler.writtenAtSeconds += 1;
    await utimes(path, pooler.writtenAtSeconds, pooler.writtenAtSeconds);
  }
}

async function answers(pooler: Pooler): Promise<boolean> {
  try {
    // Whoever answers on this port must be ours.
    const rows = await command(pooler, "SHOW CONFIG");
    const file = join(pooler.workspace.directory, "userlist.txt");
    return rows.some(({ key, value }) => key === "auth_file" && value === file);
  } catch {
    return false;
  }
}

async function command(pooler: Pooler, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    ...{ connectionString: uriOf(pooler), connectionTimeoutMillis: 5_000 },
    ...(pooler.options.tls && { ssl: { rejectUnauthorized: false } }),
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const result: { rows: Record<string, unknown>[] } = await client.query(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

function uriOf(
  { address, port }: Pooler,
  user = ADMINISTRATOR,
  database = "pgbouncer",
  password = ADMINISTRATOR,
): string {
  const [name, secret] = [encodeURIComponent(user), encodeURIComponent(password)];
  return `postgresql://${name}:${secret}@${address}:${port}/${encodeURIComponent(database)}`;
}

function control(pooler: Pooler): PgBouncer {
  const stop = async (): Promise<void> => {
    await pooler.server?.stop("SIGKILL");
    await pooler.workspace.close();
  };
  return {
    port: pooler.port,
    uri: (user, database, password) => uriOf(pooler, user, database, password),
    command: (text) => command(pooler, text),
    setPassword: async (user, password) => {
      pooler.users = { ...pooler.users, [user]: password };
      await writeFiles(pooler);
      await command(pooler, "RELOAD");
    },
    kill: async () => {
      await pooler.server?.stop("SIGKILL");
    },
    drain: async (graceMs) => {
      await pooler.server?.stop("SIGINT", graceMs);
      await pooler.workspace.close();
    },
    start: () => startServer(pooler),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Settings of pgbouncer.ini that an image takes from variables: those that are set. */
export function settingsOfImage(variables: readonly string[]): Readonly<Record<string, string>> {
  const set = variables.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name.toLowerCase(), value] as const];
  });
  return Object.fromEntries(set);
}
