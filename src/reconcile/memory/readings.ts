// What is remembered of each database server between decisions: its last good reading, why the
// latest attempt failed, the sessions of the sliding window, and the addresses that its fleet has
// had within it. All of it is rebuilt after a start; nothing grows until it is.

import type {
  DatabaseFacts,
  DatabaseFailure,
  DatabaseReading,
  PolicyKey,
  ServerKey,
  ServerWord,
} from "../../domain/facts/facts.ts";
import type { DatabaseOutcome } from "../../ports.ts";
import { keepOnly } from "./asking-order.ts";
import { FleetAddresses, type Now } from "./fleet-addresses.ts";
import type { Holding } from "./held-slots.ts";
import { strictestOf } from "../same-server.ts";
import {
  areTwins,
  latestOf,
  type Memory,
  never,
  newness,
  noteClaimed,
  noteSlots,
  noteWord,
  nothingKnown,
  type ReadTimes,
  sightIn,
  sinceMs,
  unknownAddresses,
  wordsByTurns,
} from "./server-memory.ts";
import { OthersAddresses } from "./others-addresses.ts";
import { forgetWords, giveWay, SessionBudget } from "./session-budget.ts";
import { foldSessions, type Kept, keptOf, withoutOwn, withSample } from "./session-samples.ts";

/** A nightly job should not make the fleet breathe: foreign sessions count for this long. */
export const windowMs = 10 * 60_000;

/** A reading that is older may show sessions that nobody holds any more. */
const freshForMs = 5_000;

export type DatabaseMemory = Omit<DatabaseFacts, "sights">;

/** What a name said, and when that was. */
export interface Picture {
  readonly reading: DatabaseReading;
  readonly answeredAtMs: number;
}

interface Read {
  /** What is new of a round. */
  readonly read: ReadonlyMap<ServerKey, Picture>;
  readonly reading: DatabaseReading;
  readonly readers?: readonly PolicyKey[];
}

export class Readings {
  readonly #memories = new Map<ServerKey, Memory>();
  readonly #budget = new SessionBudget();

  /** Records what an attempt to read brought; times are of the monotonic clock. */
  record(
    server: ServerKey,
    outcome: DatabaseOutcome,
    answeredAtMs: number,
    askedAtMs: number = answeredAtMs,
  ): void {
    const times = { askedAtMs, answeredAtMs };
    if (outcome.kind === "read") {
      const { reading } = outcome;
      const read = new Map([[server, { reading, answeredAtMs }]]);
      this.recordNames(server, { read, reading }, times);
      return;
    }
    const { reason, message } = outcome;
    this.recordFailure(server, { reason, message }, times);
  }

  recordFailure(server: ServerKey, failure: DatabaseFailure, times: ReadTimes): void {
    const memory = this.#memoryOf(server);
    memory.attempt = times;
    memory.failure = failure;
  }

  /**
   * Records what the names of one server said; `reading` is the one of them that is preferred where
   * there is no stricter word, `readers` are the policies with whose logins they were read. What a
   * round brings later, begun at the same time, makes nothing younger of what it brought before.
   */
  recordNames(server: ServerKey, { read, reading, readers = [] }: Read, times: ReadTimes): void {
    const memory = this.#memoryOf(server);
    const { askedAtMs: roundMs } = times;
    memory.attempt = times;
    if (memory.read.askedAtMs !== roundMs) memory.read = times;
    memory.failure = undefined;
    for (const reader of readers) memory.readers.add(reader);
    for (const [name, { reading: said, answeredAtMs: atMs }] of inTime(read)) {
      const { sessions, ...word } = said;
      const shown = foldSessions(sessions);
      const claimed = memory.claimed.among(name, shown);
      const ofLogins = { claimed, ...memory.claimed.unheldOf(name) };
      const sample = { name, atMs, roundMs, sessions: shown, ...sightIn(word), ...ofLogins };
      noteWord(memory, name, { word, atMs });
      this.#keep(memory, withSample(memory.samples, sample));
    }
    const byTurns = wordsByTurns(memory, times.answeredAtMs - windowMs);
    memory.reading = strictestOf(wordOf(reading), [...memory.words.values(), ...byTurns]);
    this.#makeRoom();
  }

