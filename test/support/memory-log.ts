// A log that remembers what it was told, for tests of what a person gets to read.

import type { Log } from "../../src/ports.ts";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export class MemoryLog implements Log {
  readonly lines: LogLine[];
  readonly #bound: object;

  constructor(lines: LogLine[] = [], bound: object = {}) {
    this.lines = lines;
    this.#bound = bound;
  }

  debug(fields: object, message: string): void {
    this.#note("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.#note("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.#note("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.#note("error", fields, message);
  }

  child(fields: object): Log {
    return new MemoryLog(this.lines, { ...this.#bound, ...fields });
  }

  /** Messages of one level, in order. */
  messages(level: LogLine["level"]): readonly string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }

  #note(level: LogLine["level"], fields: object, message: string): void {
    this.lines.push({ level, message, fields: { ...this.#bound, ...fields } });
  }
}

/** Counts what it is told to count, by name and labels. */
export class MemoryMetrics {
  readonly counts = new Map<string, number>();

  count(name: string, labels: Readonly<Record<string, string>> = {}, by: number = 1): void {
    const key = [name, ...Object.values(labels)].join(" ");
    this.counts.set(key, (this.counts.get(key) ?? 0) + by);
  }
}
