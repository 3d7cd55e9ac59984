// What is known of how many connections pools have at work: a histogram of each, filled by the
// looks at the servers, and what is said of it. A look changes no fact that a decision is made
// from; only when something is worth saying, and once in ten minutes of each policy at most, what
// is said of its pools changes, all at once. So a status is not written for every look, and it is
// the status that the next process goes on from. Bursts alone are said at once, where shares follow
// the use of pools.

import type { WorkloadRow } from "../../api/poolpolicy.ts";
import {
  type Bursts,
  burstUntil,
  burstIn,
  noBursts,
  withLook,
} from "../../domain/demand/bursts.ts";
import {
  type Fleet,
  isUseWatched,
  type PodSample,
  type PodsByAddress,
  podsByAddress,
  podSlotsOf,
  samplesOf,
} from "../../domain/demand/clients-at-work.ts";
import { ownWorkloads } from "../../domain/demand/own-positions.ts";
import {
  confidenceIn,
  isWorthSaying,
  leastPeakIn,
  peakIn,
  type PodSlots,
  sayUse,
  type Used,
} from "../../domain/demand/said-use.ts";
import { wantedSizeOf } from "../../domain/demand/wanted-size.ts";
import { believablePeak, usedBefore, withBelievableWeight } from "../../domain/demand/kept-use.ts";
import { poolSlots } from "../../domain/demand/slots.ts";
import { nothingSeen, type UseHistogram, withSamples } from "../../domain/demand/use-histogram.ts";
import type { Burst } from "../../domain/facts/use-facts.ts";
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
  /** By server: two looks in a row are at one of them. */
  readonly bursts: Map<ServerKey, Bursts>;
}

type Named = Pick<PoolFacts, "poolKey" | "pods" | "sizing">;
type Watcher = Parameters<typeof isUseWatched>[0];
type UsedRow = Pick<WorkloadRow, "inUse">;

interface SeenFleet {
  readonly fleet: Fleet;
  pods?: PodsByAddress;
  pools?: ReadonlyMap<PoolKey, SeenPool>;
}

interface SeenPool {
  readonly facts: PoolFacts;
  readonly pod: PodSlots;
  /** Undefined where its policy is not among those that are known. */
  readonly policy: Watcher | undefined;
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
    for (const { bursts } of this.#pools.values()) bursts.delete(server);
  }

