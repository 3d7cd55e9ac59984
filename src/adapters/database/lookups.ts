// Look-ups of servers' names. Node makes them on few threads, and one whose DNS does not answer
// keeps its thread for a minute, long after the reading that wanted it was given up. So that names
// of one namespace never take the threads of all, each namespace has at most two under way until
// they really end, and one name is never looked up twice at the same time.

import dns, { type LookupOptions } from "node:dns";
import type { LookupFunction } from "node:net";

type Answer = Parameters<LookupFunction>[2];

/** As `lookup` of node:dns. */
export type LookUp = (host: string, options: LookupOptions, answer: Answer) => void;

export const lookUp: LookUp = (host, options, answer) => {
  dns.lookup(host, options, answer);
};

const lookupsOfNamespace = 2;
/** Of one name: each is looked at before it is contacted, and a reading has no time for more. */
const addressesMax = 32;

export interface Asking {
  /** Whose policies name the host: it waits in the shortest of their queues. */
  readonly namespaces: readonly string[];
  /** False once nobody waits for the answer. */
  readonly isWanted: () => boolean;
}

interface Waiting extends Asking {
  readonly host: string;
  readonly start: (namespace: string) => void;
}

export class Lookups {
  readonly #lookUp: LookUp;
  /** Hosts that are looked up now, and the namespace that each counts for. */
  readonly #running = new Map<string, string>();
  #waiting: Waiting[] = [];

  constructor(look: LookUp) {
    this.#lookUp = look;
  }

  /** What a socket of this asker looks names up with. */
  for(asking: Asking): LookupFunction {
    return (host, options, answer) => {
      const start = (namespace: string): void => {
        this.#start(host, namespace, (end) => {
          this.#lookUp(host, options, (error, found, family) => {
            end();
            answer(error, Array.isArray(found) ? found.slice(0, addressesMax) : found, family);
          });
        });
      };
      this.#waiting.push({ ...asking, host, start });
      this.#startAll();
    };
  }

  #start(host: string, namespace: string, run: (end: () => void) => void): void {
    this.#running.set(host, namespace);
    run(() => {
      this.#running.delete(host);
      this.#startAll();
    });
  }

  #startAll(): void {
    const waiting = this.#waiting.filter(({ isWanted }) => isWanted());
    this.#waiting = [];
    for (const one of waiting) {
      const namespace = this.#freeNamespace(one);
      if (namespace === undefined) this.#waiting.push(one);
      else one.start(namespace);
    }
  }

  #freeNamespace({ host, namespaces }: Waiting): string | undefined {
    if (this.#running.has(host)) return undefined;
    const running = [...this.#running.values()];
    const isFree = (one: string): boolean =>
      running.filter((namespace) => namespace === one).length < lookupsOfNamespace;
    return (namespaces.length === 0 ? [""] : namespaces).find(isFree);
  }
}
