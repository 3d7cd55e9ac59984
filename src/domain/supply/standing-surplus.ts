// Sessions that are matched by login and more than the pods of their role can hold. For a moment
// there may be such ones: a pool replaces a session before the old one is gone, or a container was
// just restarted. They pass for those of pods that are gone, which the room for rollouts covers, as
// sessions beyond a size do at the address of a pod (sessions-beyond.ts). What a minute of readings
// shows is somebody else's, and counts for the window. Before a minute was read, all of it does:
// after a start nobody knows how long it has been there, and nothing may grow into it.

import type { SessionSample } from "../facts/facts.ts";
import type { ByRole } from "./matched-sessions.ts";
import { leastOfMinute, standingMs } from "./sessions-beyond.ts";

/** The most that has stood, of all names of the server. `samples`: oldest first. */
export function standingSurplus(
  samples: readonly SessionSample[],
  surplusIn: (sample: SessionSample) => ByRole,
): ByRole {
  const most = new Map<string, number>();
  const known = new Map(samples.map((sample) => [sample, surplusIn(sample)]));
  if ([...known.values()].every(({ size }) => size === 0)) return most;
  const surplusOf = (sample: SessionSample): ByRole => known.get(sample) ?? most;
  for (const ofName of Map.groupBy(samples, ({ name }) => name).values()) {
    for (const stood of stoodIn(ofName, surplusOf)) {
      for (const [role, count] of stood) most.set(role, Math.max(count, most.get(role) ?? 0));
    }
  }
  return most;
}

function stoodIn(
  samples: readonly SessionSample[],
  surplusOf: (sample: SessionSample) => ByRole,
): readonly ByRole[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first && last && last.atMs - first.atMs < standingMs) return samples.map(surplusOf);
  return samples.map((sample, at) => leastOfMinute(sample, samples.slice(0, at), surplusOf));
}
