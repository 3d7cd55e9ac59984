// A list and watch whose every answer a test decides.

import type { ListWatch, WatchEvent } from "../../../src/ports.ts";

export interface Thing {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** `aThing("a", 2)` is object `a` at resourceVersion 2; another generation is another uid. */
export function aThing(key: string, version: number, generation: number = 1): Thing {
  return { key, uid: `${key}-${generation}`, resourceVersion: String(version) };
}

/** One open watch. */
export class ScriptedStream {
  readonly position: string;
  readonly signal: AbortSignal;
  readonly #events: WatchEvent<Thing>[] = [];
  #end: { error?: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(position: string, signal: AbortSignal) {
    this.position = position;
    this.signal = signal;
    signal.addEventListener("abort", () => {
      this.#wake();
    });
  }

  send(...events: WatchEvent<Thing>[]): void {
    this.#events.push(...events);
    this.#wake();
  }

  /** The server ends the watch, as it does every few minutes. */
  end(): void {
    this.#end = {};
    this.#wake();
  }

  fail(error: unknown): void {
    this.#end = { error };
    this.#wake();
  }

  async *events(): AsyncGenerator<WatchEvent<Thing>> {
    for (;;) {
      if (this.signal.aborted) throw this.signal.reason as Error;
      const event = this.#events.shift();
      if (event !== undefined) yield event;
      else if (this.#end === undefined) await this.#sleep();
      else if ("error" in this.#end) throw this.#end.error;
      else return;
    }
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

export type Page = { objects: readonly Thing[]; resourceVersion: string };

export class ScriptedSource implements ListWatch<Thing> {
  /** Answers of the lists to come, the last one again and again. An error is thrown. */
  lists: (readonly Page[] | Error)[] = [[{ objects: [], resourceVersion: "1" }]];
  /** Errors that the watches to come answer with instead of opening. */
  refusals: Error[] = [];
  listCount = 0;
  readonly streams: ScriptedStream[] = [];
  readonly watchPositions: string[] = [];

  get stream(): ScriptedStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error("no watch is open");
    return stream;
  }

  async *list(): AsyncGenerator<Page> {
    this.listCount++;
    const answer = this.lists.length > 1 ? this.lists.shift() : this.lists[0];
    if (answer instanceof Error) throw answer;
    for (const page of answer ?? []) {
      await Promise.resolve();
      yield page;
    }
  }

  async *watch(position: string, signal: AbortSignal): AsyncGenerator<WatchEvent<Thing>> {
    this.watchPositions.push(position);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    const stream = new ScriptedStream(position, signal);
    this.streams.push(stream);
    yield { type: "bookmark", resourceVersion: position };
    yield* stream.events();
  }
}
