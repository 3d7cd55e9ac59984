// Pods without processes, for tests of scale and of time: ready and gone after the delays that the
// test chose. A delay may depend on the pod, and may be a promise that the test itself settles.
import { setTimeout as delay } from "node:timers/promises";
import type { Pod } from "./pod.ts";
import type { Runtime } from "./runtime.ts";

// Timers cannot wait longer.
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export type InstantRuntimeOptions = {
  /** Milliseconds until a pod is ready, or a promise to wait for; default 0. */
  readonly startDelay?: (pod: Pod) => number | Promise<void>;
  /** The same until a pod is gone, never longer than its grace period; default 0. */
  readonly stopDelay?: (pod: Pod) => number | Promise<void>;
};

export function createInstantRuntime(options: InstantRuntimeOptions = {}): Runtime {
  const { startDelay = () => 0, stopDelay = () => 0 } = options;
  const addresses = new Map<string, string>();
  const closing = new AbortController();
  let next = 1;
  const wait = async (wanted: number | Promise<void>, atMostMs: number): Promise<void> => {
    if (wanted === 0 || closing.signal.aborted) return;
    const pause = (ms: number): Promise<void> =>
      delay(ms, undefined, { signal: closing.signal }).catch(() => undefined);
    if (typeof wanted === "number") await pause(Math.min(wanted, atMostMs));
    else await Promise.race([wanted, pause(atMostMs)]);
  };
  return {
    start: async (pod) => {
      const { uid } = pod.metadata;
      const address = addresses.get(uid) ?? podAddress(next++);
      addresses.set(uid, address);
      await wait(startDelay(pod), LONGEST_DELAY_MS);
      return { address, ended: new Promise(() => undefined) };
    },
    stop: async (pod, graceMs) => {
      await wait(stopDelay(pod), graceMs);
      addresses.delete(pod.metadata.uid);
    },
    close: () => {
      closing.abort();
      return Promise.resolve();
    },
  };
}

/** 10.0.0.1, 10.0.0.2, …: unique for the first 16 million pods. */
function podAddress(position: number): string {
  return `10.${(position >> 16) & 255}.${(position >> 8) & 255}.${position & 255}`;
}
