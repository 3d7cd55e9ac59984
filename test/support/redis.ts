// A real Redis for one test: without files of data, any free port, on 127.0.0.1. Clients may come
// from all of 127.0.0.0/8, so that on Linux a pod's sessions carry the pod's own address. The
// distribution's package brings the program; where it is missing, the tests that want it say so and
// are skipped.
import { constants } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { chooseOwner } from "./postgres-programs.ts";
import type { Owner } from "./postgres-programs.ts";
import { findFreePort } from "./processes.ts";
import type { GuardedProcess, Workspace } from "./processes.ts";
import { giveTo, inWorkspace, spawnOptions, startedServer } from "./server-process.ts";

const ADMINISTRATOR = "administrator";

/** Said by tests that are skipped. */
export const noRedis = "no Redis is installed (Debian: apt-get install redis-server)";

const PLACES = [
  "/usr/bin/redis-server",
  "/usr/bin/valkey-server",
  "/opt/homebrew/bin/redis-server",
];

export type RedisOptions = {
  /** maxclients; default 100. */
  readonly maxClients?: number;
  /** Lines of its configuration. */
  readonly lines?: readonly string[];
  /** Users beside the administrator, each with its name for its password, and their rights. */
  readonly users?: Readonly<Record<string, string>>;
  /** Turns TLS on with this certificate, at a port of its own. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string };
  /** Its first line: it is a Sentinel, without users, certificates and limits. */
  readonly sentinel?: string;
};

