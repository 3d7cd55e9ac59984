// The account of each bounded namespace beside that of its server: the same sum with the
// namespace's workloads alone, held against its part. Every rule that asks whether something fits
// the server asks here as well whether it fits the part; where nobody is bounded, everything does.

import { Exposure } from "./exposure.ts";
import { sayShare } from "./namespace-shares.ts";
import type { Part } from "./parts.ts";
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
  readonly #places = new Map<number, { readonly account: PartAccount; readonly place: number }>();

  constructor(positions: readonly Position[], parts: readonly Part[]) {
    const byNamespace = Map.groupBy(
      parts.length === 0 ? [] : positions.keys(),
      (index) => positions[index]?.workload.namespace ?? "",
    );
    this.all = parts.map((part) => {
      const indexes = byNamespace.get(part.namespace) ?? [];
      const own = indexes.flatMap((index) => positions[index] ?? []);
      const exposure = new Exposure(own, part.rolloutsMax, 0);
      return { part, indexes, positions: own, exposure };
    });
    for (const account of this.all) {
      account.indexes.forEach((index, place) => this.#places.set(index, { account, place }));
    }
  }

  /** Undefined for a workload whose namespace is not bounded. */
  of(index: number): PartAccount | undefined {
    return this.#places.get(index)?.account;
  }

  /** Undefined for a namespace that is not bounded. */
  ofNamespace(namespace: string): PartAccount | undefined {
    return this.all.find(({ part }) => part.namespace === namespace);
  }

  /** False while its namespace holds more than its part, by what is granted already. */
  mayGrow(index: number): boolean {
    const account = this.of(index);
    return account === undefined || account.exposure.slots <= account.part.slots;
  }

  /** Whether its namespace keeps within its part if the workload is granted `poolSize`. */
  fitsGrant(index: number, poolSize: number): boolean {
    const found = this.#places.get(index);
    if (!found) return true;
    const { account, place } = found;
    return account.exposure.slotsWithGrant(place, poolSize) <= account.part.slots;
  }

  /** Must be told of every grant that is raised on the server. */
  raiseGrant(index: number, poolSize: number): void {
    const found = this.#places.get(index);
    found?.account.exposure.raiseGrant(found.place, poolSize);
  }

  /** What its namespace could hold while the workload rolls; undefined where it is not bounded. */
  slotsWhileRolling(index: number, poolSize: number): number | undefined {
    const found = this.#places.get(index);
    return found?.account.exposure.slotsWhileRolling(found.place, poolSize);
  }
}

/** `namespace shop holds 60 of its 74 slots: 40% of 187 by --namespace-shares` */
export function sayAccount({ part, exposure }: PartAccount): string {
  return `namespace ${part.namespace} holds ${exposure.slots} of its ${sayPart(part)}`;
}

/** `74 slots: 40% of 187 by --namespace-shares` */
export function sayPart({ slots, share, ofSlots }: Part): string {
  const amount = share.unit === "percent" ? `${sayShare(share)} of ${ofSlots}` : sayShare(share);
  return `${sayCount(slots, "slot")}: ${amount} by --namespace-shares`;
}
