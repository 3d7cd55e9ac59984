// How much memory kept sessions take. A server mostly shows what it showed before, so what is kept
// of it is kept once, however many readings showed it; and whoever runs a server chooses how long
// names are, so texts are counted as well as groups.

import type { SessionGroup } from "../../domain/facts/facts.ts";

interface Sample {
  readonly sessions: readonly SessionGroup[];
}

/** A group with four texts, and one's place in a list; V8 on 64 bits. */
const [groupBytes, placeBytes] = [128, 8];
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
  readonly #uses = new Map<SessionGroup, number>();
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

  #add({ sessions }: Sample): void {
    this.#groups += sessions.length;
    this.#bytes += sessions.length * placeBytes;
    for (const group of sessions) {
      const uses = this.#uses.get(group) ?? 0;
      if (uses === 0) this.#bytes += bytesOf(group);
      this.#uses.set(group, uses + 1);
    }
  }

  remove({ sessions }: Sample): void {
    this.#groups -= sessions.length;
    this.#bytes -= sessions.length * placeBytes;
    for (const group of sessions) {
      const uses = (this.#uses.get(group) ?? 0) - 1;
      this.#uses.set(group, uses);
      if (uses === 0) this.#bytes -= bytesOf(group);
    }
  }
}

function bytesOf({ user, database, applicationName, address = "" }: SessionGroup): number {
  const characters = user.length + database.length + applicationName.length + address.length;
  return groupBytes + characters * characterBytes;
}
