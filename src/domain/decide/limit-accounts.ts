// The account of each limit: what its members hold in the worst case, against its slots. The
// server's comes first, and all its workloads are members; namespaces and logins that are bounded
// have the same sum over theirs. Whoever asks whether something fits asks all of them at once.

import { Exposure } from "../demand/exposure.ts";
import type { PolicyFacts, PolicyKey, ServerKey } from "../facts/facts.ts";
import { groupByEach } from "../group-by-each.ts";
import { type Limit, membersAmong, type NarrowLimit, type ServerLimit } from "../supply/limit.ts";
import { oncePer } from "../once-per.ts";
import { type Place, placesOf } from "./places.ts";
import { firstPools } from "../demand/own-positions.ts";
import { plannedPodsOf } from "../demand/planned-pods.ts";
import type { Position } from "../demand/position.ts";
import { keptStartRoom } from "./start-room.ts";
import { unsettledPositions } from "./unsettled.ts";

export interface LimitAccount<L extends Limit = Limit> {
  readonly limit: L;
  /** Of its members among the workloads of the server. */
  readonly indexes: readonly number[];
  readonly positions: readonly Position[];
  readonly exposure: Exposure;
  /** With what may still be more than that (unsettled.ts); the same object where nothing may. */
  readonly unsettled: Exposure;
}

/** A pool, the size of it that an act is about, and the same of others of its pods. */
export interface SizedAct extends SizedPool {
  readonly beside?: readonly SizedPool[];
}

interface SizedPool {
  /** Among all of the server. */
  readonly index: number;
  readonly poolSize: number;
}

interface PlacedPart {
  /** Among the members of a limit. */
  readonly place: number;
  readonly poolSize: number;
}

/** What a limit's members could hold in the course of an act. */
export interface AccountWhile {
  readonly account: LimitAccount;
  readonly slots: number;
}

export class LimitAccounts {
  readonly server: LimitAccount<ServerLimit>;
  /** Namespaces by name, then logins; there may be none. */
  readonly narrow: readonly LimitAccount<NarrowLimit>[];
  /** The server's first. */
  readonly all: readonly LimitAccount[];
  /** By index of a workload among those of the server. */
  readonly #places: ReadonlyMap<number, readonly Place<LimitAccount>[]>;
  readonly #ofLogins: ReadonlyMap<PolicyKey, readonly LimitAccount<NarrowLimit>[]>;
  readonly #ofNamespaces: ReadonlyMap<string, LimitAccount<NarrowLimit>>;
  /** By index: what pods were given while they run. */
  readonly #live = new Map<number, number>();
  /** Those that do not hold now, by the grants as they are. */
  #broken: ReadonlySet<LimitAccount> | undefined;

  constructor(positions: readonly Position[], server: ServerLimit, narrow: readonly NarrowLimit[]) {
    const membersOf = membersAmong(positions.map(({ pool }) => pool.poolKey));
    this.server = accountOf(server, positions, membersOf(server));
    this.narrow = narrow.map((limit) => accountOf(limit, positions, membersOf(limit)));
    this.all = [this.server, ...this.narrow];
    this.#places = placesOf(this.all);
    this.#ofLogins = byPolicy(this.narrow.filter(({ limit }) => limit.kind === "login"));
    const ofNamespaces = this.narrow.filter(({ limit }) => limit.kind === "namespace");
    this.#ofNamespaces = new Map(ofNamespaces.map((account) => [account.limit.name, account]));
  }

  /** Of one of several servers that are decided together. */
  linked(name: ServerKey): LimitAccount<NarrowLimit> {
    const found = this.narrow.find(({ limit }) => limit.kind === "linked" && limit.name === name);
    if (!found) throw new RangeError(`no server ${name} is decided on`);
    return found;
  }

  /** The pools that connect to it. */
  membersOf(server: ServerKey): readonly Position[] {
    return this.linked(server).positions;
  }

  /** Those that the workload is a member of, the server's first. */
  of(index: number): readonly LimitAccount[] {
    return this.#placesOf(index).map(({ list }) => list);
  }

