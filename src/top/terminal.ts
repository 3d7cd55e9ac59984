// A terminal that is drawn on as a whole: its second screen, so that what stood there before comes
// back, and its keys one by one. Without a terminal on both ends there is only text to write.

import { emitKeypressEvents, type Key } from "node:readline";

/** The terminal of whoever looks. */
export interface Terminal {
  /** Keys can be read and the screen be drawn on; else there is only `write`. */
  readonly isInteractive: boolean;
  /** In characters. */
  size(): { readonly columns: number; readonly rows: number };
  write(text: string): void;
  /** Takes the whole screen and the keys, until the returned function gives them back. */
  open(listener: {
    readonly onKey: (key: string) => void;
    readonly onResize: () => void;
  }): () => void;
  /** The screen from its first line on, instead of what stood there. */
  draw(lines: readonly string[]): void;
}

const usualColumns = 80;
const usualRows = 24;
const enterScreen = "\u001b[?1049h\u001b[?25l";
const leaveScreen = "\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
const clearToEndOfLine = "\u001b[K";
const clearBelow = "\u001b[J";

type Streams = Pick<NodeJS.Process, "stdin" | "stdout">;

export function createTerminal({ stdin, stdout }: Streams): Terminal {
  // Whoever reads may go away early, as head does.
  stdout.on("error", () => undefined);
  return {
    isInteractive: stdin.isTTY && stdout.isTTY,
    // Some say 0 until somebody tells them how large they are.
    size: () => ({ columns: stdout.columns || usualColumns, rows: stdout.rows || usualRows }),
    write: (text) => void stdout.write(text),
    open: ({ onKey, onResize }) => {
      const onKeypress = (_: unknown, { sequence }: Key): void => {
        onKey(sequence ?? "");
      };
      emitKeypressEvents(stdin);
      stdin.setRawMode(true).on("keypress", onKeypress).resume();
      stdout.on("resize", onResize).write(enterScreen);
      return () => {
        stdin.setRawMode(false).off("keypress", onKeypress).pause();
        stdout.off("resize", onResize).write(leaveScreen);
      };
    },
    draw: (lines) => {
      const text = lines.map((line) => `${line}${clearToEndOfLine}`).join("\r\n");
      stdout.write(`${home}${text}${clearBelow}`);
    },
  };
}