  /** Only these names are the server's: the words of others count no more. */
  keepNames(server: ServerKey, names: ReadonlySet<ServerKey>): void {
    const words = this.#memories.get(server)?.words;
    if (words) keepOnly(words, names);
  }

  /**
   * True while a login of the server is known to see all sessions: what it saw last counts also
   * while only others can read, which would take less of it for foreign.
   */
  keepSight(server: ServerKey, isSightKept: boolean): void {
    this.#memoryOf(server).isSightKept = isSightKept;
  }

  /** True once the server was asked, at `sinceMs` or later, whatever came of it. */
  wasAttempted(server: ServerKey, sinceMs: number = Number.MIN_SAFE_INTEGER): boolean {
    const { attempt } = this.#memories.get(server) ?? { attempt: never };
    return attempt.askedAtMs >= sinceMs;
  }

  /** True once a question of `sinceMs` or later was answered. */
  wasRead(server: ServerKey, sinceMs: number): boolean {
    const { read } = this.#memories.get(server) ?? { read: never };
    return read.askedAtMs >= sinceMs;
  }

  /** What was read of its limits, unless that was forgotten since. */
  wordOf(server: ServerKey): ServerWord | undefined {
    return this.#memories.get(server)?.reading;
  }

  /** When the last attempt ended, by the monotonic clock; -Infinity: there was none. */
  attemptedAtMs(server: ServerKey): number {
    return this.#memories.get(server)?.attempt.answeredAtMs ?? -Infinity;
  }

  /** Nobody has a login there any more: that the last one failed says nothing of the server. */
  forgetFailure(server: ServerKey): void {
    const memory = this.#memories.get(server);
    if (memory) memory.failure = undefined;
  }

  /**
   * `left`: policies that have a login there. Where none of them has ever read it, what others did
   * is forgotten: nobody can say any more whether it is still so, and those who declare the server
   * would be bound by it, or wait for it, until the next start. The sessions that it showed are as
   * young as before: they count until the window has passed.
   */
  forgetRead(server: ServerKey, left: ReadonlySet<PolicyKey>): void {
    const memory = this.#memories.get(server);
    if (!memory) return;
    keepOnly(memory.readers, left);
    if (memory.readers.size > 0) return;
    this.#change(memory, forgetWords);
  }

  /** Why the latest attempt failed. */
  failureOf(server: ServerKey): DatabaseFailure | undefined {
    return this.#memories.get(server)?.failure;
  }

