// Three operators, each in a pod in which it is started anew, and one Lease, with everything that
// befalls processes and networks: whatever it is, what one of them sends while it may write has
// arrived, or is given up, before another one may write; and when it is over somebody leads.

import fc from "fast-check";
import { expect, test } from "vitest";
import { type ElectionTimes, writeLimitMs } from "../../src/runtime/leader-election.ts";
import { MemoryLease, type Passage } from "../support/memory-lease.ts";
import { seededRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { Contender } from "../unit/runtime/contender.ts";

type Deed =
  | { readonly kind: "pause" | "resume" | "cut" | "mend" | "kill" | "stop"; readonly who: number }
  | { readonly kind: "set clock"; readonly who: number; readonly byMs: number }
  | LeaseDeed;

type LeaseDeed = { readonly kind: "delete" } | { readonly kind: "empty" };

interface Act {
  readonly waitMs: number;
  readonly deed: Deed;
}

interface Play {
  readonly times: ElectionTimes;
  readonly seed: number;
  readonly isFree: boolean;
  readonly acts: readonly Act[];
}

const contenders = 3;
const podOf = (index: number): string => `pod-${index}_uid-${index}_`;
const stepMs = 100;

/** Whose name stands in the Lease, when the deed is done. */
const holder = -1;
const who = fc.oneof(fc.constant(holder), fc.nat(contenders - 1));
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("pause", "resume", "cut", "mend", "kill", "stop"),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("set clock"),
      who,
      byMs: fc.integer({ min: -100_000, max: 100_000 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("delete", "empty") }) },
);

const times: fc.Arbitrary<ElectionTimes> = fc.constantFrom(
  { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 },
  { leaseDurationMs: 6_000, renewDeadlineMs: 4_500, retryMs: 500 },
);

const play: fc.Arbitrary<Play> = fc.record({
  times,
  seed: fc.nat(),
  isFree: fc.boolean(),
  acts: fc.array(fc.record({ waitMs: fc.oneof(fc.nat(3_000), fc.nat(25_000)), deed }), {
    minLength: 5,
    maxLength: 25,
  }),
});

/** Mostly quick; now and then slow, or lost on one of the two ways. */
function passages(seed: number): () => Passage {
  const random = seededRandom(seed);
  const travelMs = (): number | undefined => {
    const draw = random.next();
    if (draw < 0.05) return undefined;
    return draw < 0.2 ? 8_000 * random.next() : 20 * random.next();
  };
  return () => ({ requestMs: travelMs(), answerMs: travelMs() });
}

class Stage {
  readonly lease: MemoryLease;
  readonly clock = new VirtualClock();
  readonly #play: Play;
  readonly #cast: Contender[] = [];
  /** By name: until when what it has sent may still arrive. */
  readonly #writesUntilMs = new Map<string, number>();
  /** By name: when its last renewal had arrived, at the latest. */
  readonly #renewedMs = new Map<string, number>();
  #version: string | undefined;
  #born = 0;
  #isCalm = false;

  constructor(play: Play) {
    this.#play = play;
    this.lease = play.isFree ? MemoryLease.free() : new MemoryLease();
    for (let index = 0; index < contenders; index++) this.#enter(index);
  }

  async run(): Promise<void> {
    for (const { waitMs, deed } of this.#play.acts) {
      await this.#watch(waitMs);
      this.#perform(deed);
    }
    this.#isCalm = true;
    for (const one of this.#cast) {
      one.isCut = false;
      one.resume();
    }
    await this.#watch(4 * this.#play.times.leaseDurationMs);
    expect(this.#cast.filter(({ mayWrite }) => mayWrite)).toHaveLength(1);
  }

  #enter(index: number): void {
    const ownPod = podOf(index);
    const name = `${ownPod}process-${++this.#born}`;
    const { times, seed } = this.#play;
    const draw = passages(seed + this.#born);
    const calm: Passage = { requestMs: 5, answerMs: 5 };
    this.#cast[index] = new Contender({
      ...{ name, ownPod, lease: this.lease, clock: this.clock, times },
      passage: () => (this.#isCalm ? calm : draw()),
    }).start();
  }

  /** Whoever may write, writes all the time. */
  async #watch(forMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < forMs; passedMs += stepMs) {
      await this.clock.advance(Math.min(stepMs, forMs - passedMs));
      this.#noteRenewal();
      for (const [index, one] of this.#cast.entries()) {
        if (one.told.includes("lost")) this.#enter(index);
        else if (one.mayWrite) this.#write(one, podOf(index));
      }
    }
  }

  #noteRenewal(): void {
    const { stored } = this.lease;
    if (!stored || stored.resourceVersion === this.#version) return;
    this.#version = stored.resourceVersion;
    this.#renewedMs.set(stored.record.holder, this.clock.monotonicMs());
  }

  /** Of its own dead predecessor something may arrive, if it lets nothing grow meanwhile. */
  #write({ name, election: { quietForMs } }: Contender, ownPod: string): void {
    const nowMs = this.clock.monotonicMs();
    const sinceMs = nowMs - (this.#renewedMs.get(name) ?? -Infinity);
    expect(sinceMs, "since the renewal").toBeLessThan(this.#play.times.renewDeadlineMs);
    const isQuiet = (other: string): boolean => quietForMs > 0 && other.startsWith(ownPod);
    const others = [...this.#writesUntilMs].filter(([o]) => o !== name && !isQuiet(o));
    expect(others.filter(([, untilMs]) => untilMs > nowMs)).toEqual([]);
    this.#writesUntilMs.set(name, nowMs + writeLimitMs(this.#play.times));
  }

  #perform(deed: Deed): void {
    if (deed.kind === "delete") this.lease.delete();
    else if (deed.kind === "empty") this.#empty();
    else this.#befall(deed);
  }

  #befall(deed: Exclude<Deed, LeaseDeed>): void {
    const index = deed.who === holder ? this.#indexOfHolder() : deed.who;
    const one = this.#cast[index];
    if (!one) return;
    if (deed.kind === "set clock") one.setClockForward(deed.byMs);
    else if (deed.kind === "cut" || deed.kind === "mend") one.isCut = deed.kind === "cut";
    else if (deed.kind === "pause" || deed.kind === "resume") one[deed.kind]();
    else this.#end(one, index, deed.kind);
  }

  /** By hand: all that it says besides stays. */
  #empty(): void {
    const record = this.lease.stored?.record;
    if (record) this.lease.put({ ...record, holder: "" });
  }

  #indexOfHolder(): number {
    return this.#cast.findIndex(({ name }) => name === this.lease.holder);
  }

  #end(one: Contender, index: number, kind: "kill" | "stop"): void {
    if (kind === "kill") one.kill();
    else {
      // In order: its last write is finished before.
      this.#writesUntilMs.delete(one.name);
      void one.election.stop();
    }
    this.#enter(index);
  }
}

test("nothing of one leader arrives while another one may write, and in the end one leads", async () => {
  await fc.assert(
    fc.asyncProperty(play, async (drawn) => {
      await new Stage(drawn).run();
    }),
    { numRuns: 60 },
  );
}, 60_000);