  /** Those narrower than the server that a policy's workloads count in. */
  ofPolicy({
    key,
    namespace,
  }: Pick<PolicyFacts, "key" | "namespace">): readonly LimitAccount<NarrowLimit>[] {
    const own = this.#ofNamespaces.get(namespace);
    return [...(own ? [own] : []), ...(this.#ofLogins.get(key) ?? [])];
  }

  /** Undefined for a namespace that is not bounded. */
  ofNamespace(namespace: string): LimitAccount<NarrowLimit> | undefined {
    return this.#ofNamespaces.get(namespace);
  }

  /** Whether no limit of the workload is exceeded, by what is granted already. */
  isWithin(index: number): boolean {
    return this.of(index).every(({ limit, exposure }) => exposure.slots <= limit.slots);
  }

  /**
   * Whether each of its limits holds, and leaves what is in doubt there, if the workload is granted
   * `poolSize`, not less than now.
   */
  fitsGrant(index: number, poolSize: number): boolean {
    return this.#placesOf(index).every(({ list, place }) => {
      const { unsettled, limit } = list;
      const size = Math.max(poolSize, unsettled.grantOf(place));
      const { doubtedSlots = 0, unclearSlots = 0 } = limit;
      const slots = unsettled.slotsWithGrant(place, size) + doubtedSlots + unclearSlots;
      return slots <= limit.slots;
    });
  }

  /** The same while it rolls; a line that is broken is another matter where nothing is in doubt. */
  fitsRoll(act: SizedAct): boolean {
    if (!this.all.some((one) => doubtedIn(one) > 0)) return true;
    const doubted = this.whileRolling(act).filter(({ account }) => doubtedIn(account) > 0);
    return doubted.every(({ account, slots }) => slots + doubtedIn(account) <= account.limit.slots);
  }

  raiseGrant(index: number, poolSize: number): void {
    this.#broken = undefined;
    for (const { list, place } of this.#placesOf(index)) {
      for (const exposure of exposuresOf(list)) {
        exposure.raiseGrant(place, Math.max(poolSize, exposure.grantOf(place)));
      }
    }
  }

  /** What its running pods may get within all of its limits; below 0 where one is broken. */
  freeSlots(index: number, kept: ReadonlyMap<LimitAccount, number> = new Map()): number {
    const free = this.of(index).map((one) => {
      return freeForGrowth(one) - closedToGrowth(one) - (kept.get(one) ?? 0);
    });
    return Math.min(...free);
  }

  /** Running pods are given so many slots more. */
  raiseLive(index: number, slots: number): void {
    this.#broken = undefined;
    this.#live.set(index, (this.#live.get(index) ?? 0) + slots);
    for (const exposure of this.of(index).flatMap(exposuresOf)) exposure.raiseLive(slots);
  }

  /** What pods of the pool were given while they run, or as they start, in this decision. */
  givenWhileRunning(index: number): number {
    return this.#live.get(index) ?? 0;
  }

