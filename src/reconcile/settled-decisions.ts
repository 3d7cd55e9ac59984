// The latest decision on each server, where it left nothing to do: nothing written, refused, or
// waiting for its turn. Most events change no fact that a decision is made from (a reading that
// shows the same sessions, a pod that becomes ready), and plan() is a function of its snapshot and
// the time: from an equal snapshot, before the moment for which the plan asked to be made again, it
// would come to the same, and every status with it. So it is not made.

import type { DatabaseFacts, ServerKey, Snapshot } from "../domain/facts.ts";
import { foreignSessionsOf } from "../domain/foreign.ts";
import type { Plan } from "../domain/plan.ts";
import type { Applied } from "./apply.ts";
import { isSameValue } from "./same-value.ts";

/** Whatever a plan thinks of its own time, it is made anew after this. */
const settledForMs = 5 * 60_000;

export class SettledDecisions {
  readonly #decisions = new Map<ServerKey, Plan>();

  /** What was decided last, and what came of it. */
  note(decision: Plan, applied: Applied): void {
    if (hasLeftNothing(decision, applied)) this.#decisions.set(decision.server, decision);
    else this.#decisions.delete(decision.server);
  }

  forget(server: ServerKey): void {
    this.#decisions.delete(server);
  }

  /** The decision on `snapshot`, as of now, if that is the one which has left nothing to do. */
  on(snapshot: Snapshot, nowMs: number): Plan | undefined {
    const decision = this.#decisions.get(snapshot.server);
    if (!decision) return undefined;
    const { recheckAfterMs = Infinity } = decision;
    const ageMs = nowMs - decision.nowMs;
    if (ageMs < 0 || ageMs >= Math.min(recheckAfterMs, settledForMs)) return undefined;
    if (!isSameSnapshot(decision, snapshot)) return undefined;
    const leftMs = recheckAfterMs - ageMs;
    const recheck = Number.isFinite(leftMs) ? leftMs : undefined;
    return { ...decision, snapshot, nowMs, recheckAfterMs: recheck };
  }
}

function hasLeftNothing({ rolls }: Plan, { statuses, failures, retryAfterMs }: Applied): boolean {
  const isRefused = failures.length > 0 || retryAfterMs !== undefined;
  return !isRefused && statuses.length === 0 && rolls.roll === undefined;
}

/**
 * Samples and addresses count as the sessions that they make foreign: they are others with each
 * reading. Whatever else a snapshot holds is compared.
 */
function isSameSnapshot({ snapshot: before, foreign }: Plan, after: Snapshot): boolean {
  return (
    isSameValue(comparableOf(before), comparableOf(after)) &&
    isSameValue(foreign, foreignSessionsOf(after))
  );
}

function comparableOf({ database, ...snapshot }: Snapshot): object {
  return { ...snapshot, ...readingOf(database) };
}

function readingOf(database: DatabaseFacts): object {
  const { reading } = database;
  const others = { ...database, sessionSamples: undefined, fleetAddresses: undefined };
  return { ...others, reading: reading && { ...reading, atMs: 0 } };
}
