// The latest decision on each server, where it left nothing to do before a known moment: nothing
// was written, and what was refused is not tried again before then. Most events change no fact that
// a decision is made from (a reading that shows the same sessions, a label), and plan() is a
// function of its snapshot and the time: from an equal snapshot, before the moment for which the
// plan asked to be made again, it would come to the same, and every status with it. So it is not
// made.

import { limitedLogins } from "../../domain/supply/connection-limits.ts";
import type { DatabaseFacts, ServerKey, Snapshot } from "../../domain/facts/facts.ts";
import { foreignSessionsOf } from "../../domain/supply/foreign.ts";
import { circlesOf } from "../../domain/supply/login-circles.ts";
import { loginSessionsOf } from "../../domain/supply/login-sessions.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import type { Applied } from "../apply/apply.ts";
import { isSameValue } from "../same-value.ts";

/** Whatever a plan thinks of its own time, it is made anew after this. */
const settledForMs = 5 * 60_000;

interface Settled {
  readonly decision: Plan;
  /** Sessions of limited logins, by its snapshot. */
  readonly ofLogins: object;
  /** When it is to be made again, or to be tried again; infinite: not before something changes. */
  readonly dueAfterMs: number;
}

export class SettledDecisions {
  readonly #settled = new Map<ServerKey, Settled>();

  /** What was decided last, and what came of it. */
  note(decision: Plan, applied: Applied): void {
    const { recheckAfterMs = Infinity } = decision;
    const { retryAfterMs = Infinity } = applied;
    const dueAfterMs = Math.min(recheckAfterMs, retryAfterMs);
    this.#settled.delete(decision.server);
    if (!wroteNothing(decision, applied)) return;
    const ofLogins = sessionsOfLogins(decision.snapshot);
    this.#settled.set(decision.server, { decision, ofLogins, dueAfterMs });
  }

  forget(server: ServerKey): void {
    this.#settled.delete(server);
  }

  /**
   * The decision on `snapshot`, as of now, if that is the one which has left nothing to do yet.
   * `unit`: the servers that are decided together now, of which others may know more.
   */
  on(
    snapshot: Snapshot,
    nowMs: number,
    unit: readonly ServerKey[] = [snapshot.server],
  ): Plan | undefined {
    const settled = this.#settled.get(snapshot.server);
    if (!settled || !isSameValue(unitOf(settled.decision), unit)) return undefined;
    const { decision, dueAfterMs } = settled;
    const ageMs = nowMs - decision.nowMs;
    if (ageMs < 0 || ageMs >= Math.min(dueAfterMs, settledForMs)) return undefined;
    if (!isSameSnapshot(settled, snapshot)) return undefined;
    const recheckAfterMs = Number.isFinite(dueAfterMs) ? dueAfterMs - ageMs : undefined;
    return { ...decision, snapshot, nowMs, recheckAfterMs };
  }
}

function unitOf({ server, unit }: Plan): readonly ServerKey[] {
  return unit ? unit().map((one) => one.server) : [server];
}

/** An act that was wanted and was not done is always decided anew. */
function wroteNothing({ rolls, live }: Plan, { statuses }: Applied): boolean {
  const hasNoAct = rolls.roll === undefined && rolls.eviction === undefined;
  return (
    statuses.length === 0 && hasNoAct && live.resizes.length === 0 && live.releases.length === 0
  );
}

/**
 * Samples and addresses count as the sessions that they make foreign, on the server and of each
 * limited login: they are others with each reading. Whatever else a snapshot holds is compared.
 */
function isSameSnapshot({ decision, ofLogins }: Settled, after: Snapshot): boolean {
  const { snapshot: before, foreign, rolls } = decision;
  const awaitsReading = rolls.waiting.some(({ obstacle }) => obstacle.needsReading);
  return (
    isSameValue(comparableOf(before, awaitsReading), comparableOf(after, awaitsReading)) &&
    isSameValue(foreign, foreignSessionsOf(after)) &&
    isSameValue(ofLogins, sessionsOfLogins(after))
  );
}

function sessionsOfLogins(snapshot: Snapshot): object {
  const { reading } = snapshot.database;
  const logins = reading ? limitedLogins(reading) : [];
  const sessions = loginSessionsOf(snapshot);
  return logins.flatMap((login) =>
    circlesOf(snapshot, login).map((circle) => [
      circle.policies.map(({ key }) => key),
      sessions.within(login, circle),
      sessions.nowWithin(login, circle),
    ]),
  );
}

function comparableOf({ database, ...snapshot }: Snapshot, awaitsReading: boolean): object {
  return { ...snapshot, ...readingOf(database, awaitsReading) };
}

/** How old a reading is matters only to what waits for the next one. */
function readingOf(database: DatabaseFacts, awaitsReading: boolean): object {
  const { reading, isOld } = database;
  return {
    ...database,
    ...{
      sessionSamples: undefined,
      fleetAddresses: undefined,
      vacancies: undefined,
      addressesOfOthers: undefined,
    },
    isOld: awaitsReading && isOld,
    reading: reading && { ...reading, atMs: 0 },
  };
}
