// Where the demo prints. In a terminal the view at the bottom is drawn anew all the time and what
// happens scrolls above it; anywhere else, as in a CI log, the view is a plain line now and then.
import { renderFrame, renderLine } from "./frame.ts";
import type { View } from "./frame.ts";

const PLAIN_LINE_EVERY_MS = 5_000;

export type Output = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
};

export type Screen = {
  /** Prints lines that stay. */
  say(text: string): void;
  /** Replaces the view. */
  show(view: View): void;
  /** Takes the view away. */
  clear(): void;
};

export function openScreen(output: Output): Screen {
  return output.isTTY === true ? openTerminal(output) : openPlain(output);
}

function openTerminal(output: Output): Screen {
  let frame: readonly string[] = [];
  const erase = (): string => (frame.length === 0 ? "" : `\x1b[${frame.length}A\x1b[0J`);
  const draw = (): string => frame.map((line) => `${line}\n`).join("");
  return {
    say: (text) => output.write(`${erase()}${text}\n${draw()}`),
    show: (view) => {
      const start = erase();
      frame = renderFrame(view, (output.columns ?? 80) - 1);
      output.write(start + draw());
    },
    clear: () => {
      output.write(erase());
      frame = [];
    },
  };
}

function openPlain(output: Output): Screen {
  let lastMs = -Infinity;
  return {
    say: (text) => output.write(`${text}\n`),
    show: (view) => {
      if (view.elapsedMs - lastMs < PLAIN_LINE_EVERY_MS) return;
      lastMs = view.elapsedMs;
      output.write(`${renderLine(view)}\n`);
    },
    clear: () => undefined,
  };
}
