// Two runs that both miss the cache must not both build for minutes, and a run that was killed must
// not lock out the next. So the lock is a file with the holder's process id, touched while it is
// held: it counts only while that process lives and the file is young. Should two runs hold it
// after all, both results are complete and the later rename loses harmlessly.
import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Say } from "./sources.ts";

const TOUCH_EVERY_MS = 5_000;
const STALE_AFTER_MS = 30_000;
const ASK_EVERY_MS = 500;
const REMIND_EVERY_MS = 30_000;

/** Runs `work` while holding the lock file; waits first as long as another living run holds it. */
export async function withBuildLock<T>(file: string, say: Say, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  await acquire(file, say);
  const touching = setInterval(() => void touch(file), TOUCH_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    await rm(file, { force: true });
  }
}

async function acquire(file: string, say: Say): Promise<void> {
  let reminded = Number.NEGATIVE_INFINITY;
  while (!(await tryCreate(file))) {
    const holder = await livingHolder(file);
    if (holder === undefined) {
      await rm(file, { force: true });
      continue;
    }
    if (performance.now() - reminded > REMIND_EVERY_MS) {
      say(`control plane: another build is running (process ${holder}); waiting for it`);
      reminded = performance.now();
    }
    await delay(ASK_EVERY_MS);
  }
}

async function tryCreate(file: string): Promise<boolean> {
  try {
    await writeFile(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw error;
  }
}

async function livingHolder(file: string): Promise<number | undefined> {
  try {
    const { mtimeMs } = await stat(file);
    const holder = Number(await readFile(file, "utf8"));
    const isYoung = Date.now() - mtimeMs < STALE_AFTER_MS;
    // A file without an id yet was created in this very moment.
    return isYoung && (holder === 0 || isAlive(holder)) ? holder : undefined;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return isSystemError(error, "EPERM");
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
