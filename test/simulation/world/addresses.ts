// Addresses of pods. One that is free again is sometimes given to the next pod at once, as network
// plugins do when a range is small, so that whoever tells sessions by address is put to the test.

import type { Random } from "../../../src/ports.ts";

const reuseChance = 0.2;

export class Addresses {
  readonly #random: Random;
  readonly #free: string[] = [];
  #last = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  take(): string {
    const isReused = this.#free.length > 0 && this.#random.next() < reuseChance;
    const free = isReused ? this.#free.pop() : undefined;
    if (free !== undefined) return free;
    const number = ++this.#last;
    return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
  }

  release(address: string): void {
    this.#free.push(address);
  }
}