  /** What each limit of its pools could come to while the workload rolls. */
  whileRolling(act: SizedAct): readonly AccountWhile[] {
    return this.#whileActing(act, ({ exposure }, [{ place, poolSize }, ...others]) => {
      const beside = new Map(others.map((one) => [one.place, one.poolSize]));
      return exposure.slotsWhileRolling(place, poolSize, beside);
    });
  }

  /** The same while one of its pods, of `poolSize`, is replaced. */
  whileEvicting(act: SizedAct): readonly AccountWhile[] {
    return this.#whileActing(act, ({ exposure }, [{ place, poolSize }]) => {
      return exposure.slotsWhileEvicting(place, poolSize);
    });
  }

  /** Each limit once, with the places of those of the pools that are its members. */
  #whileActing(
    { index, poolSize, beside = [] }: SizedAct,
    slotsOf: (account: LimitAccount, parts: readonly [PlacedPart, ...PlacedPart[]]) => number,
  ): readonly AccountWhile[] {
    const parts = new Map<LimitAccount, [PlacedPart, ...PlacedPart[]]>();
    for (const part of [{ index, poolSize }, ...beside]) {
      for (const { list, place } of this.#placesOf(part.index)) {
        const placed = { place, poolSize: part.poolSize };
        const before = parts.get(list);
        if (before) before.push(placed);
        else parts.set(list, [placed]);
      }
    }
    return [...parts].map(([account, own]) => ({ account, slots: slotsOf(account, own) }));
  }

  /** Whether every limit, also of others, holds while the workload rolls. */
  holdWhileRolling(act: SizedAct): boolean {
    const own = this.whileRolling(act);
    if (own.some(({ account, slots }) => slots > account.limit.slots)) return false;
    this.#broken ??= new Set(
      this.all.filter(({ limit, exposure }) => exposure.slots > limit.slots),
    );
    const broken = this.#broken;
    return own.filter(({ account }) => broken.has(account)).length === broken.size;
  }

  /** The same limits, the same one by one, if next pods were given these sizes, by index. */
  withSizes(poolSizes: readonly number[]): LimitAccounts {
    const { limit, positions, exposure } = this.server;
    const sizeAt = (index: number): number => poolSizes[index] ?? exposure.grantOf(index);
    if (positions.every((_, index) => sizeAt(index) === exposure.grantOf(index))) return this;
    const sized = positions.map((position, index) => ({ ...position, inForce: sizeAt(index) }));
    const narrow = this.narrow.map((account) => account.limit);
    const accounts = new LimitAccounts(sized, limit, narrow);
    for (const [index, slots] of this.#live) accounts.raiseLive(index, slots);
    return accounts;
  }

  #placesOf(index: number): readonly Place<LimitAccount>[] {
    return this.#places.get(index) ?? [];
  }
}

/** What running pods may grow into: not what is kept for those that start. */
export function freeForGrowth(account: LimitAccount): number {
  const { limit, exposure } = account;
  return limit.slots - startRoomIn(account) - exposure.slots;
}

/** Once for all that ask: nothing of it changes while a decision is made. */
const startRoomIn = oncePer(({ limit, positions }: LimitAccount) => {
  return keptStartRoom(limit.slots, positions);
});

function exposuresOf({ exposure, unsettled }: LimitAccount): readonly Exposure[] {
  return unsettled === exposure ? [exposure] : [exposure, unsettled];
}

/** What nobody grows into, nor starts into. */
export function closedToGrowth(account: Doubted): number {
  return doubtedIn(account) + (account.limit.unclearSlots ?? 0);
}

type Doubted = Pick<LimitAccount, "limit" | "exposure" | "unsettled">;

/** Sessions that may be anybody's, and what a shrink has yet to free: rolls leave it alone, too. */
function doubtedIn({ limit, exposure, unsettled }: Doubted): number {
  return (limit.doubtedSlots ?? 0) + unsettled.slots - exposure.slots;
}

/** What a decision says of the limits of one server, once it is made. */
export type LimitsToTell = Pick<
  LimitAccounts,
  "server" | "narrow" | "of" | "ofPolicy" | "ofNamespace" | "whileRolling" | "givenWhileRunning"
>;

/** Each account once for each policy of its members, in the order of the accounts. */
export function byPolicy<A extends LimitAccount>(
  accounts: readonly A[],
): ReadonlyMap<PolicyKey, readonly A[]> {
  return groupByEach(
    accounts,
    ({ positions }) => new Set(positions.map(({ policy }) => policy.key)),
  );
}

function accountOf<L extends Limit>(
  limit: L,
  positions: readonly Position[],
  indexes: readonly number[],
): LimitAccount<L> {
  const own = indexes.flatMap((index) => positions[index] ?? []);
  const exposure = new Exposure(own, limit.rolloutsMax, limit.ghostSlots);
  const larger = unsettledPositions(own);
  const unsettled = larger ? new Exposure(larger, limit.rolloutsMax, limit.ghostSlots) : exposure;
  return { limit, indexes, positions: own, exposure, unsettled };
}

/** Planned pods of those that have a place: what they ask for, and what of it fits. */
export const podsIn = oncePer(({ positions }: LimitAccount) => {
  const own = firstPools(positions).filter(({ heldOnly }) => !heldOnly);
  const asked = own.reduce((sum, { pool }) => sum + plannedPodsOf(pool), 0);
  return { asked, planned: own.reduce((sum, { plannedPods }) => sum + plannedPods, 0) };
});
