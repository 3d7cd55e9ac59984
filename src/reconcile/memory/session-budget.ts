// What the sessions that all servers showed take of the memory together. A tenant may have as many
// servers as policies, and whoever runs one chooses how much it shows. Where it becomes too much,
// the part that takes most gives way: servers are taken together that are read with logins of the
// same namespaces, so that no number of servers takes from those of others. A server that has
// nothing left to give but its last word loses that too, as after a start: then it counts as one
// that cannot be read, and nothing grows there.

import { namespaceOf } from "../../api/keys.ts";
import { type Memory, never } from "./server-memory.ts";
import { fewest } from "./session-samples.ts";

/** An eighth of the memory that the chart gives the operator. */
const maxBytes = 64 * 2 ** 20;
/** Down to this, so that not each reading has to look at all servers. */
const leftBytes = 56 * 2 ** 20;

export const overBudget = {
  reason: "QueryFailed",
  message:
    "the servers of this namespace show more sessions than the operator remembers " +
    `(${maxBytes / 2 ** 20} MiB for all servers): this one counts as not read. ` +
    "Use fewer servers, or look for what opens sessions under ever new names",
} as const;

/** What the samples of all servers take. */
export class SessionBudget {
  #bytes = 0;

  /** Of one server more, or less. */
  changed(byBytes: number): void {
    this.#bytes += byBytes;
  }

  get isOver(): boolean {
    return this.#bytes > maxBytes;
  }

  /** The one that is to give way next; undefined once enough of them did. */
  next(memories: Iterable<Memory>): Memory | undefined {
    if (this.#bytes <= leftBytes) return undefined;
    const parts = [...Map.groupBy(memories, namespacesOf).values()];
    const part = largest(parts, (some) => some.reduce((sum, { bytes }) => sum + bytes, 0));
    return largest(part ?? [], ({ bytes }) => bytes);
  }
}

/** Without samples, words and what was read, or with as few samples as say the same. */
export function giveWay(memory: Memory): void {
  const { samples, bytes } = fewest(memory.samples);
  if (bytes < memory.bytes) {
    Object.assign(memory, { samples, bytes });
    return;
  }
  forgetWords(memory);
  Object.assign(memory, { samples: [], bytes: 0, failure: overBudget });
}

/** What the server says of itself; sessions that it showed leave with the window. */
export function forgetWords(memory: Memory): void {
  memory.words.clear();
  memory.reading = undefined;
  memory.read = never;
}

function namespacesOf({ readers }: Memory): string {
  return [...new Set([...readers].map((key) => namespaceOf(key)))].sort().join();
}

function largest<T>(all: readonly T[], sizeOf: (one: T) => number): T | undefined {
  return all.reduce<{ one?: T; size: number }>(
    (most, one) => {
      const size = sizeOf(one);
      return size > most.size ? { one, size } : most;
    },
    { size: 0 },
  ).one;
}
