// Values that pool sizes come from when an entry says valueFrom: fetched by name, kept for a while,
// never listed. A decision says which of them it looked up; those that are not fresh are fetched at
// once, several at a time, and it waits for them only so long: a slow API server may hold no
// decision. What was known stays known until the API server says something else; while a value was
// never answered nothing grows. What may not be read is treated as not known; the workload then
// counts with its unmanagedPoolSize.

import type { ObservedPod } from "../observed.ts";
import type { Clock, Cluster, Store } from "../ports.ts";
import type { Reference, Resolve } from "./own-size.ts";
import { SeenSizes } from "./seen-sizes.ts";

const freshMs = 60_000;
const failedRetryMs = 5_000;
/** A decision waits for a fetch until so long after the fetch began. */
const waitMs = 2_000;
const fetchesAtOnce = 8;
/** What nobody has looked up for so long is forgotten. */
const unusedMs = 60 * 60_000;

/** One ConfigMap or Secret of a namespace. */
interface Source {
  readonly kind: Reference["kind"];
  readonly namespace: string;
  readonly name: string;
}

interface Kept {
  readonly freshUntilMs: number;
  readonly usedAtMs: number;
  /** Undefined until the API server has answered once. */
  readonly data: Readonly<Record<string, string>> | undefined;
}

/** What one decision looks up, and notes that it did. */
export interface Lookups {
  /** For a template: what a pod would read that starts now. */
  inTemplate(namespace: string): Resolve;
  /** For a pod: the largest that it may have read since it was first seen. */
  inPod(namespace: string, pod: ObservedPod): Resolve;
  readonly sources: ReadonlyMap<string, Source>;
}

export class References {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #fetches = new Map<
    string,
    { readonly beganMs: number; readonly ended: Promise<void> }
  >();
  readonly #waiting: (() => void)[] = [];
  readonly #seen = new SeenSizes();
  #running = 0;

  constructor(cluster: Cluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  /** For one decision, which ends at once: `pods` are those that exist. */
  lookUp(pods: Pick<Store<ObservedPod>, "get">): Lookups {
    this.#seen.forgetGone(pods);
    const sources = new Map<string, Source>();
    const inTemplate =
      (namespace: string): Resolve =>
      ({ kind, name, key }) => {
        const source = { kind, namespace, name };
        sources.set(idOf(source), source);
        const data = this.#kept.get(idOf(source))?.data;
        return data && Object.hasOwn(data, key) ? data[key] : undefined;
      };
    const inPod = (namespace: string, pod: ObservedPod): Resolve =>
      this.#seen.resolverFor(pod, inTemplate(namespace));
    return { inTemplate, inPod, sources };
  }

  /**
   * Fetches what of it is not fresh. Resolves when all of that is there, or soon; undefined: there
   * is nothing to wait for.
   */
  refresh({ sources }: Lookups): Promise<void> | undefined {
    const nowMs = this.#clock.monotonicMs();
    this.#forgetUnused(sources, nowMs);
    const stale = [...sources].filter(([id]) => nowMs >= (this.#kept.get(id)?.freshUntilMs ?? 0));
    const fetches = stale.map(([id, source]) => this.#fetchOf(id, source, nowMs));
    const untilMs = Math.max(...fetches.map(({ beganMs }) => beganMs + waitMs));
    if (fetches.length === 0 || untilMs <= nowMs) return undefined;
    return this.#atMost(untilMs - nowMs, Promise.all(fetches.map(({ ended }) => ended)));
  }

  /** False while the API server has not answered for one of them, whatever its answer. */
  isAnswered({ sources }: Lookups): boolean {
    return [...sources.keys()].every((id) => this.#kept.get(id)?.data !== undefined);
  }

  #fetchOf(id: string, source: Source, nowMs: number): { beganMs: number; ended: Promise<void> } {
    const known = this.#fetches.get(id);
    if (known) return known;
    const ended = this.#fetch(id, source).finally(() => this.#fetches.delete(id));
    const fetch = { beganMs: nowMs, ended };
    this.#fetches.set(id, fetch);
    return fetch;
  }

  async #fetch(id: string, { kind, namespace, name }: Source): Promise<void> {
    await this.#turn();
    try {
      const outcome = await this.#cluster.readData(kind, namespace, name);
      const nowMs = this.#clock.monotonicMs();
      const before = this.#kept.get(id)?.data;
      const data = dataOf(outcome, before);
      const isFailed = outcome.kind === "unavailable";
      const freshUntilMs = nowMs + (isFailed ? failedRetryMs : freshMs);
      this.#kept.set(id, { freshUntilMs, usedAtMs: nowMs, data });
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running >= fetchesAtOnce) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
  }

  #atMost(delayMs: number, work: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(delayMs, resolve);
      work.finally(cancel).then(() => {
        resolve();
      }, reject);
    });
  }

  #forgetUnused(used: ReadonlyMap<string, Source>, nowMs: number): void {
    for (const [id, kept] of this.#kept) {
      if (used.has(id)) this.#kept.set(id, { ...kept, usedAtMs: nowMs });
      else if (nowMs - kept.usedAtMs > unusedMs) this.#kept.delete(id);
    }
  }
}

/** What is not there says nothing; who does not answer, or may not, does not unsay what was. */
function dataOf(
  outcome: Awaited<ReturnType<Cluster["readData"]>>,
  before: Kept["data"],
): Kept["data"] {
  if (outcome.kind === "ok") return sizesIn(outcome.value.data);
  if (outcome.kind === "unavailable") return before;
  return outcome.kind === "absent" ? {} : (before ?? {});
}

/** A value longer than this is no pool size and is not kept in memory. */
const valueLengthMax = 20;

function sizesIn(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).filter(([, value]) => value.length <= valueLengthMax),
  );
}

function idOf({ kind, namespace, name }: Source): string {
  return `${kind}/${namespace}/${name}`;
}
