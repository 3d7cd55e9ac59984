// Does something again and again, with a pause in between, until it is stopped or fails.
import { setTimeout as delay } from "node:timers/promises";

export type Repetition = {
  /** Rejects with the first failure, which ends it. Nobody has to listen. */
  readonly failed: Promise<never>;
  /** Resolves when the last round is over. */
  stop(): Promise<void>;
};

export function repeat(pauseMs: number, round: () => Promise<void>): Repetition {
  const stopping = new AbortController();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  const rounds = (async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await round();
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })().catch(reject);
  return {
    failed,
    stop: () => {
      stopping.abort();
      return rounds;
    },
  };
}
