// What ends a demo before its end: a signal, or a reader of its output that has gone away (`make
// demo | head`). Node would end at once where nobody listens, and leave everything running.
import type { EventEmitter } from "node:events";

const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Resolves with the exit code. `say` is told why, unless nobody reads it any more. */
export function untilStopped(
  { signals, output }: { readonly signals: EventEmitter; readonly output: EventEmitter },
  say: (text: string) => void,
): Promise<number> {
  return new Promise((resolve) => {
    output.on("error", () => {
      resolve(0);
    });
    for (const [signal, code] of Object.entries(SIGNAL_CODES)) {
      signals.once(signal, () => {
        say("demo: stopping, and taking everything down");
        resolve(code);
      });
    }
  });
}
