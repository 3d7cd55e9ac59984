// Whether two readings are of one server process. Equal system identifiers alone do not say so: a
// standby has its primary's, and a server that was restored from a backup, or cloned, has that of
// the one it was made from. No two of them were started at the same microsecond. A standby is never
// united with another name: a name for reading may be any of several.

import type { DatabaseReading } from "../domain/facts.ts";

/** Both identifiers are known, and the readings are of one server that is no standby. */
export function isSameServer(a: DatabaseReading, b: DatabaseReading): boolean {
  return isKnown(a) && isKnown(b) && identityOf(a) === identityOf(b) && !a.isStandby;
}

/** Both identifiers are known, and the readings are of two servers, or of two lives of one. */
export function isOtherServer(a: DatabaseReading, b: DatabaseReading): boolean {
  return isKnown(a) && isKnown(b) && identityOf(a) !== identityOf(b);
}

function isKnown({ systemIdentifier, startedAtMicroseconds }: DatabaseReading): boolean {
  return systemIdentifier !== undefined && startedAtMicroseconds !== undefined;
}

function identityOf(reading: DatabaseReading): string {
  const { systemIdentifier, startedAtMicroseconds, isStandby } = reading;
  return JSON.stringify([systemIdentifier, startedAtMicroseconds, isStandby]);
}
