// Which readings can prove that a pool has become smaller: those of a time when every pool had what
// it wanted. Just after a server was started pools have not come back yet, and where it is full,
// or a role or a database is, those that want more do not get it.

import type { ServerWord, SessionGroup, SessionSample, Snapshot } from "../facts/facts.ts";
import { limitedLogins, loginIn } from "./connection-limits.ts";
import { type Round, roundsOf } from "./rounds.ts";
import { ordinarySlots } from "./withheld.ts";

/** Within this a pool has opened again what it had before it lost every session. */
export const reopenedWithinMs = 60_000;

export interface ServerClock {
  /** Of the cluster's times. */
  readonly nowMs: number;
  readonly monotonicMs: number;
  /** When the server was first seen to have been started anew; undefined: it was not. */
  readonly restartSeenAtMs: number | undefined;
}

/** Oldest first. Those that prove nothing are not whole. */
export function provingRounds(
  { reading, sessionSamples }: Snapshot["database"],
  clock: ServerClock,
): readonly Round[] {
  const rounds = roundsOf(sessionSamples);
  if (!reading) return rounds;
  const startsMs = startsOf(reading, clock);
  const latestMs = rounds.at(-1)?.askedAtMs;
  const ofLatest = sessionSamples.filter(({ atMs, roundMs = atMs }) => roundMs === latestMs);
  const fullMs = isFull(reading, ofLatest) ? latestMs : undefined;
  return rounds.map((round) => {
    const isOfStart = startsMs.some((ms) => Math.abs(round.askedAtMs - ms) < reopenedWithinMs);
    return isOfStart || round.askedAtMs === fullMs ? { ...round, isWhole: false } : round;
  });
}

/** By its own word, which is of a clock that may be wrong, and by when it was first seen. */
function startsOf(
  { startedAtMicroseconds: startedAt }: Pick<ServerWord, "startedAtMicroseconds">,
  { nowMs, monotonicMs, restartSeenAtMs: seen }: ServerClock,
): readonly number[] {
  const said = startedAt === undefined ? [] : [monotonicMs - Math.max(0, nowMs - startedAt / 1e3)];
  return seen === undefined ? said : [...said, seen];
}

type Word = Pick<
  ServerWord,
  "maxConnections" | "withheld" | "roleLimits" | "databaseLimits" | "pairLimits" | "ownSessions"
>;

/** Whoever wants more sessions there gets none, or may not get them. */
function isFull(word: Word, samples: readonly Pick<SessionSample, "sessions">[]): boolean {
  return samples.some(({ sessions }) => {
    const all = [...sessions, ...word.ownSessions];
    return (
      countOf(all) >= ordinarySlots(word) ||
      limitedLogins(word).some(({ kind, name, limit }) => {
        return countOf(all.filter((one) => loginIn(kind, one) === name)) >= limit;
      })
    );
  });
}

function countOf(sessions: readonly Pick<SessionGroup, "count">[]): number {
  return sessions.reduce((sum, { count }) => sum + count, 0);
}
