// Values that pool sizes come from when an entry says valueFrom: fetched by name, kept for a while,
// never listed. A decision says which of them it looked up; those that are not fresh are fetched at
// once, several at a time, and it waits for them only so long: a slow API server may hold no
// decision. What was known stays known until the API server says something else; while a value was
// never answered nothing grows. What may not be read is treated as not known; the workload then
// counts with its unmanagedPoolSize.

import type { ObservedPod } from "../../observed.ts";
import type { Clock, Cluster, Log, Store } from "../../ports.ts";
import { FetchTurns } from "./fetch-turns.ts";
import { type Kept, keptMax, KeptValues, lastOf } from "./kept-values.ts";
import type { Resolve } from "../sizes/variable-values.ts";
import { SeenSizes } from "./seen-sizes.ts";
import { keysMax, type Source, WantedValues } from "./wanted-values.ts";

const freshMs = 60_000;
const failedRetryMs = 5_000;
/**
 * Where several policies look up more keys of one source than are kept, each has those of another
 * left out: they are fetched again no sooner than this after the last answer.
 */
const crowdedRetryMs = 5_000;
/** A decision waits for a fetch until so long after the fetch began. */
const waitMs = 2_000;
/** Of one namespace, under way or waiting: names may change faster than they are fetched. */
const fetchesMax = 1_000;
/** That a namespace refers to more sources than are kept is logged no more often. */
const toldAgainMs = 10 * 60_000;

/** What one decision looks up, and notes that it did. */
export interface Lookups {
  /** For a template: what a pod would read that starts now. */
  inTemplate(namespace: string): Resolve;
  /** For a pod: the largest that it may have read since it was first seen. */
  inPod(namespace: string, pod: ObservedPod): Resolve;
  readonly wanted: Pick<WantedValues, "sources">;
}

interface Fetch {
  readonly beganMs: number;
  readonly ended: Promise<void>;
}

export class References {
  readonly #cluster: Cluster;
  readonly #clock: Clock;
  readonly #kept = new KeptValues();
  readonly #turns: FetchTurns;
  /** By namespace, then by what is fetched. */
  readonly #fetches = new Map<string, Map<string, Fetch>>();
  readonly #seen = new SeenSizes();
  readonly #log: Pick<Log, "warn">;
  /** By namespace: when it was logged that sources have no room. */
  readonly #toldAtMs = new Map<string, number>();

  constructor(cluster: Cluster, clock: Clock, log: Pick<Log, "warn">) {
    this.#log = log;
    this.#cluster = cluster;
    this.#clock = clock;
    this.#turns = new FetchTurns(clock);
  }

