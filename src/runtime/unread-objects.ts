// Objects of which a watch has only told that they changed, because they are large: which of them
// are still to be read. No change is lost: one stays here until it was read after its last change,
// or the watch or a list has told of it otherwise. What is read may be newer than what the watch
// tells next; the watch is not believed again before it has come as far.

import type { ObservedObject } from "../observed.ts";
import type { UnreadEvent } from "../ports.ts";
import { isOlder } from "./resource-versions.ts";

/** The last event of an object. It is another object once the watch has told something else. */
interface Unread<T> {
  event: UnreadEvent<T>;
  /** When the first change came that was not read since. */
  readonly sinceMs: number;
}

export class UnreadObjects<T extends ObservedObject> {
  readonly #unread = new Map<string, Unread<T>>();
  /** By key: the resourceVersion of what was read by itself. */
  readonly #readUpTo = new Map<string, string>();

  /** `monotonicMs`: now. */
  note(event: UnreadEvent<T>, monotonicMs: number): void {
    const known = this.#unread.get(event.key);
    if (known) known.event = event;
    else this.#unread.set(event.key, { event, sinceMs: monotonicMs });
  }

  *since(): Iterable<readonly [string, number]> {
    for (const [key, { sinceMs }] of this.#unread) yield [key, sinceMs];
  }

  /** What was read by itself is not older. */
  isKnown({ key, resourceVersion }: Pick<T, "key" | "resourceVersion">): boolean {
    const upTo = this.#readUpTo.get(key);
    if (upTo === undefined) return false;
    const isKnown = !isOlder(upTo, resourceVersion);
    if (!isKnown) this.#readUpTo.delete(key);
    return isKnown;
  }

  /** The watch has told what it is, or that it is gone. */
  forget(key: string): void {
    this.#unread.delete(key);
    this.#readUpTo.delete(key);
  }

  /** All are listed. */
  clear(): void {
    this.#unread.clear();
    this.#readUpTo.clear();
  }

  /** As it is now; undefined where nothing is to be read any more, or nothing is there. */
  async read(key: string, ...means: Parameters<UnreadEvent<T>["read"]>): Promise<T | undefined> {
    const unread = this.#unread.get(key);
    if (!unread) return undefined;
    const { event } = unread;
    const object = await event.read(...means);
    // Deleted meanwhile, say: what was read is from before that, and nobody would remove it.
    if (this.#unread.get(key) !== unread) return undefined;
    const hasAll = !object || !isOlder(object.resourceVersion, unread.event.resourceVersion);
    if (unread.event === event || hasAll) this.#unread.delete(key);
    if (object) this.#readUpTo.set(key, object.resourceVersion);
    return object;
  }
}
