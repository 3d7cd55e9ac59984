// A binary heap for the progressive filling: whoever has least is taken again and again, O(log n)
// each time. JavaScript has none and a library for forty lines would be more to read than this.

export class MinHeap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  /** Undefined when empty. */
  get least(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    let index = this.#items.length - 1;
    while (index > 0 && this.#isLess(index, (index - 1) >> 1)) {
      this.#swap(index, (index - 1) >> 1);
      index = (index - 1) >> 1;
    }
  }

  /** Takes out the least item; undefined when empty. */
  pop(): T | undefined {
    const least = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return least;
    this.#items[0] = last;
    this.#sink();
    return least;
  }

  #sink(): void {
    let index = 0;
    for (;;) {
      const child = this.#lesserChild(index);
      if (child === undefined || !this.#isLess(child, index)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  #lesserChild(index: number): number | undefined {
    const left = 2 * index + 1;
    if (left >= this.#items.length) return undefined;
    const right = left + 1;
    return right < this.#items.length && this.#isLess(right, left) ? right : left;
  }

  #isLess(a: number, b: number): boolean {
    return this.#compare(this.#items[a] as T, this.#items[b] as T) < 0;
  }

  #swap(a: number, b: number): void {
    [this.#items[a], this.#items[b]] = [this.#items[b] as T, this.#items[a] as T];
  }
}