  /** Who was at work on a server just now. True: the server has to be decided on anew. */
  note(server: ServerKey, clients: readonly ClientsAtWork[]): boolean {
    const seen = this.#fleets.get(server);
    if (!seen) return false;
    seen.pods ??= podsByAddress(seen.fleet);
    const nowMs = this.#clock.monotonicMs();
    const pools = (seen.pools ??= poolsIn(seen.fleet));
    for (const [key, samples] of samplesOf(clients, seen.pods)) {
      const pool = pools.get(key);
      if (pool) this.#add(pool, { server, samples, nowMs });
    }
    for (const { key } of seen.fleet.policies) this.#say(key, { ...seen, pools }, nowMs);
    const changed = [...pools.values()].filter((pool) => this.#noteBurst(pool, nowMs));
    return changed.length > 0;
  }

  /** What is said of a pool; of one that is not known yet, what its row says. */
  factsOf(pool: Named, policy: Watcher, row: UsedRow | undefined): Pick<PoolFacts, "use"> {
    if (!isUseWatched(policy)) return {};
    const { poolKey } = pool;
    const known = this.#pools.get(poolKey);
    const use = known ?? (row?.inUse && useIn(row.inUse, pool, this.#clock.monotonicMs()));
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

  #add({ facts, pod, policy }: SeenPool, { server, samples, nowMs }: Look): void {
    const { poolKey, sizing } = facts;
    const use = this.#pools.get(poolKey) ?? newUse();
    this.#pools.set(poolKey, use);
    const atWork = samples.map((sample) => sample.atWork);
    use.histogram = withSamples(use.histogram, atWork, nowMs);
    use.pods = Math.max(use.pods, samples.length);
    const isLower = use.said !== undefined && peakIn(use.histogram, pod) < use.said.peak;
    use.lowerSinceMs = isLower ? (use.lowerSinceMs ?? nowMs) : undefined;
    const said = use.said && bursting({ ...use.said, isFull: false }, undefined);
    const wanted = policy && wantedSizeOf(policy, { ...(said && { use: said }), sizing });
    if (wanted === undefined) {
      use.bursts.clear();
      return;
    }
    const recommendedSlots = poolSlots(sizing, wanted);
    const before = use.bursts.get(server) ?? noBursts;
    const look = { samples, recommendedSlots, isLive: facts.live === true, nowMs };
    use.bursts.set(server, withLook(before, look));
  }

  /** Whether it has begun, has become a long one, or has ended. */
  #noteBurst({ facts: { poolKey } }: SeenPool, nowMs: number): boolean {
    const use = this.#pools.get(poolKey);
    if (!use?.said) return false;
    const bursts = [...use.bursts.values()].map((one) => burstIn(one, nowMs));
    const burst = bursts.find((one) => one === "Long") ?? bursts.find((one) => one !== undefined);
    if (burst === use.said.burst) return false;
    use.said = bursting(use.said, burst);
    return true;
  }

  #say(policy: PolicyKey, { fleet, pools }: SeenFleet, nowMs: number): void {
    if (nowMs - (this.#saidAtMs.get(policy) ?? this.#startMs) < sayEveryMs) return;
    const uses = ownWorkloads(fleet.workloads, policy).flatMap(({ poolKey }) => {
      const [use, pool] = [this.#pools.get(poolKey), pools?.get(poolKey)];
      return use && pool ? [{ use, used: usedOf(use, pool.pod, nowMs) }] : [];
    });
    if (!uses.some(({ use, used }) => isWorthSaying(used, use.said))) return;
    this.#saidAtMs.set(policy, nowMs);
    for (const { use, used } of uses) {
      const before = use.said;
      const said = sayUse(used, before);
      use.said = said && bursting(said, before?.burst);
      use.pods = 0;
      if (use.said?.peak !== before?.peak) use.lowerSinceMs = undefined;
    }
  }
}

/** What the pods of a pool have at work at one moment. */
interface Look {
  readonly server: ServerKey;
  readonly samples: readonly PodSample[];
  readonly nowMs: number;
}

function poolsIn({ workloads, policies }: Fleet): ReadonlyMap<PoolKey, SeenPool> {
  const byKey = new Map(policies.map((policy) => [policy.key, policy]));
  return new Map(
    workloads.flatMap((facts): [PoolKey, SeenPool][] => {
      const pod = podSlotsOf(facts);
      return pod ? [[facts.poolKey, { facts, pod, policy: byKey.get(facts.policy) }]] : [];
    }),
  );
}

function bursting(said: SaidUse, burst: Burst | undefined): SaidUse {
  const { peak, isFull, confidence, pods, kept } = said;
  return { peak, isFull, confidence, pods, kept, ...(burst && { burst }) };
}

function newUse(): Use {
  return {
    histogram: nothingSeen,
    said: undefined,
    pods: 0,
    lowerSinceMs: undefined,
    bursts: new Map(),
  };
}

function usedOf({ histogram, said, pods, lowerSinceMs }: Use, pod: PodSlots, nowMs: number): Used {
  const lowerMs = lowerSinceMs === undefined ? 0 : nowMs - lowerSinceMs;
  return { histogram, pod, pods: pods === 0 ? (said?.pods ?? 0) : pods, lowerMs };
}

/** Of a pool without pods. */
const noSlots: PodSlots = { slots: 0, extraSlots: 0 };

/** In place of the servers on which an earlier process has seen it. */
const beforeUs = "" as ServerKey;

/** As an earlier process left it, or as somebody has written it by hand. */
function useIn(
  { peak, isFull, isBursting, kept }: NonNullable<WorkloadRow["inUse"]>,
  pool: Named,
  nowMs: number,
): Use | undefined {
  const before = usedBefore(kept);
  const confidence = before && confidenceIn(before.histogram);
  if (!confidence) return undefined;
  const histogram = withBelievableWeight(before.histogram, pool.pods.length);
  const isBurst = isBursting === true;
  const said = bursting(
    {
      peak: believablePeak(histogram, leastPeakIn(histogram, podSlotsOf(pool) ?? noSlots), peak),
      ...{ isFull: isFull === true, confidence, pods: before.pods, kept },
    },
    isBurst ? "Long" : undefined,
  );
  const bursts = new Map(isBurst ? [[beforeUs, burstUntil(nowMs)]] : []);
  return { histogram, said, pods: 0, lowerSinceMs: undefined, bursts };
}
