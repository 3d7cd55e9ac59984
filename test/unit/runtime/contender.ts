// A process that wants to lead, on a clock and a line of its own: it can be killed, stopped and
// continued as by SIGSTOP and SIGCONT, cut off, and have its wall clock set.

import type { Random } from "../../../src/ports.ts";
import { type ElectionTimes, LeaderElection } from "../../../src/runtime/leader-election.ts";
import { writeLimitMs } from "../../../src/runtime/leader-election.ts";
import { MemoryLease, openLine, type Passage } from "../../support/memory-lease.ts";
import { MemoryLog } from "../../support/memory-log.ts";
import { constantRandom } from "../../support/prng.ts";
import { ProcessClock } from "../../support/process-clock.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

export const times: ElectionTimes = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
};

export interface ContenderOptions {
  readonly name: string;
  readonly lease: MemoryLease;
  readonly clock: VirtualClock;
  readonly random?: Random;
  readonly times?: ElectionTimes;
  /** What its name begins with, as that of every process of its pod. */
  readonly ownPod?: string;
  /** What befalls each request while the line is not cut. Default: 5 ms each way. */
  readonly passage?: () => Passage;
}

export class Contender {
  readonly name: string;
  readonly log = new MemoryLog();
  readonly election: LeaderElection;
  /** What it was told: "elected", "lost". */
  readonly told: string[] = [];
  isCut = false;
  /** So many requests from now on arrive, and their answers do not. */
  unheard = 0;
  readonly #clock: ProcessClock;

  constructor({ name, lease, clock, random = constantRandom(0.5), ...options }: ContenderOptions) {
    const chosen = options.times ?? times;
    const passage = options.passage ?? ((): Passage => ({ requestMs: 5, answerMs: 5 }));
    this.name = name;
    this.#clock = new ProcessClock(clock);
    this.election = new LeaderElection({
      ...chosen,
      clock: this.#clock,
      random,
      log: this.log,
      identity: name,
      ownPod: options.ownPod,
      lease: openLine({
        lease,
        clock,
        limitMs: writeLimitMs(chosen),
        passage: () => this.#passage(passage()),
        deliver: (run) => {
          this.#clock.whenAwake(run);
        },
      }),
      onLost: () => this.told.push("lost"),
    });
  }

  start(): this {
    this.election.start(() => this.told.push("elected"));
    return this;
  }

  get mayWrite(): boolean {
    return this.election.refusal() === undefined;
  }

  kill(): void {
    this.#clock.kill();
  }

  pause(): void {
    this.#clock.stop();
  }

  resume(): void {
    this.#clock.resume();
  }

  setClockForward(byMs: number): void {
    this.#clock.skewMs += byMs;
  }

  #passage(passage: Passage): Passage {
    if (this.isCut) return { requestMs: undefined, answerMs: undefined };
    if (this.unheard === 0) return passage;
    this.unheard--;
    return { ...passage, answerMs: undefined };
  }
}

export interface Setup {
  readonly clock: VirtualClock;
  readonly lease: MemoryLease;
  readonly contend: (name: string, options?: Partial<ContenderOptions>) => Contender;
}

export function setUp(lease: MemoryLease = MemoryLease.free()): Setup {
  const clock = new VirtualClock();
  const contend = (name: string, options: Partial<ContenderOptions> = {}): Contender =>
    new Contender({ name, lease, clock, ...options }).start();
  return { clock, lease, contend };
}

/** A leader and, having seen it, a standby. */
export async function setUpTwo(): Promise<
  Setup & { readonly a: Contender; readonly b: Contender }
> {
  const setup = setUp();
  const a = setup.contend("a");
  await setup.clock.advance(1_000);
  const b = setup.contend("b");
  await setup.clock.advance(4_000);
  return { ...setup, a, b };
}

/** A standby looks at least as often. */
export const lookMs = 1.1 * (times.retryMs / 4);