export type Redis = AsyncDisposable & {
  readonly port: number;
  /** 0 without TLS. */
  readonly tlsPort: number;
  /** The administrator's unless told otherwise. */
  uri(user?: string, password?: string): string;
  /** Runs a command as administrator on a session of its own, which is gone afterwards. */
  run(...words: readonly string[]): Promise<string>;
  /** SIGKILL, as the kernel's out-of-memory killer would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** Undefined where no package has brought it. POOLWARDEN_REDIS names another one. */
export async function findRedis(): Promise<string | undefined> {
  const named = process.env["POOLWARDEN_REDIS"];
  for (const path of named === undefined ? PLACES : [named]) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/** Starts it: about 0.2 s on a quiet machine. */
export async function startRedis(program: string, options: RedisOptions = {}): Promise<Redis> {
  return await inWorkspace("poolwarden-redis-", async (workspace) => {
    const cluster: Cluster = {
      ...{ workspace, program, options, owner: await chooseOwner(), server: undefined },
      ...{ port: await findFreePort(), tlsPort: 0, isPortKept: false },
    };
    if (options.tls) cluster.tlsPort = await findFreePort();
    await giveTo(cluster.owner, workspace.directory);
    await startServer(cluster);
    return control(cluster);
  });
}

type Cluster = {
  readonly workspace: Workspace;
  readonly program: string;
  readonly options: RedisOptions;
  readonly owner: Owner | undefined;
  port: number;
  tlsPort: number;
  /** Once it has started, a restart keeps it. */
  isPortKept: boolean;
  server: GuardedProcess | undefined;
};

function configurationOf({ workspace, options, port, tlsPort }: Cluster): readonly string[] {
  const { directory } = workspace;
  const { tls, users = {}, lines = [], sentinel } = options;
  const all: Readonly<Record<string, string>> = { [ADMINISTRATOR]: "~* &* +@all", ...users };
  const common = [`port ${port}`, "bind 127.0.0.1", `dir ${directory}`];
  const administrator = `user ${ADMINISTRATOR} on >${ADMINISTRATOR} ~* &* +@all`;
  if (sentinel !== undefined) return [...common, sentinel, administrator];
  return [
    ...[...common, 'save ""', "appendonly no"],
    `maxclients ${options.maxClients ?? 100}`,
    // Pods come from other addresses than 127.0.0.1.
    "protected-mode no",
    ...Object.entries(all).map(([name, rights]) => `user ${name} on >${name} ${rights}`),
    ...(tls ? [`tls-port ${tlsPort}`, "tls-auth-clients no"] : []),
    ...(tls
      ? [`tls-cert-file ${directory}/server.crt`, `tls-key-file ${directory}/server.key`]
      : []),
    ...(tls ? [`tls-ca-cert-file ${directory}/server.crt`] : []),
    ...lines,
  ];
}

async function writeFiles(cluster: Cluster): Promise<void> {
  const { workspace, options, owner } = cluster;
  const { directory } = workspace;
  const { tls } = options;
  const files = {
    "redis.conf": `${configurationOf(cluster).join("\n")}\n`,
    ...(tls && { "server.crt": tls.certPem, "server.key": tls.keyPem }),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content, { mode: 0o600 });
    await giveTo(owner, join(directory, name));
  }
}

async function startServer(cluster: Cluster): Promise<void> {
  const { workspace, owner, program } = cluster;
  await startedServer({
    name: "Redis",
    spawn: async () => {
      await writeFiles(cluster);
      const isSentinel = cluster.options.sentinel !== undefined;
      const args = [join(workspace.directory, "redis.conf"), ...(isSentinel ? ["--sentinel"] : [])];
      cluster.server = await workspace.spawn(program, args, spawnOptions(workspace, owner));
      return cluster.server;
    },
    answers: () => answers(cluster),
    isWorthAnotherTry: (output) => output.includes("Address already in use"),
    prepare: async () => {
      if (cluster.isPortKept) return;
      cluster.port = await findFreePort();
      if (cluster.options.tls) cluster.tlsPort = await findFreePort();
    },
  });
  cluster.isPortKept = true;
}

async function answers({ port, workspace }: Cluster): Promise<boolean> {
  try {
    // Whoever answers on this port must be ours.
    return (await runAs(uriOf(port), "INFO", "server")).includes(workspace.directory);
  } catch {
    return false;
  }
}

function uriOf(port: number, user = ADMINISTRATOR, password = user): string {
  return `redis://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
}

/** A client that knows as much of the protocol as tests need. */
export type RedisClient = {
  /** All that comes back, as it is on the wire. Throws for what is refused. */
  send(...words: readonly string[]): Promise<string>;
  /** Once the server has let go of it. */
  end(): Promise<void>;
};

/** Logs in, under the client's own name; from this address of the machine. */
export async function openRedis(
  uri: string,
  { name, localAddress }: { readonly name?: string; readonly localAddress?: string } = {},
): Promise<RedisClient> {
  const url = new URL(uri);
  const where = { port: Number(url.port), host: url.hostname };
  const socket = connect({ ...where, ...(localAddress !== undefined && { localAddress }) });
  // An end that nobody awaits is not an error of the test.
  socket.on("error", () => undefined);
  const login = ["HELLO", "2", "AUTH", decodeURIComponent(url.username || "default")];
  const named = name === undefined ? [] : ["SETNAME", name];
  await sent(socket, ...login, decodeURIComponent(url.password), ...named);
  return {
    send: (...words) => sent(socket, ...words),
    end: async () => {
      if (socket.closed) return;
      const closed = once(socket, "close");
      socket.end();
      await closed;
    },
  };
}

/** One command at a time: its answer is whole once nothing more of it is to come. */
function sent(socket: Socket, ...words: readonly string[]): Promise<string> {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let told = "";
  const take = (piece: Buffer): void => {
    told += piece.toString();
    if (!isWhole(told)) return;
    if (told.startsWith("-")) reject(new Error(told.trim()));
    else resolve(told);
  };
  const end = (): void => {
    reject(new Error("the server closed the connection"));
  };
  socket.on("data", take).on("close", end);
  if (socket.closed) end();
  socket.write(`*${words.length}\r\n${parts.join("")}`);
  return promise.finally(() => socket.off("data", take).off("close", end));
}

/** Elements of lists are counted down, texts skipped by their length. */
function isWhole(told: string): boolean {
  let [at, left] = [0, 1];
  while (left > 0) {
    const end = told.indexOf("\r\n", at);
    if (end < 0) return false;
    const length = Number(told.slice(at + 1, end));
    if (told[at] === "*") left += Math.max(0, length);
    at = told[at] === "$" && length >= 0 ? end + 4 + length : end + 2;
    left -= 1;
    if (at > told.length) return false;
  }
  return true;
}

async function runAs(uri: string, ...words: readonly string[]): Promise<string> {
  const client = await openRedis(uri);
  try {
    return await client.send(...words);
  } finally {
    await client.end();
  }
}

function control(cluster: Cluster): Redis {
  const { port, tlsPort } = cluster;
  const stop = async (): Promise<void> => {
    await cluster.server?.stop("SIGKILL");
    await cluster.workspace.close();
  };
  return {
    ...{ port, tlsPort },
    uri: (user, password) => uriOf(port, user, password),
    run: (...words) => runAs(uriOf(port), ...words),
    kill: async () => {
      await cluster.server?.stop("SIGKILL");
    },
    start: () => startServer(cluster),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
