// With a size that stays: under load exactly the pool size, never more; at rest no more than that.
import { setTimeout as delay } from "node:timers/promises";
import { minSizeOf } from "../../src/api/sizing.ts";
import type { GuardedProcess } from "../support/processes.ts";
import type { Framework } from "./frameworks.ts";
import { minSizePercent, secondName, start } from "./program.ts";
import type { Outcome, Stage } from "./program.ts";
import { watchMariaDb } from "./watch-mariadb.ts";
import { watchSessions } from "../support/session-watch.ts";
import type { SessionWatch } from "../support/session-watch.ts";

const poolSize = 12;
const secondPoolSize = 7;
/** Longer than any of them takes to start and to end. */
const longestMs = 120_000;

export async function measureSize(
  stage: Stage,
  framework: Framework,
  folder: string,
): Promise<Outcome> {
  await using first = await watchFirst(stage, framework);
  await using second = await watchSessions(stage.postgres.uri(), secondName(framework.name));
  const child = await start(stage, framework, { folder, sizes: { poolSize, secondPoolSize } });
  const [[atRest, peak], [, secondPeak]] = await Promise.all([
    sessionsUntilEnd(first, child),
    sessionsUntilEnd(second, child),
  ]);
  const { code } = await child.stop();
  const minimum = minSizeOf(poolSize, minSizePercent);
  const wantSecond = framework.secondPrefix === undefined ? 0 : secondPoolSize;
  const says = `at rest ${atRest} (minimum ${minimum}), under load ${peak} of ${poolSize} sessions, second pool ${secondPeak} of ${wantSecond}`;
  if (code !== 0) return { kind: "failed", says: `${says}; ${child.output().slice(-2_000)}` };
  const isRight = peak === poolSize && secondPeak === wantSecond && atRest <= poolSize;
  return { kind: isRight ? "passed" : "failed", says };
}

type Watch = Pick<SessionWatch, "now"> & AsyncDisposable;

function watchFirst({ postgres, mariaDb }: Stage, framework: Framework): Promise<Watch> {
  const { name, isOnMariaDb } = framework;
  if (isOnMariaDb === true && mariaDb) return watchMariaDb(mariaDb, name);
  return watchSessions(postgres.uri(), name);
}

/** The sessions just before the program said that it is busy, and the most until it ended. */
async function sessionsUntilEnd(
  watch: Watch,
  child: GuardedProcess,
): Promise<readonly [atRest: number, peak: number]> {
  let [atRest, peak] = [0, 0];
  const limit = performance.now() + longestMs;
  while (!child.hasExited() && performance.now() < limit) {
    const { open } = await watch.now();
    if (!child.output().includes("busy")) atRest = open;
    peak = Math.max(peak, open);
    await delay(20);
  }
  return [atRest, peak];
}