  /** Another name under which the same server was read. */
  twinOf(server: ServerKey): ServerKey | undefined {
    const own = this.#memories.get(server);
    if (!own) return undefined;
    const sinceMs = own.read.answeredAtMs - windowMs;
    const others = [...this.#memories].filter(([name]) => name !== server);
    return others.find(([, other]) => areTwins(own, other, sinceMs))?.[0];
  }

  /** The facts as of now, with what `noteFleet` was told last. */
  factsOf(server: ServerKey, { monotonicMs }: Pick<Now, "monotonicMs">): DatabaseMemory {
    const memory = this.#memoryOf(server);
    // The latest sample of a name stays even if it is old: without a newer one it is all we know.
    // Of a server that nobody reads any more it leaves like all others.
    const latest = new Set(memory.reading ? latestOf(memory) : []);
    const sinceMs = monotonicMs - windowMs;
    memory.samples = memory.samples.filter((s) => latest.has(s) || s.atMs >= sinceMs);
    const byTurns = wordsByTurns(memory, sinceMs).length;
    return {
      ...(byTurns > 1 && { serversByTurns: byTurns }),
      reading: memory.reading,
      failure: memory.failure,
      isOld: monotonicMs - memory.read.answeredAtMs > freshForMs,
      sessionSamples: memory.samples.map((sample) => ({
        ...sample,
        ...newness(sample, monotonicMs),
      })),
      fleetAddresses: memory.fleet.spans,
      vacancies: memory.fleet.vacancies,
      addressesOfOthers: memory.others.all,
    };
  }

  /**
   * Takes note of the managed pods that exist, and of what they can hold, before the facts are
   * asked for. An address at which the server still shows sessions stays the fleet's, however long
   * its pod has been gone: sessions that turned into foreign ones after the window would cut the
   * budget by what the room already holds, and restart half of the fleet to no end.
   */
  noteFleet(server: ServerKey, held: Holding, ...fleet: Parameters<FleetAddresses["note"]>): void {
    const memory = this.#memoryOf(server);
    const shown = latestOf(memory).flatMap(({ sessions }) => sessions);
    const [, { monotonicMs }] = fleet;
    memory.fleet.noteShown(
      shown.flatMap(({ address }) => address ?? []),
      monotonicMs,
    );
    memory.fleet.note(...fleet);
    memory.others.note(unknownAddresses(memory), monotonicMs, held.hadByPods ?? nobody);
    noteSlots(memory, held);
  }

  /** Takes note of what is the fleet's by its login, once the facts say whose login it is. */
  noteClaimed(server: ServerKey, sorted: Parameters<typeof noteClaimed>[1]): void {
    noteClaimed(this.#memoryOf(server), sorted);
  }

  /**
   * `other` turned out to be `server`: of what is remembered of the two, what goes back further is
   * kept, and of the one that does not, its last word. Our session under the other name is to be
   * closed.
   */
  unite(server: ServerKey, other: ServerKey): void {
    const two = [this.#memoryOf(server), this.#memoryOf(other)] as const;
    const [kept, younger] = two.toSorted((a, b) => sinceMs(a) - sinceMs(b));
    this.forget(other);
    this.forget(server);
    if (!kept || !younger) return;
    this.#memories.set(server, kept);
    const samples = [
      ...kept.samples.map((sample) => withoutOwn(sample, younger.words.values())),
      ...latestOf(younger).map((sample) => withoutOwn(sample, kept.words.values())),
    ];
    Object.assign(kept, keptOf(samples.sort((a, b) => a.atMs - b.atMs)));
    this.#budget.changed(kept.bytes);
    for (const [name, word] of younger.words) kept.words.set(name, word);
    for (const reader of younger.readers) kept.readers.add(reader);
    if (!kept.reading) return;
    const strictest = strictestOf(kept.reading, [...kept.words.values()]);
    kept.reading = { ...strictest, ownSessions: strictest.ownSessions.slice(0, 1) };
  }

  forget(server: ServerKey): void {
    this.#budget.changed(-(this.#memories.get(server)?.bytes ?? 0));
    this.#memories.delete(server);
  }

  #keep(memory: Memory, kept: Kept): void {
    this.#change(memory, () => Object.assign(memory, kept));
  }

  /** So that all servers together take no more than they may. */
  #makeRoom(): void {
    if (!this.#budget.isOver) return;
    for (;;) {
      const next = this.#budget.next(this.#memories.values());
      if (!next) return;
      this.#change(next, giveWay);
    }
  }

  #change(memory: Memory, change: (memory: Memory) => void): void {
    const before = memory.bytes;
    change(memory);
    this.#budget.changed(memory.bytes - before);
  }

  #memoryOf(server: ServerKey): Memory {
    const known = this.#memories.get(server);
    if (known) return known;
    const memory = nothingKnown(new FleetAddresses(windowMs), new OthersAddresses(windowMs));
    this.#memories.set(server, memory);
    return memory;
  }
}

const nobody = (): readonly string[] => [];

/** Without the sessions, which are kept in samples only. */
function wordOf({ ...word }: DatabaseReading): ServerWord {
  Reflect.deleteProperty(word, "sessions");
  return word;
}

function inTime(read: Read["read"]): (readonly [ServerKey, Picture])[] {
  return [...read].sort(([, a], [, b]) => a.answeredAtMs - b.answeredAtMs);
}
