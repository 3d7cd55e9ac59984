// The ways in which a leader is lost, and what must come of the old one once another leads: whoever
// wakes, or is connected again, finds the other's name in the Lease and ends.
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../src/ports.ts";
import type { Replica } from "./replicas.ts";

export const WAYS = ["kill", "stop", "freeze", "cut"] as const;
export type Way = (typeof WAYS)[number];

export const descriptions: Readonly<Record<Way, string>> = {
  kill: "kill -9",
  stop: "SIGSTOP, woken when another leads",
  freeze: "nothing comes through to the API server any more",
  cut: "every connection to the API server is closed",
};

export function lose({ process: operator, line }: Replica, way: Way): Promise<unknown> {
  switch (way) {
    case "kill":
      return operator.stop("SIGKILL");
    case "stop":
      return Promise.resolve(process.kill(operator.pid, "SIGSTOP"));
    case "freeze":
      line.freeze();
      return Promise.resolve();
    case "cut":
      line.cut();
      return Promise.resolve();
  }
}

/**
 * Another leads. Resolves when the old one has ended of itself; throws where it does otherwise
 * than with exit code 1 and the reason in its log.
 */
export async function bringBack(
  { user, process: operator, line }: Replica,
  way: Way,
): Promise<void> {
  if (way === "kill") return;
  if (way === "stop") process.kill(operator.pid, "SIGCONT");
  else line.thaw();
  const { code, signal } = await operator.exited;
  if (code !== 1) throw new Error(`${user} ended with ${signal ?? code ?? "?"} instead of 1`);
  await operator.waitForLine("the lease is lost");
}

/** Sleeps for about as long as its lease lasts: it wakes just before another takes it, or after. */
export async function nap(
  { process: operator }: Replica,
  leaseDurationMs: number,
  random: Random,
): Promise<void> {
  process.kill(operator.pid, "SIGSTOP");
  await delay(leaseDurationMs * (0.85 + 0.25 * random.next()));
  process.kill(operator.pid, "SIGCONT");
}
