// A load that is known, on one server, for a day after it was seen for a day and a bit: what
// requests wait for a connection with shares by weights alone, with shares by use (demand: Share),
// and with an oracle that knows what each pod needs at every minute and resizes all at once and for
// nothing. The operator is the production one in the memory world, its pods need restarts, and the
// rollouts that bring them to their sizes are counted.

import type { ClientsAtWork } from "../../src/domain/facts/facts.ts";
import { recommendedSize } from "../../src/domain/demand/recommended-size.ts";
import { decideShares } from "../../src/domain/decide/share-decisions.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

export type Sharing = "Advise" | "Share";

export interface Waited {
  /** Requests that wait for a connection x seconds, over a day. */
  readonly shares: number;
  /** The same, of the oracle. */
  readonly oracle: number;
  /** Rollouts of the operator in the same day. */
  readonly rollouts: number;
  /** Minutes in which a pod that needs it has less than its fair share, by more than a tenth. */
  readonly starvedMinutes: number;
}

interface Service {
  readonly name: string;
  /** What one of its pods needs at most in an hour of the day. */
  readonly needAt: (hour: number) => number;
}

const isWithin = (hour: number, from: number, to: number): boolean => hour >= from && hour < to;

export const knownServices: readonly Service[] = [
  { name: "admin", needAt: () => 2 },
  { name: "checkout", needAt: (hour) => (isWithin(hour, 8, 22) ? 6 : 2) },
  { name: "import", needAt: (hour) => (isWithin(hour, 20, 22) ? 30 : 1) },
  { name: "mail", needAt: () => 1 },
  { name: "reports", needAt: (hour) => (isWithin(hour, 0, 6) ? 22 : 2) },
  { name: "search", needAt: (hour) => (isWithin(hour, 7, 23) ? 14 : 3) },
];
const podsEach = 4;
const maxConnections = 400;
/** As weights alone share, so that nobody is rolled for that. */
export const templateSize = 13;
const decideEveryMs = 5 * minuteMs;
const hourMs = 60 * minuteMs;
const warmUpMs = 27 * hourMs;
const measuredMs = 24 * hourMs;

export async function playKnownLoad(demand: Sharing): Promise<Waited> {
  const play = new Play(demand);
  await play.settle();
  await play.pass(warmUpMs);
  return await play.measure();
}

class Play {
  readonly #world = new MemoryWorld();
  #isMeasured = false;
  #waited = 0;
  #oracleWaited = 0;
  #starvedMinutes = 0;
  /** Of each pool with weights alone. */
  #fair: ReadonlyMap<string, number> = new Map();

  constructor(demand: Sharing) {
    this.#world.policy("orders", { demand });
    for (const { name } of knownServices) {
      this.#world.deployment(name, { replicas: podsEach, containers: [aContainer(templateSize)] });
    }
  }

  /** The fleet is taken over, and its fair shares are known. */
  async settle(): Promise<void> {
    this.#read();
    await this.#world.pass(30 * minuteMs, minuteMs);
    this.#fair = this.#sharesFor(() => undefined);
  }

  async pass(forMs: number): Promise<void> {
    for (let passed = 0; passed < forMs; passed += minuteMs) {
      this.#world.nowMs += minuteMs;
      this.#world.operator.lookAtWork(server, this.#clients());
      if (this.#isMeasured) this.#meter();
      if (passed % decideEveryMs > 0) continue;
      this.#read();
      await this.#world.look();
    }
  }

  async measure(): Promise<Waited> {
    this.#isMeasured = true;
    const before = this.#world.rolls.length;
    await this.pass(measuredMs);
    return {
      ...{ shares: this.#waited, oracle: this.#oracleWaited },
      rollouts: this.#world.rolls.length - before,
      starvedMinutes: this.#starvedMinutes,
    };
  }

  #read(): void {
    this.#world.read({ maxConnections });
  }

  /** As the load asks for just now; it moves a little from minute to minute and pod to pod. */
  #needOf({ needAt }: Service, place: number): number {
    const minutes = Math.floor(this.#world.nowMs / minuteMs);
    const most = needAt(Math.floor(minutes / 60) % 24);
    const swing = ((minutes * 7 + place * 3) % 4) / 10;
    return Math.max(1, Math.round(most * (1 - swing)));
  }

  *#pods(): Generator<{ name: string; address: string; need: number; size: number }> {
    for (const service of knownServices) {
      const { name } = service;
      const own = [...this.#world.stores.pods.values()].filter(
        ({ workload, terminating }) => workload === `shop/Deployment/${name}` && !terminating,
      );
      for (const [place, { addresses, poolSizeAnnotation }] of own.entries()) {
        const size = Number(poolSizeAnnotation ?? templateSize);
        yield { name, address: addresses[0] ?? "", need: this.#needOf(service, place), size };
      }
    }
  }

  #clients(): ClientsAtWork[] {
    return [...this.#pods()].map(({ address, need, size }) => {
      return { user: "app", address, sessions: size, atWork: Math.min(need, size) };
    });
  }

  #meter(): void {
    const pods = [...this.#pods()];
    const mostOf = new Map<string, number>();
    for (const { name, need } of pods) mostOf.set(name, Math.max(mostOf.get(name) ?? 0, need));
    const best = this.#sharesFor((name) => mostOf.get(name) ?? 0);
    const seconds = minuteMs / 1_000;
    for (const { name, need, size } of pods) {
      this.#waited += Math.max(0, need - size) * seconds;
      this.#oracleWaited += Math.max(0, need - (best.get(name) ?? size)) * seconds;
    }
    const fairOf = (name: string): number => this.#fair.get(name) ?? 0;
    // Within the tolerance nobody is rolled.
    const isStarved = pods.some(({ name, need, size }) => {
      return size * 1.1 < Math.min(need, fairOf(name));
    });
    if (isStarved) this.#starvedMinutes += 1;
  }

  /** What each pool would have if so many were known to be needed by one of its pods. */
  #sharesFor(needOf: (name: string) => number | undefined): ReadonlyMap<string, number> {
    const { positions, budgetSlots = 0 } = this.#world.plan();
    const wanted = positions.map(({ workload, sizing }) => {
      const peak = needOf(workload.name);
      return peak === undefined ? undefined : recommendedSize({ peak }, sizing).poolSize;
    });
    const terms = { budgetSlots, rolloutsMax: 1, basis: "Workload" } as const;
    const { poolSizes } = decideShares(positions, terms, [], wanted);
    return new Map(positions.map(({ workload }, at) => [workload.name, poolSizes[at] ?? 0]));
  }
}