  /** For one decision, which ends at once: `pods` are those that exist. */
  lookUp(pods: Pick<Store<ObservedPod>, "get">): Lookups {
    this.#seen.forgetGone(pods);
    const nowMs = this.#clock.monotonicMs();
    const wanted = new WantedValues();
    const inTemplate =
      (namespace: string): Resolve =>
      (reference) => {
        if (!this.#hasRoomFor({ ...reference, namespace }, nowMs)) return undefined;
        if (!wanted.note(namespace, reference)) return undefined;
        const { data = {} } = this.#kept.get({ ...reference, namespace }) ?? {};
        return Object.hasOwn(data, reference.key) ? data[reference.key] : undefined;
      };
    const inPod = (namespace: string, pod: ObservedPod): Resolve =>
      this.#seen.resolverFor(pod, inTemplate(namespace));
    return { inTemplate, inPod, wanted };
  }

  /**
   * Fetches what of it is not fresh. Resolves when all of that is there, or soon; undefined: there
   * is nothing to wait for.
   */
  refresh({ wanted }: Lookups): Promise<void> | undefined {
    const nowMs = this.#clock.monotonicMs();
    const sources = [...wanted.sources()];
    for (const source of sources) this.#kept.use(source, nowMs);
    this.#kept.forgetUnused(nowMs);
    const stale = sources.filter((source) => !this.#isFresh(source, nowMs));
    const fetches = stale.flatMap((source) => this.#fetchOf(source, nowMs) ?? []);
    const untilMs = Math.max(...fetches.map(({ beganMs }) => beganMs + waitMs));
    if (fetches.length === 0 || untilMs <= nowMs) return undefined;
    return this.#atMost(untilMs - nowMs, Promise.all(fetches.map(({ ended }) => ended)));
  }

  /** Namespaces with one for which the API server has not answered, whatever its answer. */
  unansweredIn({ wanted }: Lookups): ReadonlySet<string> {
    const namespaces = new Set<string>();
    for (const { keys, ...source } of wanted.sources()) {
      if (!isWithin(keys, this.#kept.get(source)?.answered)) namespaces.add(source.namespace);
    }
    return namespaces;
  }

  #isFresh({ keys, ...source }: Source, nowMs: number): boolean {
    const kept = this.#kept.get(source);
    if (kept === undefined || nowMs >= kept.freshUntilMs) return false;
    const isCrowded = new Set([...kept.asked, ...keys]).size > keysMax;
    const isTooSoon = isCrowded && nowMs < kept.endedAtMs + crowdedRetryMs;
    return isTooSoon || isWithin(keys, kept.asked);
  }

  #hasRoomFor(source: Parameters<KeptValues["hasRoomFor"]>[0], nowMs: number): boolean {
    const hasRoom = this.#kept.hasRoomFor(source, nowMs);
    if (!hasRoom) this.#tellNoRoom(source, nowMs);
    return hasRoom;
  }

  #tellNoRoom({ namespace }: Pick<Source, "namespace">, nowMs: number): void {
    for (const [told, atMs] of this.#toldAtMs) {
      if (nowMs - atMs >= toldAgainMs) this.#toldAtMs.delete(told);
    }
    if (this.#toldAtMs.has(namespace)) return;
    this.#toldAtMs.set(namespace, nowMs);
    this.#log.warn(
      { namespace, keptMax },
      "templates refer to more ConfigMaps and Secrets than are read",
    );
  }

  /** Undefined where too many of its namespace are under way. */
  #fetchOf(source: Source, nowMs: number): Fetch | undefined {
    const { kind, namespace, name, keys } = source;
    const fetches = this.#fetches.get(namespace) ?? new Map<string, Fetch>();
    const id = [kind, name, ...keys].join("/");
    const known = fetches.get(id);
    if (known || fetches.size >= fetchesMax) return known;
    const ended = this.#turns
      .run(namespace, () => this.#fetch(source))
      .finally(() => {
        fetches.delete(id);
        if (fetches.size === 0) this.#fetches.delete(namespace);
      });
    const fetch = { beganMs: nowMs, ended };
    this.#fetches.set(namespace, fetches.set(id, fetch));
    return fetch;
  }

  /** Yields for how long the answer kept the only thread busy. */
  async #fetch(source: Source): Promise<number> {
    const { kind, namespace, name } = source;
    const asked = lastOf(this.#kept.get(source)?.asked ?? [], source.keys);
    const outcome = await this.#cluster.readData(kind, namespace, name, asked);
    const nowMs = this.#clock.monotonicMs();
    const before = this.#kept.get(source);
    const isFailed = outcome.kind === "unavailable";
    const freshUntilMs = nowMs + (isFailed ? failedRetryMs : freshMs);
    const usedAtMs = before?.usedAtMs ?? nowMs;
    const known = knownFrom(outcome, asked, before);
    this.#kept.set(source, { freshUntilMs, usedAtMs, endedAtMs: nowMs, ...known }, nowMs);
    return outcome.kind === "ok" ? (outcome.value.busyMs ?? 0) : 0;
  }

  #atMost(delayMs: number, work: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(delayMs, resolve);
      work.finally(cancel).then(() => {
        resolve();
      }, reject);
    });
  }
}

function isWithin(keys: ReadonlySet<string>, others: ReadonlySet<string> = new Set()): boolean {
  return [...keys].every((key) => others.has(key));
}

/**
 * What is not there says nothing; who does not answer, or may not, does not unsay what was. Other
 * keys may have been fetched meanwhile.
 */
function knownFrom(
  outcome: Awaited<ReturnType<Cluster["readData"]>>,
  fetched: ReadonlySet<string>,
  before: Kept | undefined,
): Pick<Kept, "asked" | "answered" | "data"> {
  const asked = lastOf(before?.asked ?? [], fetched);
  const said = outcome.kind === "ok" ? sizesIn(outcome.value.data, fetched) : {};
  const isKept = (key: string): boolean => outcome.kind !== "ok" || !fetched.has(key);
  const others = new Set([...asked].filter(isKept));
  const kept = outcome.kind === "absent" ? {} : sizesIn(before?.data ?? {}, others);
  const newly = outcome.kind === "unavailable" ? [] : fetched;
  const answered = new Set([...(before?.answered ?? []), ...newly].filter((key) => asked.has(key)));
  return { asked, answered, data: { ...kept, ...said } };
}

/** A value longer than this is no pool size and is not kept in memory: only that it is none. */
const valueLengthMax = 20;
const noSize = "(no size)";

function sizesIn(
  data: Readonly<Record<string, string>>,
  keys: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(
    [...keys].flatMap((key): [string, string][] => {
      const value = Object.hasOwn(data, key) ? data[key] : undefined;
      if (value === undefined) return [];
      return [[key, value.length <= valueLengthMax ? value : noSize]];
    }),
  );
}
