// How much memory kept sessions take. A server mostly shows what it showed before, so what is kept
// of it is kept once, however many readings showed it; and whoever runs a server chooses how long
// names are, so texts are counted as well as groups.

import type { SessionGroup } from "../../domain/facts/facts.ts";
import { type FleetOfSample, mapsOf } from "./shared-maps.ts";

interface Sample extends FleetOfSample {
  readonly sessions: readonly SessionGroup[];
}

/** A group with four texts, and one's place in a list; V8 on 64 bits. */
const [groupBytes, placeBytes] = [128, 8];
/** Of a map, with its part of the table; its name is that of a pod, a policy or a node. */
const entryBytes = 32;
/** As most: of texts that need it. */
const characterBytes = 2;

/** The same sessions; groups and texts that are among `known` are those very ones. */
export function sharedWith(
  known: readonly SessionGroup[],
  sessions: readonly SessionGroup[],
): readonly SessionGroup[] {
  const byLook = new Map(known.map((group) => [lookOf(group), group]));
  return sessions.map((group) => {
    const same = byLook.get(lookOf(group));
    if (!same) return group;
    return same.count === group.count ? same : { ...same, count: group.count };
  });
}

function lookOf({ user, database, applicationName, address }: SessionGroup): string {
  return JSON.stringify([user, database, applicationName, address]);
}

/** Of samples that come and go: what several of them share counts once. */
export class SampleWeight {
  readonly #uses = new Map<object, number>();
  #bytes = 0;
  #groups = 0;

  constructor(samples: readonly Sample[]) {
    for (const sample of samples) this.#add(sample);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of all samples together, each for itself. */
  get groups(): number {
    return this.#groups;
  }

  #add(sample: Sample): void {
    const { sessions } = sample;
    this.#groups += sessions.length;
    this.#bytes += sessions.length * placeBytes;
    for (const group of sessions) if (this.#use(group, 1) === 1) this.#bytes += bytesOf(group);
    for (const map of mapsOf(sample)) if (this.#use(map, 1) === 1) this.#bytes += bytesOfMap(map);
  }

  remove(sample: Sample): void {
    const { sessions } = sample;
    this.#groups -= sessions.length;
    this.#bytes -= sessions.length * placeBytes;
    for (const group of sessions) if (this.#use(group, -1) === 0) this.#bytes -= bytesOf(group);
    for (const map of mapsOf(sample)) if (this.#use(map, -1) === 0) this.#bytes -= bytesOfMap(map);
  }

  /** How often it is used then. */
  #use(part: object, by: number): number {
    const uses = (this.#uses.get(part) ?? 0) + by;
    this.#uses.set(part, uses);
    return uses;
  }
}

function bytesOf({ user, database, applicationName, address = "" }: SessionGroup): number {
  const characters = user.length + database.length + applicationName.length + address.length;
  return groupBytes + characters * characterBytes;
}

function bytesOfMap({ size }: ReadonlyMap<string, number>): number {
  return size * entryBytes;
}
