// Sessions that a pod which is gone has left at an address that another pod has by now: network
// plugins with few addresses give one away again at once. The server does not say which of the two
// holds a session, and until it drops them the new pod opens its own beside them. A reading from
// when nobody had the address shows how many there were, and of those no more are left than any
// reading since has shown. What the new pod has opened meanwhile may pass for them until that
// reading leaves the window (10 min): rather its slots twice for a while than given away.

import type { DatabaseFacts, SessionGroup, SessionSample } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { lesser } from "./sessions-beyond.ts";

type Vacancies = NonNullable<DatabaseFacts["vacancies"]>;

/** By address and login. */
export type LeftSessions = ReadonlyMap<string, number>;

export const leftSessionsIn = oncePer(
  ({ sessionSamples, vacancies = none }: DatabaseFacts): LeftSessions => {
    const ended = new Map([...vacancies].filter(([, { untilMs }]) => untilMs !== Infinity));
    const most = new Map<string, number>();
    if (ended.size === 0) return most;
    for (const samples of Map.groupBy(sessionSamples, ({ name }) => name).values()) {
      for (const [key, count] of leftIn(samples, ended)) {
        most.set(key, Math.max(count, most.get(key) ?? 0));
      }
    }
    return most;
  },
);

const none: Vacancies = new Map();

/** How many of these sessions, all at one address, somebody has left there. */
export function leftAmong(groups: readonly SessionGroup[], left: LeftSessions): number {
  return [...new Set(groups.map(keyOf))].reduce((sum, key) => sum + (left.get(key) ?? 0), 0);
}

/** The least that was shown since nobody had the address; none where nothing was read then. */
function leftIn(samples: readonly SessionSample[], vacancies: Vacancies): LeftSessions {
  const left = new Map<string, number>();
  let standing = shownAt(samples.at(-1), vacancies);
  for (const sample of samples.toReversed()) {
    standing = lesser(standing, shownAt(sample, vacancies));
    if (standing.size === 0) break;
    for (const [key, count] of standing) {
      const { fromMs, untilMs } = vacancies.get(addressIn(key)) ?? never;
      if (sample.atMs > untilMs) continue;
      if (sample.atMs >= fromMs) left.set(key, count);
      standing.delete(key);
    }
  }
  return left;
}

const never = { fromMs: Infinity, untilMs: Infinity };

function shownAt(sample: SessionSample | undefined, vacancies: Vacancies): Map<string, number> {
  const shown = new Map<string, number>();
  for (const group of sample?.sessions ?? []) {
    if (!vacancies.has(group.address ?? "")) continue;
    const key = keyOf(group);
    shown.set(key, (shown.get(key) ?? 0) + group.count);
  }
  return shown;
}

/** Neither an address nor a name on a server has a zero byte. */
function keyOf({ address = "", user, database }: SessionGroup): string {
  return [address, user, database].join("\0");
}

function addressIn(key: string): string {
  return key.slice(0, key.indexOf("\0"));
}
