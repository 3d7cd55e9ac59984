// Servers that tests and the demo start must never outlive them, not even a kill -9 of their
// parent, on Linux and on macOS. Signal handlers cannot promise that. So every group of processes
// has a workspace: one temporary directory and one tiny shell script that reads a pipe from us.
// However we end, the kernel closes that pipe; the script then kills what is left and removes the
// directory. It is the only clean-up there is, so every ordinary run exercises it as well.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

// Each child leads its own process group: a Ctrl-C in the terminal reaches only us, and a kill
// reaches its children too.
const GUARD_SCRIPT = `
trap '' INT TERM HUP
processes=
while read -r verb id signal; do
  others=
  for entry in $processes; do [ "\${entry#*:}" = "$id" ] || others="$others $entry"; done
  processes=$others
  if [ "$verb" = guard ]; then processes="$processes $signal:$id"; fi
done
signal_all() { for entry in $processes; do kill -s "\${1:-\${entry%%:*}}" -- "-\${entry#*:}" 2>/dev/null; done; }
any_alive() { for entry in $processes; do kill -0 -- "-\${entry#*:}" 2>/dev/null && return 0; done; return 1; }
signal_all ""
tries=0
while [ $tries -lt 30 ] && any_alive; do sleep 0.1; tries=$((tries + 1)); done
signal_all KILL
rm -rf -- "$0" || { sleep 0.5; rm -rf -- "$0"; }
`;

const OUTPUT_LIMIT_CHARACTERS = 64 * 1024;

/** How a guarded process ended: exactly one of the two is not null. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type SpawnOptions = {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Run as this user, for programs that refuse to run as root. */
  owner?: { uid: number; gid: number };
  /** What ends the process if we die. SIGKILL unless it has children of its own to end. */
  lastSignal?: NodeJS.Signals;
  /** Called with every piece of its output as it comes. */
  onOutput?: (text: string) => void;
};

export type GuardedProcess = {
  readonly pid: number;
  /** The end of what it printed, both streams, at most 64 K characters. */
  output(): string;
  /** Resolves when it has ended; never rejects. */
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** Sends the signal and, after graceMs (default 5 s), SIGKILL. Resolves when it is gone. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<Exit>;
};

export type Workspace = {
  readonly directory: string;
  /** Starts a program. Rejects when it cannot be started at all (no such file, no permission). */
  spawn(command: string, args: readonly string[], options?: SpawnOptions): Promise<GuardedProcess>;
  /** Ends what still runs and removes the directory. Resolves when both are done. */
  close(): Promise<void>;
};

/** Makes a directory named prefix and six random characters, in the system's temporary folder. */
export async function openWorkspace(prefix: string, parent: string = tmpdir()): Promise<Workspace> {
  const directory = await mkdtemp(join(await realpath(parent), prefix));
  const guard = spawn("/bin/sh", ["-c", GUARD_SCRIPT, directory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    cwd: "/",
  });
  const closed = once(guard, "exit");
  guard.stdin.on("error", () => undefined);
  letParentExit(guard);
  const tell = (line: string): void => {
    if (guard.stdin.writable) guard.stdin.write(`${line}\n`);
  };
  let isOpen = true;
  return {
    directory,
    spawn: (command, args, options = {}) => {
      if (!isOpen) return Promise.reject(new Error(`${command}: the workspace is closed`));
      return spawnGuarded(tell, command, { args, options });
    },
    close: async () => {
      isOpen = false;
      guard.ref();
      guard.stdin.end();
      await closed;
    },
  };
}

// The guard waits for our end, so it must not keep us from ending.
function letParentExit(guard: ChildProcess): void {
  guard.unref();
  const stdin: unknown = guard.stdin;
  (stdin as { unref(): void }).unref();
}

type Program = { args: readonly string[]; options: SpawnOptions };

async function spawnGuarded(
  tell: (line: string) => void,
  command: string,
  { args, options }: Program,
): Promise<GuardedProcess> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...options.owner,
  });
  const output = collectOutput(child, options.onOutput);
  const pid = await startedPid(child);
  tell(`guard ${pid} ${(options.lastSignal ?? "SIGKILL").slice(3)}`);
  const exited = exitOf(child);
  void exited.then(() => {
    tell(`forget ${pid}`);
  });
  return {
    pid,
    output,
    exited,
    hasExited: () => hasEnded(child),
    stop: (signal = "SIGTERM", graceMs = 5_000) => stopGroup(child, signal, graceMs),
  };
}

async function startedPid(child: ChildProcess): Promise<number> {
  child.on("error", () => undefined);
  if (child.pid === undefined) await once(child, "spawn");
  if (child.pid === undefined) throw new Error("a started process has no id");
  return child.pid;
}

function collectOutput(child: ChildProcess, onOutput?: (text: string) => void): () => string {
  let text = "";
  const keep = (chunk: string): void => {
    text = (text + chunk).slice(-OUTPUT_LIMIT_CHARACTERS);
    onOutput?.(chunk);
  };
  child.stdout?.setEncoding("utf8").on("data", keep);
  child.stderr?.setEncoding("utf8").on("data", keep);
  return () => text;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stopGroup(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<Exit> {
  if (!hasEnded(child)) {
    const exited = exitOf(child);
    signalGroup(child, signal);
    const timer = setTimeout(() => {
      signalGroup(child, "SIGKILL");
    }, graceMs);
    await exited;
    clearTimeout(timer);
  }
  return { code: child.exitCode, signal: child.signalCode };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || hasEnded(child)) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in this moment, or it never became a group leader.
    child.kill(signal);
  }
}

/**
 * A TCP port of 127.0.0.1 that was free a moment ago. It lies below the range from which systems
 * number outgoing connections, so that a server which is down for a while finds it free again.
 */
export async function findFreePort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 12_000 + Math.floor(random() * 18_000);
    if (await isFree(port)) return port;
  }
  throw new Error("no free TCP port between 12000 and 30000 in 100 tries");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** Asks every 50 ms until it is true. Throws after timeoutMs (default 60 s), naming `what`. */
export async function waitUntil(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number = 60_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline)
      throw new Error(`timed out after ${timeoutMs / 1000} s waiting for ${what}`);
    await delay(50);
  }
}
