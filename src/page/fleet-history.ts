// The last hour of the fleet, a value a minute, for the small graphs of the page. It is kept in the
// memory of the process, because a glance is all that it serves: metrics are there for the rest. It
// is bounded, whatever is in the cluster.

import type { FleetView, PoolView } from "../render/fleet-view.ts";

/** How often the fleet is noted. */
export const noteEveryMs = 60_000;

/** An hour, both ends included. */
const momentsMax = 61;

/** Those that hold the most slots. */
const poolsMax = 500;
const serversMax = 500;

interface Moment {
  readonly atMs: number;
  /** Slots in use, by server. */
  readonly servers: ReadonlyMap<string, number>;
  /** Slots, by pool. */
  readonly pools: ReadonlyMap<string, number>;
}

/** One value of a graph. */
export interface Point {
  readonly atMs: number;
  readonly slots: number;
}

/** What a pool is called in the fleet. */
export function identityOf({ server, namespace, policy, row }: PoolView): string {
  return `${server}/${namespace}/${policy}/${row.workload}`;
}

export class FleetHistory {
  #moments: readonly Moment[] = [];

  /** Adds how the fleet is now, and lets go of what is older than an hour. */
  note({ servers, pools }: FleetView, nowMs: number): void {
    const used = servers.flatMap(({ name, slots }) => (slots ? [[name, slots.used] as const] : []));
    const largest = pools.toSorted((a, b) => b.row.slots - a.row.slots).slice(0, poolsMax);
    const moment: Moment = {
      atMs: nowMs,
      servers: new Map(used.toSorted(([, a], [, b]) => b - a).slice(0, serversMax)),
      pools: new Map(largest.map((pool) => [identityOf(pool), pool.row.slots])),
    };
    this.#moments = [...this.#moments, moment].slice(-momentsMax);
  }

  /** Slots in use of a server, the oldest first. */
  ofServer(name: string): Point[] {
    return this.#pointsOf(({ servers }) => servers.get(name));
  }

  ofPool(pool: PoolView): Point[] {
    const identity = identityOf(pool);
    return this.#pointsOf(({ pools }) => pools.get(identity));
  }

  #pointsOf(slotsAt: (moment: Moment) => number | undefined): Point[] {
    return this.#moments.flatMap((moment) => {
      const slots = slotsAt(moment);
      return slots === undefined ? [] : [{ atMs: moment.atMs, slots }];
    });
  }
}
