// Whether two readings are of one server process. Equal system identifiers alone do not say so: a
// standby has its primary's, and a server that was restored from a backup, or cloned, has that of
// the one it was made from. No two of them were started at the same microsecond. Names of a standby
// are not united at once: a name for reading may be any of several. Anybody who runs a server can
// have it repeat another one's identity, so names that are one are read to the stricter word: what
// one of them says can take slots away, and never give any.

import type { ServerWord } from "../domain/facts/facts.ts";
import { limitedLogins, limitName, limitOfLogin } from "../domain/supply/connection-limits.ts";
import { ownSlots } from "../domain/supply/own-sessions.ts";

/** Both identifiers are known, and the readings are of one server that is no standby. */
export function isSameServer(a: ServerWord, b: ServerWord): boolean {
  return isOneServer(a, b) && !a.isStandby;
}

/**
 * The same of a standby. Where starts are told in whole seconds two replicas of one primary may
 * look like one.
 */
export function isSameStandby(a: ServerWord, b: ServerWord): boolean {
  const isExact = (a.startedAtMicroseconds ?? 0) % 1_000_000 !== 0;
  return isExact && isOneServer(a, b) && a.isStandby;
}

/** Both identifiers are known, and the readings are of one server, a standby or not. */
export function isOneServer(a: ServerWord, b: ServerWord): boolean {
  return saysIdentity(a) && saysIdentity(b) && isSameIdentity(a, b);
}

/** Both identifiers are known, and the readings are of two servers, or of two lives of one. */
export function isOtherServer(a: ServerWord, b: ServerWord): boolean {
  return saysIdentity(a) && saysIdentity(b) && !isSameIdentity(a, b);
}

type Limits = ServerWord["roleLimits"];
type Withheld = ServerWord["withheld"];
type OwnSessions = ServerWord["ownSessions"];

/**
 * What is safe to believe whichever of these names tells the truth about limits. Everything else is
 * as `preferred` says; sessions are compared where they are counted.
 */
export function strictestOf(preferred: ServerWord, others: readonly ServerWord[]): ServerWord {
  return others.reduce(
    (strictest, other) => ({
      ...strictest,
      maxConnections: Math.min(strictest.maxConnections, other.maxConnections),
      withheld: largerWithheld(strictest.withheld, other.withheld),
      ownSessions: more(strictest.ownSessions, other.ownSessions),
      roleLimits: smallerLimits(strictest.roleLimits, other.roleLimits),
      databaseLimits: smallerLimits(strictest.databaseLimits, other.databaseLimits),
      ...smallerPairs(strictest, other),
      ...settingsOfSmaller(strictest, other),
    }),
    preferred,
  );
}

/** Each setting's own. */
function largerWithheld(a: Withheld, b: Withheld): Withheld {
  return a.map(({ by, slots }) => {
    const others = b.filter((one) => one.by === by).map((one) => one.slots);
    return { by, slots: Math.max(slots, ...others) };
  });
}

function more(a: OwnSessions, b: OwnSessions): OwnSessions {
  return ownSlots(b) > ownSlots(a) ? b : a;
}

// Without a prototype: a role may be called `constructor`.
function smallerLimits(a: Limits, b: Limits): Limits {
  const smaller = Object.assign(Object.create(null) as Record<string, number>, a);
  for (const [name, limit] of Object.entries(b)) {
    const known = smaller[name] ?? -1;
    smaller[name] = known === -1 || (limit !== -1 && limit < known) ? limit : known;
  }
  return smaller;
}

/** Those of poolers alone. */
function smallerPairs(a: ServerWord, b: ServerWord): Pick<ServerWord, "pairLimits"> {
  if (!a.pairLimits && !b.pairLimits) return {};
  return { pairLimits: smallerLimits(a.pairLimits ?? {}, b.pairLimits ?? {}) };
}

/** Each limit's setting is the one of who has the smaller limit. */
function settingsOfSmaller(a: ServerWord, b: ServerWord): Pick<ServerWord, "limitSettings"> {
  if (!a.limitSettings && !b.limitSettings) return {};
  const ofB = limitedLogins(b).filter((login) => {
    return login.limit < (limitOfLogin(a, login)?.limit ?? Infinity);
  });
  const settings = ofB.flatMap(({ setting, ...login }) =>
    setting === undefined ? [] : [[limitName(login), setting] as const],
  );
  return { limitSettings: { ...a.limitSettings, ...Object.fromEntries(settings) } };
}

/** It says which server it is of. */
export function saysIdentity({ systemIdentifier, startedAtMicroseconds }: ServerWord): boolean {
  return systemIdentifier !== undefined && startedAtMicroseconds !== undefined;
}

function isSameIdentity(a: ServerWord, b: ServerWord): boolean {
  return (
    a.systemIdentifier === b.systemIdentifier &&
    a.startedAtMicroseconds === b.startedAtMicroseconds &&
    a.isStandby === b.isStandby
  );
}
