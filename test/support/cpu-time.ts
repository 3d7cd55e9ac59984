// Processor time of this thread alone: what a busy machine, and tests beside this one, do not blur.
// Bounds on it are generous, so that they tell a cost that grows with the square from one that does
// not, and nothing finer. A pause of the garbage collector or of the compiler makes one try slow; a
// cost that grows makes each try slow. So work is over its bound only if it is so three times.

import { expect } from "vitest";

const mostTries = 3;

/** Runs the work once, or up to three times while it takes longer than the bound. */
export function expectCpuBelow(boundMs: number, work: () => unknown): void {
  expect(leastCpuMs(boundMs, work), "ms of processor time").toBeLessThan(boundMs);
}

/** The least of up to three tries; no further one is made once it is below the bound. */
export function leastCpuMs(boundMs: number, work: () => unknown): number {
  let leastMs = Infinity;
  for (let tries = 0; tries < mostTries && leastMs >= boundMs; tries += 1) {
    leastMs = Math.min(leastMs, cpuMsOf(work));
  }
  return leastMs;
}

/** Of work that waits for nothing but its own thread. */
export async function leastCpuOf(work: () => Promise<unknown>): Promise<number> {
  let leastMs = Infinity;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    leastMs = Math.min(leastMs, (user + system) / 1_000);
  }
  return leastMs;
}

function cpuMsOf(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
