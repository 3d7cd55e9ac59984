// As a live pool: the size in the file changes while the program runs, and the server shows whether
// it follows. Under load every connection is busy and requests wait; at rest nobody uses the
// connections that have to go. A query that fails ends the program, so none was cut.
import { join } from "node:path";
import type { GuardedProcess } from "../support/processes.ts";
import { createSizeVolume } from "../support/size-volume.ts";
import type { SizeVolume } from "../support/size-volume.ts";
import type { Framework } from "./frameworks.ts";
import { start } from "./program.ts";
import type { Outcome, Stage } from "./program.ts";
import { watchSessions } from "../support/session-watch.ts";
import type { Sessions, SessionWatch } from "../support/session-watch.ts";

const [small, large] = [5, 20];
const startMs = 60_000;
/** Queries take half a second. The rest of the follow time of 15 s is for kubelet and reading. */
const followMs = 5_000;
const heldMs = 4_000;

type Program = {
  readonly child: GuardedProcess;
  readonly volume: SizeVolume;
  readonly watch: SessionWatch;
};

export async function measureFollowing(
  stage: Stage,
  framework: Framework,
  folder: string,
): Promise<Outcome> {
  const endless = { poolSize: small, env: { QUERIES: "1000000000" } };
  const idle = { poolSize: large, env: { LINGER_SECONDS: "600" } };
  try {
    const load = await tryProgram(stage, { framework, folder, ...endless }, followUnderLoad);
    const rest = await tryProgram(stage, { framework, folder, ...idle }, followAtRest);
    return { kind: "passed", says: `${load}; at rest ${rest}` };
  } catch (error) {
    return { kind: "failed", says: error instanceof Error ? error.message : String(error) };
  }
}

type Run = {
  readonly framework: Framework;
  readonly folder: string;
  readonly poolSize: number;
  readonly env: NodeJS.ProcessEnv;
};

async function tryProgram(
  stage: Stage,
  { framework, folder, poolSize, env }: Run,
  measure: (program: Program) => Promise<string>,
): Promise<string> {
  await using watch = await watchSessions(stage.postgres.uri(), framework.name);
  const place = join(stage.workspace.directory, `sizes-from-${poolSize}`);
  const volume = await createSizeVolume(place, String(poolSize));
  const child = await start(stage, framework, {
    folder,
    sizes: { poolSize },
    env: { ...env, POOL_SIZE_FILE: volume.file },
  });
  try {
    const says = await measure({ child, volume, watch });
    if (child.hasExited()) throw new Error(`it ended while it followed: ${says}`);
    return says;
  } catch (error) {
    throw new Error(`${String(error)}\n${child.output().slice(-2_000)}`, { cause: error });
  } finally {
    await child.stop("SIGKILL");
    await watch.until(({ open }) => open === 0, followMs);
  }
}

async function followUnderLoad({ volume, watch }: Program): Promise<string> {
  await see(watch, `${small} busy`, startMs, ({ busy }) => busy === small);
  await hold(watch, { most: small, busy: small });
  const grown = await change(volume, large, () => isBusy(watch, large));
  const shrunk = await change(volume, small, () => isAtMost(watch, small));
  await hold(watch, { most: small, busy: small });
  const grownAgain = await change(volume, large, () => isBusy(watch, large));
  await hold(watch, { most: large, busy: large });
  return `${small} to ${large} in ${grown} and ${grownAgain}, ${large} to ${small} in ${shrunk}`;
}

async function followAtRest({ child, volume, watch }: Program): Promise<string> {
  const isDone = (): boolean => child.output().includes("done");
  await see(watch, "the end of its queries", startMs, isDone);
  const { open } = await watch.now();
  if (open <= small) return `${open} already`;
  const shrunk = await change(volume, small, () => isAtMost(watch, small));
  await hold(watch, { most: small, busy: 0 });
  return `${open} to ${small} in ${shrunk}`;
}

function isBusy(watch: SessionWatch, size: number): Promise<number> {
  return see(watch, `${size} busy`, followMs, ({ busy }) => busy === size);
}

function isAtMost(watch: SessionWatch, size: number): Promise<number> {
  return see(watch, `at most ${size}`, followMs, ({ open }) => open <= size);
}

async function change(
  volume: SizeVolume,
  size: number,
  seen: () => Promise<number>,
): Promise<string> {
  await volume.write(String(size));
  return `${((await seen()) / 1_000).toFixed(2)} s`;
}

async function see(
  watch: SessionWatch,
  what: string,
  withinMs: number,
  isReached: (sessions: Sessions) => boolean,
): Promise<number> {
  const tookMs = await watch.until(isReached, withinMs);
  if (tookMs !== undefined) return tookMs;
  const { open, busy } = await watch.now();
  throw new Error(`not ${what} within ${withinMs} ms: ${open} open, ${busy} busy`);
}

/** From now on never more, and what is allowed is used. */
async function hold(watch: SessionWatch, want: { most: number; busy: number }): Promise<void> {
  const { open, busy } = await watch.highestFor(heldMs);
  if (open <= want.most && busy === want.busy) return;
  throw new Error(`${open} open and ${busy} busy while the size was ${want.most}`);
}
