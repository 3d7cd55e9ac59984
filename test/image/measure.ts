// How fast the image is ready after its start, or after an API server that was down has come back,
// and how much memory it keeps: what the kernel counts of the process.
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { PodOperator, Stage } from "./stage.ts";

export type StartUp = {
  /** From the start of the process to /readyz, one each. */
  readonly readyMs: readonly number[];
  /** Processor time until then, its own and the kernel's: what a slow machine cannot blur. */
  readonly cpuMs: readonly number[];
};

const TICK_MS = 10;
const STOPS_WITHIN_MS = 15_000;

/** Starts it so many times, one after the other. */
export async function measureStarts(stage: Stage, times: number): Promise<StartUp> {
  const readyMs: number[] = [];
  const cpuMs: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const operator = await stage.launch();
    readyMs.push(await operator.untilReady());
    cpuMs.push(await cpuMsOf(operator.process.pid));
    await stopOperator(operator);
  }
  return { readyMs, cpuMs };
}

/** It waits for an API server that is down for a while; then, from its answer to /readyz. */
export async function measureLateServer(stage: Stage, downMs: number): Promise<number> {
  await stage.plane.stopApiServer();
  const operator = await stage.launch();
  await delay(downMs);
  await stage.plane.startApiServer();
  const answeredAtMs = performance.now();
  await operator.untilReady();
  const readyAfterMs = performance.now() - answeredAtMs;
  await stopOperator(operator);
  return readyAfterMs;
}

/** SIGTERM, as a kubelet does; throws where it does not end well. */
export async function stopOperator(operator: PodOperator): Promise<void> {
  const { code, signal } = await operator.process.stop("SIGTERM", STOPS_WITHIN_MS);
  if (code !== 0)
    throw new Error(`it ended with ${signal ?? String(code)}:\n${operator.output().slice(-2_000)}`);
}

/** Resident bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? "NaN") * 1024;
}

async function cpuMsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // After the name, which may hold blanks: user and kernel ticks are the 12th and 13th.
  const [user = "NaN", kernel = "NaN"] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11);
  return (Number(user) + Number(kernel)) * TICK_MS;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
