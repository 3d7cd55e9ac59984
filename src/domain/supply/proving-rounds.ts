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
import { oncePerName } from "../once-per.ts";
import { circlesOf } from "./login-circles.ts";
import { mayBeOf } from "./logging-in.ts";
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

/** What a round shows of one pool. */
export interface ProvingRound extends Pick<Round, "askedAtMs" | "countAt"> {
  /** Its pods had what they wanted then, and it shows where their sessions come from. */
  readonly isWhole: boolean;
}

export interface ProvingRounds {
  /** Oldest first. */
  readonly rounds: readonly Round[];
  readonly of: (pool: Pick<PoolFacts, "claimedBy">) => readonly ProvingRound[];
}

export function provingRounds(snapshot: Snapshot, clock: ServerClock): ProvingRounds {
  const { reading, sessionSamples } = snapshot.database;
  const rounds = roundsOf(sessionSamples);
  if (!reading) return { rounds, of: () => rounds.map((round) => ({ ...round, isWhole: false })) };
  const startsMs = startsOf(reading, clock);
  const latestMs = rounds.at(-1)?.askedAtMs;
  const ofLatest = sessionSamples.filter(({ atMs, roundMs = atMs }) => roundMs === latestMs);
  const isServerFull = ofLatest.some(
    (sample) => takenOf(sample, reading) >= ordinarySlots(reading),
  );
  const bound = boundByFullLogins(snapshot, reading, ofLatest);
  const isOfStart = ({ askedAtMs }: Round): boolean =>
    startsMs.some((ms) => Math.abs(askedAtMs - ms) < reopenedWithinMs);
  const provingFor = oncePerName((policy): readonly ProvingRound[] => {
    const isFull = isServerFull || bound.has(policy);
    const isShown = placesShownTo(snapshot, policy);
    return rounds.map((round) => {
      const isAtLimit = isFull && round.askedAtMs === latestMs;
      return { ...round, isWhole: !isAtLimit && !isOfStart(round) && isShown(round) };
    });
  });
  return { rounds, of: ({ claimedBy }) => wholeForAll(claimedBy.map(provingFor)) };
}

/** Whether a round shows where each session comes from that its pods may have. */
function placesShownTo(
  { policies }: Snapshot,
  policy: PolicyKey,
): (round: Pick<Round, "unplaced">) => boolean {
  const role = policies.find(({ key }) => key === policy)?.role;
  return ({ unplaced }) => ![...unplaced].some((user) => mayBeOf(role, { user }));
}

/** Where several policies claim it, its pods may log in with the role of each. */
function wholeForAll(each: readonly (readonly ProvingRound[])[]): readonly ProvingRound[] {
  const [first = [], ...others] = each;
  if (others.length === 0) return first;
  return first.map((round, place) => {
    return { ...round, isWhole: each.every((rounds) => rounds[place]?.isWhole === true) };
  });
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
