// Virtual time for the simulation. Timers run in the order of their time (of equal times the older
// first), each as a step of its own: what it sets in motion settles before the next one, so that a
// run depends on nothing but its seed. A binary heap, because a run has some hundred thousand
// timers.

import type { Clock } from "../../src/ports.ts";

interface Timer {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export class SimulatedTime implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #heap: Timer[] = [];

  constructor(nowMs: number = Date.parse("2026-09-01T00:00:00Z")) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = {
      atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)),
      order: this.#order++,
      run,
    };
    this.#push(timer);
    return () => {
      timer.run = undefined;
    };
  }

  /** Lets time pass; `afterStep` sees the world after each step, and ends the run with `false`. */
  async runUntil(endMs: number, afterStep: () => boolean): Promise<void> {
    await settle();
    for (let next = this.#heap[0]; next && next.atMs <= endMs; next = this.#heap[0]) {
      this.#pop();
      const { run } = next;
      if (!run) continue;
      this.#nowMs = next.atMs;
      run();
      await settle();
      if (!afterStep()) return;
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, timer)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const child = smallerChild(heap, index);
      const below = heap[child];
      if (!below || isBefore(last, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function smallerChild(heap: readonly Timer[], index: number): number {
  const left = 2 * index + 1;
  const [a, b] = [heap[left], heap[left + 1]];
  return a && b && isBefore(b, a) ? left + 1 : left;
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/**
 * Every promise that can be kept without time passing is kept. A tick comes after all of them, and
 * costs less than a turn of the event loop: a run has some hundred thousand.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

export function clockText(ms: number): string {
  return `+${new Date(ms).toISOString().slice(8, 23).replace("T", "d ").replace(/^01d /, "")}`;
}
