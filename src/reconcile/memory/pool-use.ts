// What is known of how many connections pools have at work: a histogram of each, filled by the
// looks at the servers, and what is said of it. A look changes no fact that a decision is made
// from; only when something is worth saying, and once in ten minutes of each policy at most, what
// is said of its pools changes, all at once. So a status is not written for every look, and it is
// the status that the next process goes on from.

import type { WorkloadRow } from "../../api/poolpolicy.ts";
import {
  type Fleet,
  isUseWatched,
  type PodsByAddress,
  podsByAddress,
  samplesOf,
} from "../../domain/demand/clients-at-work.ts";
import { ownWorkloads } from "../../domain/demand/own-positions.ts";
import { confidenceIn, isWorthSaying, peakIn, sayUse } from "../../domain/demand/said-use.ts";
import { usedBefore } from "../../domain/demand/kept-use.ts";
import {
  nothingSeen,
  type UseHistogram,
  type UseSample,
  withSamples,
} from "../../domain/demand/use-histogram.ts";
import type {
  ClientsAtWork,
  PolicyKey,
  PoolFacts,
  PoolKey,
  SaidUse,
  ServerKey,
} from "../../domain/facts/facts.ts";
import type { Clock } from "../../ports.ts";

/** Between two times that something is said of a policy's pools. */
export const sayEveryMs = 10 * 60_000;

interface Use {
  histogram: UseHistogram;
  said: SaidUse | undefined;
  /** Since when less is at work than is said; undefined while it is not. */
  lowerSinceMs: number | undefined;
}

type Named = Pick<PoolFacts, "poolKey">;
type Watcher = Parameters<typeof isUseWatched>[0];
type UsedRow = Pick<WorkloadRow, "inUse">;

interface SeenFleet {
  readonly fleet: Fleet;
  pods?: PodsByAddress;
}

export class PoolUse {
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #startMs: number;
  readonly #pools = new Map<PoolKey, Use>();
  readonly #saidAtMs = new Map<PolicyKey, number>();
  readonly #fleets = new Map<ServerKey, SeenFleet>();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  /** Whose sessions a server shows, by the latest decision. */
  noteFleet(server: ServerKey, fleet: Fleet): void {
    if (this.#fleets.get(server)?.fleet.workloads !== fleet.workloads)
      this.#fleets.set(server, { fleet });
  }

  forgetServer(server: ServerKey): void {
    this.#fleets.delete(server);
  }

  /** Who was at work on a server just now. */
  note(server: ServerKey, clients: readonly ClientsAtWork[]): void {
    const seen = this.#fleets.get(server);
    if (!seen) return;
    seen.pods ??= podsByAddress(seen.fleet);
    const nowMs = this.#clock.monotonicMs();
    for (const [pool, samples] of samplesOf(clients, seen.pods)) this.#add(pool, samples, nowMs);
    for (const { key } of seen.fleet.policies) this.#say(key, seen.fleet, nowMs);
  }

  /** What is said of a pool; of one that is not known yet, what its row says. */
  factsOf({ poolKey }: Named, policy: Watcher, row: UsedRow | undefined): Pick<PoolFacts, "use"> {
    if (!isUseWatched(policy)) return {};
    const known = this.#pools.get(poolKey);
    const use = known ?? (row?.inUse && useIn(row.inUse));
    if (use && !known) this.#pools.set(poolKey, use);
    return use?.said ? { use: use.said } : {};
  }

  keys(): Iterable<PoolKey> {
    return this.#pools.keys();
  }

  forget(pool: PoolKey): void {
    this.#pools.delete(pool);
  }

  /** Of policies. */
  get sayings(): { keys(): Iterable<PolicyKey>; forget(policy: PolicyKey): void } {
    const saidAtMs = this.#saidAtMs;
    return { keys: () => saidAtMs.keys(), forget: (policy) => void saidAtMs.delete(policy) };
  }

  #add(pool: PoolKey, samples: readonly UseSample[], nowMs: number): void {
    const use = this.#pools.get(pool) ?? newUse();
    this.#pools.set(pool, use);
    use.histogram = withSamples(use.histogram, samples, nowMs);
    const isLower = use.said !== undefined && peakIn(use.histogram) < use.said.peak;
    use.lowerSinceMs = isLower ? (use.lowerSinceMs ?? nowMs) : undefined;
  }

  #say(policy: PolicyKey, { workloads }: Fleet, nowMs: number): void {
    if (nowMs - (this.#saidAtMs.get(policy) ?? this.#startMs) < sayEveryMs) return;
    const uses = ownWorkloads(workloads, policy).flatMap(
      ({ poolKey }) => this.#pools.get(poolKey) ?? [],
    );
    const lowerMs = ({ lowerSinceMs = nowMs }: Use): number => nowMs - lowerSinceMs;
    if (!uses.some((use) => isWorthSaying(use.histogram, use.said, lowerMs(use)))) return;
    this.#saidAtMs.set(policy, nowMs);
    for (const use of uses) {
      use.said = sayUse(use.histogram, use.said);
      use.lowerSinceMs = undefined;
    }
  }
}

function newUse(): Use {
  return { histogram: nothingSeen, said: undefined, lowerSinceMs: undefined };
}

/** As an earlier process left it. */
function useIn({ peak, isFull = false, kept }: NonNullable<WorkloadRow["inUse"]>): Use | undefined {
  const histogram = usedBefore(kept);
  const confidence = histogram && confidenceIn(histogram);
  if (!confidence) return undefined;
  return { histogram, said: { peak, isFull, confidence, kept }, lowerSinceMs: undefined };
}
