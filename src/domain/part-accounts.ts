// The account of each bounded namespace beside that of its server: the same sum with the
// namespace's workloads alone, held against its part. Every rule that asks whether something fits
// the server asks here as well whether it fits the part; where nobody is bounded, everything does.

import { Exposure } from "./exposure.ts";
import { sayShare } from "./namespace-shares.ts";
import type { PolicyFacts } from "./facts.ts";
import { isMember, type Part } from "./parts.ts";
import type { Position } from "./position.ts";
import { sayCount } from "./say-count.ts";

/** The account of one namespace. */
export interface PartAccount {
  readonly part: Part;
  /** Of its workloads among those of the server. */
  readonly indexes: readonly number[];
  readonly positions: readonly Position[];
  readonly exposure: Exposure;
}

export class PartAccounts {
  readonly all: readonly PartAccount[];
  /** By index of a workload among those of the server. */
  readonly #places = new Map<number, Place[]>();

  constructor(positions: readonly Position[], parts: readonly Part[]) {
    this.all = parts.map((part) => {
      const indexes = [...positions.keys()].filter((index) =>
        isMember(part, positions[index]?.workload.key ?? ""),
      );
      const own = indexes.flatMap((index) => positions[index] ?? []);
      const exposure = new Exposure(own, part.rolloutsMax, part.login?.ghostSlots ?? 0);
      return { part, indexes, positions: own, exposure };
    });
    for (const account of this.all) {
      account.indexes.forEach((index, place) => {
        this.#places.set(index, [...this.#placesOf(index), { account, place }]);
      });
    }
  }

  /** Those that the workload is a member of; none where nothing but the server bounds it. */
  of(index: number): readonly PartAccount[] {
    return this.#placesOf(index).map(({ account }) => account);
  }

  /** Those that a policy's workloads are members of, that of its namespace first. */
  ofPolicy({ key, namespace }: Pick<PolicyFacts, "key" | "namespace">): readonly PartAccount[] {
    return this.all.filter(({ part, positions }) =>
      part.login ? positions.some(({ policy }) => policy.key === key) : part.name === namespace,
    );
  }

  /** Undefined for a namespace that is not bounded. */
  ofNamespace(namespace: string): PartAccount | undefined {
    return this.all.find(({ part }) => part.name === namespace);
  }

  /** Whether no part of the workload holds more than it has, by what is granted already. */
  isWithin(index: number): boolean {
    return this.of(index).every(({ part, exposure }) => exposure.slots <= part.slots);
  }

  /** Whether its namespace keeps within its part if the workload is granted `poolSize`. */
  fitsGrant(index: number, poolSize: number): boolean {
    return this.#placesOf(index).every(({ account: { part, exposure }, place }) => {
      return exposure.slotsWithGrant(place, poolSize) <= part.slots;
    });
  }

  /** Must be told of every grant that is raised on the server. */
  raiseGrant(index: number, poolSize: number): void {
    for (const { account, place } of this.#placesOf(index)) {
      account.exposure.raiseGrant(place, poolSize);
    }
  }

  /** What each part of the workload could hold while it rolls. */
  whileRolling(index: number, poolSize: number): readonly PartWhileRolling[] {
    return this.#placesOf(index).map(({ account, place }) => {
      return { account, slots: account.exposure.slotsWhileRolling(place, poolSize) };
    });
  }

  /** The same while one of its pods, of `poolSize`, is replaced. */
  whileEvicting(index: number, poolSize: number): readonly PartWhileRolling[] {
    return this.#placesOf(index).map(({ account, place }) => {
      return { account, slots: account.exposure.slotsWhileEvicting(place, poolSize) };
    });
  }

  /** Whether every part keeps its line while the workload rolls. */
  holdWhileRolling(index: number, poolSize: number): boolean {
    const own = new Map(this.whileRolling(index, poolSize).map((one) => [one.account, one.slots]));
    return this.all.every((account) => {
      return (own.get(account) ?? account.exposure.slots) <= account.part.slots;
    });
  }

  #placesOf(index: number): readonly Place[] {
    return this.#places.get(index) ?? [];
  }
}

interface Place {
  readonly account: PartAccount;
  /** Of the workload among those of the part. */
  readonly place: number;
}

export interface PartWhileRolling {
  readonly account: PartAccount;
  readonly slots: number;
}

/** `namespace shop holds 60 of its 74 slots: 40% of 187 by --namespace-shares` */
export function sayAccount({ part, exposure }: PartAccount): string {
  return `${sayWhose(part)} holds ${exposure.slots} of its ${sayPart(part)}`;
}

/** `namespace shop`, or `role shop_app`. */
export function sayWhose({ name, login }: Part): string {
  return login ? name : `namespace ${name}`;
}

/** `74 slots: 40% of 187 by --namespace-shares` */
export function sayPart({ slots, share, ofSlots, login }: Part): string {
  if (login)
    return `${sayCount(slots, "slot")}: ${login.by}, less reserve, foreign sessions and our own session`;
  if (!share) return sayCount(slots, "slot");
  const amount = share.unit === "percent" ? `${sayShare(share)} of ${ofSlots}` : sayShare(share);
  return `${sayCount(slots, "slot")}: ${amount} by --namespace-shares`;
}
