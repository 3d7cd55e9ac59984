// What is kept of one database server, and what of it is told: see readings.ts.

import type {
  DatabaseFailure,
  PolicyKey,
  ServerKey,
  ServerWord,
  PoolFacts,
} from "../../domain/facts/facts.ts";
import {
  beyond,
  type ByAddress,
  heldAt,
  lastingHeldAt,
  steadyIn,
} from "../../domain/supply/sessions-beyond.ts";
import type { SortedByLogin } from "../../domain/supply/session-sorting.ts";
import { ClaimedSessions } from "./claimed-sessions.ts";
import { isSameServer, isSameStandby } from "../same-server.ts";
import type { FleetAddresses } from "./fleet-addresses.ts";
import {
  type HeldSlots,
  type Holding,
  mostHeld,
  nothingHeld,
  unreadySlotsOf,
} from "./held-slots.ts";
import { NameIdentities } from "./name-identities.ts";
import type { OthersAddresses } from "./others-addresses.ts";
import { latestSamples, type Sample } from "./session-samples.ts";
import { SharedMaps } from "./shared-maps.ts";

/** A pod whose sessions a reading shows is heard of within this: address, watch and queue. */
const newMs = 5_000;

/** By the monotonic clock: what was read is true of a moment between the two. */
export interface ReadTimes {
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

export const never: ReadTimes = { askedAtMs: -Infinity, answeredAtMs: -Infinity };

export interface Memory {
  /**
   * The last word of each name. It binds until that name is read again, or means another server:
   * whoever keeps us from reading it must not be left with the only word.
   */
  readonly words: Map<ServerKey, ServerWord>;
  /** Which servers each name has led to. */
  readonly identities: Map<ServerKey, NameIdentities>;
  /** Of those that are still there, with whose logins it was read. */
  readonly readers: Set<PolicyKey>;
  reading: ServerWord | undefined;
  failure: DatabaseFailure | undefined;
  samples: Sample[];
  /** What the samples take of the memory, or took when the last one was added. */
  bytes: number;
  /** What a login with sight saw counts until such a login sees something else. */
  isSightKept: boolean;
  /** What the fleet's pods could hold when it was looked at last. */
  held: HeldSlots;
  /** The same by address, when it was looked at after the last reading. */
  heldAt: ByAddress;
  readonly fleet: FleetAddresses;
  readonly others: OthersAddresses;
  readonly claimed: ClaimedSessions;
  /** Of the last attempt, and of the last that brought a reading. */
  attempt: ReadTimes;
  read: ReadTimes;
}

export function nothingKnown(fleet: FleetAddresses, others: OthersAddresses): Memory {
  return {
    words: new Map(),
    identities: new Map(),
    readers: new Set(),
    reading: undefined,
    failure: undefined,
    samples: [],
    bytes: 0,
    isSightKept: false,
    held: nothingHeld,
    heldAt: new Map(),
    fleet,
    others,
    claimed: new ClaimedSessions(),
    attempt: never,
    read: never,
  };
}

/** How far back it goes. */
export function sinceMs({ samples }: Memory): number {
  return samples[0]?.atMs ?? Infinity;
}

/**
 * The latest sample of each name that has a word here, and the latest of all; while sight is kept,
 * the latest with sight as well.
 */
export function latestOf({ samples, words, isSightKept }: Memory): Sample[] {
  const latest = latestSamples(samples, isSightKept);
  const last = samples.at(-1);
  return [...latest].filter((sample) => sample === last || words.has(sample.name));
}

/** Counted from the reading, so nothing is in doubt for longer than that. */
export function newness({ atMs }: Sample, monotonicMs: number): { readonly newForMs?: number } {
  const newForMs = atMs + newMs - monotonicMs;
  return newForMs > 0 ? { newForMs } : {};
}

/** Addresses of nobody in what was not looked at yet. */
export function unknownAddresses({ samples, fleet }: Memory): ReadonlySet<string> {
  const added = samples.filter(({ fleetSlots }) => fleetSlots === undefined);
  if (added.length === 0) return new Set();
  const { spans } = fleet;
  const shown = added.flatMap(({ sessions }) => sessions.flatMap(({ address }) => address || []));
  return new Set(shown.filter((address) => !spans.has(address)));
}

/** Sessions outlive their pods, so a sample counts with the most that there was to hold lately. */
export function noteSlots(memory: Memory, { workloads = [], ...held }: Holding): void {
  const added = memory.samples.filter(({ fleetSlots }) => fleetSlots === undefined);
  const shared = new SharedMaps(added.length > 0 ? memory.samples : []);
  for (const sample of added) {
    const most = mostHeld([held, memory.held]);
    const byNamespace = shared.of(most.byNamespace);
    sample.held = { ...most, byNamespace, unready: new Map(), by: shared.by(most.by) };
    sample.unreadySlotsOf = shared.of(unreadySlotsOf(most));
    sample.newestPodMs = sample.held.newestPodMs;
    noteMost(sample, memory, shared);
  }
  memory.held = held;
  if (added.length > 0) noteBeyond(memory, added, workloads);
}

/** The most within the window before. */
function noteMost(sample: Sample, memory: Memory, shared: SharedMaps): void {
  const most = mostHeld(memory.samples.flatMap((one) => one.held ?? []));
  const node = withLostNodes(most.by.node, sample, memory);
  sample.fleetSlots = most.all;
  sample.fleetSlotsOf = shared.of(most.byNamespace);
  sample.fleetSlotsBy = shared.by({ ...most.by, node });
}

/**
 * A node that has no pod of the fleet any more counts with what they held there while the server
 * shows sessions from it, and from nodes that have some: through a gateway all come from one.
 */
function withLostNodes(
  most: ByAddress,
  sample: Sample,
  { samples, held }: Pick<Memory, "samples" | "held">,
): ByAddress {
  const now = sample.held?.by.node ?? held.by.node;
  const shown = new Set(sample.sessions.map(({ address = "" }) => address));
  if (![...shown].some((address) => (now.get(address) ?? 0) > 0)) return most;
  const before = samples.slice(0, samples.indexOf(sample)).findLast(isOfName(sample));
  const lost = [...(before?.fleetSlotsBy?.node ?? [])].filter(
    ([node]) => shown.has(node) && !now.has(node),
  );
  return new Map([...lost, ...most]);
}

function isOfName({ name }: Sample): (other: Sample) => boolean {
  return (other) => other.name === name;
}

/** Each reading is sorted once, by what is known when it is first looked at. */
export function noteClaimed({ samples, claimed }: Memory, sorted: SortedByLogin): void {
  const added = samples.filter(({ isSorted }) => isSorted !== true);
  for (const sample of added) {
    const unheld = sorted.unheldIn(sample);
    sample.claimed = claimed.note(sample.name, sorted.claimedIn(sample), unheld);
    sample.isSorted = true;
  }
  if (added.length > 0) claimed.keepNames(new Set(samples.map(({ name }) => name)));
}

function noteBeyond(
  memory: Memory,
  added: readonly Sample[],
  workloads: readonly PoolFacts[],
): void {
  const most = new Map<string, number>();
  for (const [address, slots] of lastingHeldAt(workloads)) {
    most.set(address, Math.max(slots, memory.heldAt.get(address) ?? 0));
  }
  for (const sample of added) {
    const before = memory.samples.slice(0, memory.samples.indexOf(sample));
    const ofName = before.filter(({ name }) => name === sample.name);
    sample.beyond = beyond(steadyIn(sample, ofName), most);
  }
  memory.heldAt = heldAt(workloads);
}

/** What a name said, and that it led there. */
export function noteWord(
  { words, identities }: Pick<Memory, "words" | "identities">,
  name: ServerKey,
  { word, atMs }: { readonly word: ServerWord; readonly atMs: number },
): void {
  words.set(name, word);
  const known = identities.get(name) ?? new NameIdentities();
  known.note(word, atMs);
  identities.set(name, known);
}

/**
 * Both are of one server. A name for reading may be any of several standbys: names are of one
 * standby once they have led there, and nowhere else, since then.
 */
export function areTwins(one: Memory, other: Memory, sinceMs: number): boolean {
  if (!one.reading || !other.reading) return false;
  if (isSameServer(one.reading, other.reading)) return true;
  if (!isSameStandby(one.reading, other.reading)) return false;
  return isSteady(one, sinceMs) && isSteady(other, sinceMs);
}

function isSteady(
  { words, identities }: Pick<Memory, "words" | "identities">,
  sinceMs: number,
): boolean {
  return [...words.keys()].every((name) => identities.get(name)?.isSteady(sinceMs) === true);
}

/** Of the name that leads to most servers by turns, what each of these said. */
export function wordsByTurns(
  { words, identities }: Pick<Memory, "words" | "identities">,
  sinceMs: number,
): readonly ServerWord[] {
  const all = [...identities].filter(([name]) => words.has(name));
  const found = all.map(([, known]) => known.wordsByTurns(sinceMs));
  return found.reduce((most, one) => (one.length > most.length ? one : most), []);
}

/** How much of what is there a reading shows. */
export function sightIn({
  seesAllSessions,
  isInPart,
}: Pick<Sample, "seesAllSessions" | "isInPart">): Pick<Sample, "seesAllSessions" | "isInPart"> {
  return { seesAllSessions, ...(isInPart && { isInPart }) };
}
