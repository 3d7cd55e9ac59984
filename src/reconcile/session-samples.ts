// What is kept of the sessions that a server showed. A server may show as many kinds of sessions as
// an answer has room for, and somebody who edits a policy again and again has it read each time, so
// both are bounded: names of small groups are given up, not their numbers; of readings in quick
// succession the one with the most sessions is kept, and the latest.

import type { DatabaseReading, ServerKey, SessionGroup } from "../domain/facts.ts";

export interface Sample {
  /** The name under which the server showed them. */
  readonly name: ServerKey;
  readonly atMs: number;
  readonly sessions: DatabaseReading["sessions"];
  /** What the fleet's pods could hold about then. */
  heldSlots?: number;
  /** The most of it within the window before. */
  fleetSlots?: number;
}

/** Groups that keep the name of their application. Three are ever shown. */
const namedGroups = 200;
/** Of one server, about 7 MB: 20 readings of 2,500 groups. */
const maxGroups = 50_000;
/** Within such a time one sample is enough. */
const slotMs = 5_000;

/** The same sessions; beyond the largest groups, all of a login at an address are one group. */
export function foldSessions(sessions: readonly SessionGroup[]): readonly SessionGroup[] {
  if (sessions.length <= namedGroups) return sessions;
  const bySize = sessions.toSorted((a, b) => b.count - a.count);
  const folded = new Map<string, SessionGroup>();
  for (const group of bySize.slice(namedGroups)) {
    const key = JSON.stringify([group.user, group.database, group.address]);
    const known = folded.get(key);
    folded.set(key, known ? { ...known, count: known.count + group.count } : group);
  }
  return [...bySize.slice(0, namedGroups), ...folded.values()];
}

/** With the new sample at the end, and without what it makes superfluous. */
export function withSample(samples: readonly Sample[], added: Sample): Sample[] {
  const [last, before] = samples.filter(({ name }) => name === added.name).toReversed();
  const inOneSlot = last && before && slotOf(last) === slotOf(before);
  const dropped = inOneSlot ? smaller(before, last) : undefined;
  return bounded([...samples.filter((sample) => sample !== dropped), added]);
}

function slotOf({ atMs }: Sample): number {
  return Math.floor(atMs / slotMs);
}

function smaller(older: Sample, younger: Sample): Sample {
  return countOf(older) <= countOf(younger) ? older : younger;
}

/** Readings with few sessions go first: the window is asked for the most that there were. */
function bounded(samples: Sample[]): Sample[] {
  let groups = samples.reduce((sum, { sessions }) => sum + sessions.length, 0);
  if (groups <= maxGroups) return samples;
  const latest = new Set(new Map(samples.map((sample) => [sample.name, sample])).values());
  const spare = samples.filter((sample) => !latest.has(sample));
  const dropped = new Set<Sample>();
  for (const sample of spare.sort((a, b) => countOf(a) - countOf(b))) {
    if (groups <= maxGroups) break;
    dropped.add(sample);
    groups -= sample.sessions.length;
  }
  return samples.filter((sample) => !dropped.has(sample));
}

function countOf({ sessions }: Sample): number {
  return sessions.reduce((sum, { count }) => sum + count, 0);
}
