// What is kept of the sessions that a server showed. A server may show as many kinds of sessions as
// an answer has room for, and somebody who edits a policy again and again has it read each time, so
// both are bounded: small groups lose the name of their application, not their numbers; and beyond
// what an honest server needs for the window, the readings with the fewest sessions go, since the
// most counts. What all servers take together is bounded in session-budget.ts.

import type { OwnSessions, ServerKey, ServerWord, SessionGroup } from "../../domain/facts/facts.ts";
import type { ByAddress } from "../../domain/supply/sessions-beyond.ts";
import type { HeldSlots } from "./held-slots.ts";
import { SampleWeight, sharedWith } from "./session-weight.ts";

export interface Sample {
  /** The name under which the server showed them. */
  readonly name: ServerKey;
  readonly atMs: number;
  /** When the round of readings began that it is of. */
  readonly roundMs: number;
  readonly sessions: readonly SessionGroup[];
  /** Read by a login that sees where all of them come from. */
  readonly seesAllSessions: boolean;
  /** It might see, and there were too many of them, or too much was said of them. */
  readonly isInPart?: true;
  /** By address: what had stood for a minute then, beyond the sizes of pods there. */
  beyond?: ByAddress;
  /** What the fleet's pods could hold about then. */
  held?: HeldSlots;
  /** By policy: of that, by pods that were not ready. */
  unreadySlotsOf?: ReadonlyMap<string, number>;
  /** When the youngest pod was created that was heard of then. */
  newestPodMs?: number;
  /** The most of it within the window before, in all and by namespace. */
  fleetSlots?: number;
  fleetSlotsOf?: HeldSlots["byNamespace"];
  fleetSlotsBy?: HeldSlots["by"];
  /** By login: see claimed-sessions.ts. */
  claimed?: ReadonlyMap<string, number>;
  /** By login: how many the reading before showed that no pod held. */
  readonly unheldBefore?: ReadonlyMap<string, number>;
  /** The same at most, of each login that it was sorted by. */
  readonly mostUnheldBefore?: ReadonlyMap<string, number>;
  /** That is what this reading itself shows. */
  isSorted?: true;
}

/** Groups that keep the name of their application. Three are ever shown. */
const namedGroups = 200;
/** Of one server: 20 readings of 5,000 groups, which are shared where they are the same. */
const maxGroups = 100_000;
/** What these take where each is another one, with names as most are. */
const maxBytes = 16 * 2 ** 20;
/** Of one server: a window of readings each second. */
const maxSamples = 700;

/** The same sessions; beyond the largest groups, all of a login at an address are one group. */
export function foldSessions(sessions: readonly SessionGroup[]): readonly SessionGroup[] {
  if (sessions.length <= namedGroups) return sessions;
  const bySize = sessions.toSorted((a, b) => b.count - a.count);
  const folded = new Map<string, SessionGroup>();
  for (const group of bySize.slice(namedGroups)) {
    const key = JSON.stringify([group.user, group.database, group.address]);
    const known = folded.get(key);
    const count = group.count + (known?.count ?? 0);
    folded.set(key, { ...group, applicationName: "", count });
  }
  return [...bySize.slice(0, namedGroups), ...folded.values()];
}

/**
 * Without our sessions by other names, of which it was not known yet that they are the server's:
 * one of each login that reads by such a name, and none that is not called like ours.
 */
export function withoutOwn(sample: Sample, words: Iterable<ServerWord>): Sample {
  let { sessions } = sample;
  for (const { ownName, ownSessions } of words) {
    const [own] = ownSessions;
    const place = sessions.findIndex(
      (group) =>
        ownName !== undefined && group.applicationName === ownName && isLoginOf(group, own),
    );
    sessions = sessions.flatMap((group, at) => (at === place ? oneFewer(group) : [group]));
  }
  return { ...sample, sessions };
}

function isLoginOf({ user, database }: SessionGroup, own: OwnSessions | undefined): boolean {
  return user === own?.user && database === own.database;
}

function oneFewer(group: SessionGroup): SessionGroup[] {
  return group.count > 1 ? [{ ...group, count: group.count - 1 }] : [];
}

/** Samples of one server, and what they take of the memory. */
export interface Kept {
  readonly samples: Sample[];
  readonly bytes: number;
}

/** With the new sample at the end, and within bounds. */
export function withSample(samples: readonly Sample[], added: Sample): Kept {
  const before = samples.findLast(({ name }) => name === added.name);
  const sessions = sharedWith(before?.sessions ?? [], added.sessions);
  return withinBounds([...samples, { ...added, sessions }]);
}

/** The latest ones, and of each name the one with the most sessions: less would be forgetting. */
export function fewest(samples: readonly Sample[]): Kept {
  const most = byName(samples.toSorted((a, b) => countOf(a) - countOf(b)));
  const kept = new Set([...latestSamples(samples), ...most.values()]);
  return keptOf(samples.filter((sample) => kept.has(sample)));
}

export function keptOf(samples: Sample[]): Kept {
  return { samples, bytes: new SampleWeight(samples).bytes };
}

function withinBounds(all: readonly Sample[]): Kept {
  const weight = new SampleWeight(all);
  const dropped = new Set<Sample>();
  const isTooMuch = (): boolean =>
    weight.groups > maxGroups || weight.bytes > maxBytes || all.length - dropped.size > maxSamples;
  for (const sample of isTooMuch() ? smallestFirst(all) : []) {
    if (!isTooMuch()) break;
    dropped.add(sample);
    weight.remove(sample);
  }
  return { samples: all.filter((sample) => !dropped.has(sample)), bytes: weight.bytes };
}

/** The latest of each name; while sight is kept, also the latest of each with sight. */
export function latestSamples(samples: readonly Sample[], isSightKept = true): Set<Sample> {
  const seen = samples.filter(({ seesAllSessions }) => isSightKept && seesAllSessions);
  return new Set([samples, seen].flatMap((some) => [...byName(some).values()]));
}

function byName(samples: readonly Sample[]): Map<ServerKey, Sample> {
  return new Map(samples.map((sample) => [sample.name, sample]));
}

/** Without the latest, which stay whatever they say. */
function smallestFirst(samples: readonly Sample[]): Sample[] {
  const latest = latestSamples(samples);
  return samples
    .filter((sample) => !latest.has(sample))
    .map((sample) => ({ sample, count: countOf(sample) }))
    .sort((a, b) => a.count - b.count)
    .map(({ sample }) => sample);
}

function countOf({ sessions }: Sample): number {
  return sessions.reduce((sum, { count }) => sum + count, 0);
}
