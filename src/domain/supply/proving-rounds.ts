// Which readings can prove that a pool has become smaller: those of a time when the pool had what
// it wanted. Just after a server was started pools have not come back yet, and where it is full,
// or a role or a database is, those that want more of it do not get it.

import type {
  PolicyKey,
  PoolFacts,
  ServerWord,
  SessionGroup,
  SessionSample,
  Snapshot,
} from "../facts/facts.ts";
import { limitedLogins, type LimitedLogin, loginIn } from "./connection-limits.ts";
import { circlesOf } from "./login-circles.ts";
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

export interface ProvingRounds {
  /** Of any pool. Oldest first. */
  readonly rounds: readonly Round[];
  /** The same of one pool; those that prove nothing of it are not whole. */
  readonly of: (pool: Pick<PoolFacts, "claimedBy">) => readonly Round[];
}

export function provingRounds(snapshot: Snapshot, clock: ServerClock): ProvingRounds {
  const { reading, sessionSamples } = snapshot.database;
  const all = roundsOf(sessionSamples);
  if (!reading) return { rounds: all, of: () => all };
  const startsMs = startsOf(reading, clock);
  const latestMs = all.at(-1)?.askedAtMs;
  const ofLatest = sessionSamples.filter(({ atMs, roundMs = atMs }) => roundMs === latestMs);
  const isServerFull = ofLatest.some(
    (sample) => takenOf(sample, reading) >= ordinarySlots(reading),
  );
  const rounds = all.map((round) => {
    const isOfStart = startsMs.some((ms) => Math.abs(round.askedAtMs - ms) < reopenedWithinMs);
    return isOfStart || (isServerFull && round.askedAtMs === latestMs) ? notWhole(round) : round;
  });
  const bound = boundByFullLogins(snapshot, reading, ofLatest);
  const ofBound = rounds.map((round) => (round.askedAtMs === latestMs ? notWhole(round) : round));
  return {
    rounds,
    of: ({ claimedBy }) => (claimedBy.some((key) => bound.has(key)) ? ofBound : rounds),
  };
}

function notWhole(round: Round): Round {
  return { ...round, isWhole: false };
}

/** By its own word, which is of a clock that may be wrong, and by when it was first seen. */
function startsOf(
  { startedAtMicroseconds: startedAt, podsChangedAtMs }: Starts,
  { nowMs, monotonicMs, restartSeenAtMs: seen }: ServerClock,
): readonly number[] {
  const said = startedAt === undefined ? [] : [monotonicMs - Math.max(0, nowMs - startedAt / 1e3)];
  return [...said, ...[seen, podsChangedAtMs].filter((ms) => ms !== undefined)];
}

type Starts = Pick<ServerWord, "startedAtMicroseconds" | "podsChangedAtMs">;

type Taken = Pick<ServerWord, "ownSessions">;

/** Policies whose pods want more sessions than their role or database gets, or may want them. */
function boundByFullLogins(
  snapshot: Snapshot,
  reading: ServerWord,
  samples: readonly SessionSample[],
): ReadonlySet<PolicyKey> {
  const isFull = ({ kind, name, limit }: LimitedLogin): boolean =>
    samples.some((sample) => {
      return takenOf(sample, reading, (one) => loginIn(kind, one) === name) >= limit;
    });
  const circles = limitedLogins(reading)
    .filter(isFull)
    .flatMap((login) => circlesOf(snapshot, login));
  const policies = circles.flatMap((circle) => [...circle.policies, ...circle.possible]);
  return new Set(policies.map(({ key }) => key));
}

type LoginOfSession = Pick<SessionGroup, "user" | "database">;

function takenOf(
  { sessions }: Pick<SessionSample, "sessions">,
  { ownSessions }: Taken,
  isMeant: (session: LoginOfSession) => boolean = () => true,
): number {
  const all = [...sessions, ...ownSessions].filter(isMeant);
  return all.reduce((sum, { count }) => sum + count, 0);
}
