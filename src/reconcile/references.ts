// Values that pool sizes come from when an entry says valueFrom: fetched by name, kept for a while,
// never listed. What may not be read is treated as not known; the workload then counts with its
// unmanagedPoolSize.

import type { Clock, Cluster } from "../ports.ts";
import type { Reference, Resolve } from "./own-size.ts";

const keptMs = 60_000;

interface Kept {
  readonly atMs: number;
  readonly data: Readonly<Record<string, string>>;
}

export class References {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(cluster: Cluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  /**
   * Fetches what is not fresh. Values that look like no size stay in memory no longer than others.
   */
  async fetch(namespace: string, references: readonly Reference[]): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const missing = new Map(references.map((r) => [keyOf(namespace, r), r]));
    for (const [key, { kind, name }] of missing) {
      const before = this.#kept.get(key);
      if (before && nowMs - before.atMs <= keptMs) continue;
      const outcome = await this.#cluster.readData(kind, namespace, name);
      const data = outcome.kind === "ok" ? sizesIn(outcome.value.data) : {};
      // An API server that does not answer changes no size.
      const isKept = before !== undefined && outcome.kind === "unavailable";
      this.#kept.set(key, { atMs: nowMs, data: isKept ? before.data : data });
    }
  }

  /** Looks up what was fetched. */
  resolverFor(namespace: string): Resolve {
    return (reference) => {
      const data = this.#kept.get(keyOf(namespace, reference))?.data;
      return data && Object.hasOwn(data, reference.key) ? data[reference.key] : undefined;
    };
  }
}

/** A value longer than this is no pool size and is not kept in memory. */
const valueLengthMax = 20;

function sizesIn(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => value.length <= valueLengthMax),
  );
}

function keyOf(namespace: string, { kind, name }: Reference): string {
  return `${kind}/${namespace}/${name}`;
}
