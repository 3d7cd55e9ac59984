// Which servers a name has led to within the window. After a failover or a restart it leads to
// another one from then on. A reader endpoint leads to several standbys by turns: a server comes
// back after another one was there. Then the limits of each of them count, the strictest first,
// because pods may meet any of them.

import type { ServerWord } from "../../domain/facts/facts.ts";
import { isOtherServer, saysIdentity } from "../same-server.ts";

interface Seen {
  readonly word: ServerWord;
  /** Since when the name has led there, without another one in between. */
  readonly fromMs: number;
  readonly atMs: number;
}

/** A name that is given to somebody else every minute is remembered no longer than this. */
const seenMax = 16;

export class NameIdentities {
  /** Each server once, the one that was seen last at the end. */
  #seen: readonly Seen[] = [];
  #cameBackAtMs = -Infinity;

  /** By the monotonic clock. */
  note(word: ServerWord, atMs: number): void {
    if (!saysIdentity(word)) return;
    const others = this.#seen.filter((one) => isOtherServer(one.word, word));
    const isBack = others.length < this.#seen.length && this.#seen.at(-1) === others.at(-1);
    if (isBack) this.#cameBackAtMs = atMs;
    const last = this.#seen.at(-1);
    const fromMs = last && !isOtherServer(last.word, word) ? last.fromMs : atMs;
    this.#seen = [...others, { word, fromMs, atMs }].slice(-seenMax);
  }

  /** The name has led to one server since then, and to no other one. */
  isSteady(sinceMs: number): boolean {
    return (this.#seen.at(-1)?.fromMs ?? Infinity) <= sinceMs;
  }

  /** Of all of them, if there are several by turns; `sinceMs`: what was before is over. */
  wordsByTurns(sinceMs: number): readonly ServerWord[] {
    if (this.#cameBackAtMs < sinceMs) return [];
    return this.#seen.filter(({ atMs }) => atMs >= sinceMs).map(({ word }) => word);
  }
}
