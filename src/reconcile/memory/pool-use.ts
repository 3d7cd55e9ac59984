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
  podSlotsOf,
  samplesOf,
} from "../../domain/demand/clients-at-work.ts";
import { ownWorkloads } from "../../domain/demand/own-positions.ts";
import {
  confidenceIn,
  isWorthSaying,
  peakIn,
  type PodSlots,
  sayUse,
  type Used,
} from "../../domain/demand/said-use.ts";
import { usedBefore } from "../../domain/demand/kept-use.ts";
import { nothingSeen, type UseHistogram, withSamples } from "../../domain/demand/use-histogram.ts";
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
  /** The most pods that were seen at once since something was said. */
  pods: number;
  /** Since when less is at work than is said; undefined while it is not. */
  lowerSinceMs: number | undefined;
}

type Named = Pick<PoolFacts, "poolKey">;
type Watcher = Parameters<typeof isUseWatched>[0];
type UsedRow = Pick<WorkloadRow, "inUse">;

interface SeenFleet {
  readonly fleet: Fleet;
  pods?: PodsByAddress;
  slots?: ReadonlyMap<PoolKey, PodSlots>;
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
    const slots = (seen.slots ??= slotsIn(seen.fleet));
    for (const [pool, samples] of samplesOf(clients, seen.pods)) {
      const pod = slots.get(pool);
      if (pod) this.#add(pool, { samples, pod, nowMs });
    }
    for (const { key } of seen.fleet.policies) this.#say(key, { ...seen, slots }, nowMs);
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

  #add(pool: PoolKey, { samples, pod, nowMs }: Look): void {
    const use = this.#pools.get(pool) ?? newUse();
    this.#pools.set(pool, use);
    use.histogram = withSamples(use.histogram, samples, nowMs);
    use.pods = Math.max(use.pods, samples.length);
    const isLower = use.said !== undefined && peakIn(use.histogram, pod) < use.said.peak;
    use.lowerSinceMs = isLower ? (use.lowerSinceMs ?? nowMs) : undefined;
  }

  #say(policy: PolicyKey, { fleet, slots }: SeenFleet, nowMs: number): void {
    if (nowMs - (this.#saidAtMs.get(policy) ?? this.#startMs) < sayEveryMs) return;
    const uses = ownWorkloads(fleet.workloads, policy).flatMap(({ poolKey }) => {
      const [use, pod] = [this.#pools.get(poolKey), slots?.get(poolKey)];
      return use && pod ? [{ use, used: usedOf(use, pod, nowMs) }] : [];
    });
    if (!uses.some(({ use, used }) => isWorthSaying(used, use.said))) return;
    this.#saidAtMs.set(policy, nowMs);
    for (const { use, used } of uses) {
      const before = use.said;
      use.said = sayUse(used, before);
      use.pods = 0;
      if (use.said?.peak !== before?.peak) use.lowerSinceMs = undefined;
    }
  }
}

/** What the pods of a pool have at work at one moment. */
interface Look {
  readonly samples: readonly number[];
  readonly pod: PodSlots;
  readonly nowMs: number;
}

function slotsIn({ workloads }: Fleet): ReadonlyMap<PoolKey, PodSlots> {
  return new Map(
    workloads.flatMap((pool): [PoolKey, PodSlots][] => {
      const slots = podSlotsOf(pool);
      return slots ? [[pool.poolKey, slots]] : [];
    }),
  );
}

function newUse(): Use {
  return { histogram: nothingSeen, said: undefined, pods: 0, lowerSinceMs: undefined };
}

function usedOf({ histogram, said, pods, lowerSinceMs }: Use, pod: PodSlots, nowMs: number): Used {
  const lowerMs = lowerSinceMs === undefined ? 0 : nowMs - lowerSinceMs;
  return { histogram, pod, pods: pods === 0 ? (said?.pods ?? 0) : pods, lowerMs };
}

/** As an earlier process left it. */
function useIn({ peak, isFull = false, kept }: NonNullable<WorkloadRow["inUse"]>): Use | undefined {
  const before = usedBefore(kept);
  const confidence = before && confidenceIn(before.histogram);
  if (!confidence) return undefined;
  const { histogram, pods } = before;
  const said = { peak, isFull, confidence, pods, kept };
  return { histogram, said, pods: 0, lowerSinceMs: undefined };
}
