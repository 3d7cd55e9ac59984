// What real database servers of tests have in common: a workspace that goes when the server does
// not come up, files for the user that it runs as, and a port that nobody else took meanwhile.
import { chown } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Owner } from "./postgres-programs.ts";
import { openWorkspace, waitUntil } from "./processes.ts";
import type { GuardedProcess, SpawnOptions, Workspace } from "./processes.ts";

const READY_WITHIN_MS = 30_000;
const START_ATTEMPTS = 20;

/** Closes the workspace where `open` fails. */
export async function inWorkspace<T>(
  prefix: string,
  open: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = await openWorkspace(prefix);
  try {
    return await open(workspace);
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

export async function giveTo(owner: Owner | undefined, path: string): Promise<void> {
  if (owner !== undefined) await chown(path, owner.uid, owner.gid);
}

/** None of the caller's own settings, and messages in English, where we look for words. */
export function spawnOptions(
  { directory }: Workspace,
  owner: Owner | undefined,
): Pick<SpawnOptions, "env" | "cwd" | "owner"> {
  const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
  return { env, cwd: directory, ...(owner === undefined ? {} : { owner }) };
}

export type Start = {
  /** Of the server, for people. */
  readonly name: string;
  readonly spawn: () => Promise<GuardedProcess>;
  /** It answers, and it is ours. */
  readonly answers: () => Promise<boolean>;
  /** By what it said before it ended. */
  readonly isWorthAnotherTry: (output: string) => boolean;
  /** Before it is tried again. */
  readonly prepare: () => Promise<void>;
};

/** Once it answers. Throws with what it said where it does not come up. */
export async function startedServer(start: Start): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const server = await start.spawn();
    const isDecided = async (): Promise<boolean> => server.hasExited() || (await start.answers());
    await waitUntil(`${start.name} to be ready`, isDecided, READY_WITHIN_MS);
    if (!server.hasExited()) return;
    if (attempt === START_ATTEMPTS || !start.isWorthAnotherTry(server.output())) {
      throw new Error(`${start.name} did not start:\n${server.output()}`);
    }
    await start.prepare();
    await delay(100);
  }
}
