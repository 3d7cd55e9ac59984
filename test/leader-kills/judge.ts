// Holds the API server's audit log against the promise that there is one writer at a time. Two
// questions of every write: in the order of the cluster's own versions, was it made while its
// writer held the Lease; and was it even asked for after another one had taken it.
import type { AuditEntry } from "../support/audit.ts";

export type TakeOver = {
  readonly from: string;
  readonly to: string;
  /** When the last renewal of the old leader was received, and the first of the new one. */
  readonly renewedMs: number;
  readonly takenMs: number;
  /** From then on, until its first write of anything but the Lease; undefined: there was none. */
  readonly firstWriteAfterMs: number | undefined;
};

export type Judgement = {
  readonly takeOvers: readonly TakeOver[];
  /** Writes of anything but the Lease. */
  readonly writes: number;
  /** Each write by somebody who did not lead, for people. */
  readonly intrusions: readonly string[];
};

/** `entries` are those of the operators alone, with bodies. */
export function judgeWrites(entries: readonly AuditEntry[]): Judgement {
  const changes = entries.filter(
    ({ verb }) => verb !== "get" && verb !== "list" && verb !== "watch",
  );
  const leaseWrites = changes.filter((entry) => isOfLease(entry) && isMade(entry));
  const writes = changes.filter((entry) => !isOfLease(entry));
  return {
    takeOvers: takeOversIn(leaseWrites, writes),
    writes: writes.filter(isMade).length,
    intrusions: [...madeByOthers(changes), ...askedByOthers(leaseWrites, writes)],
  };
}

function isOfLease({ resource }: AuditEntry): boolean {
  return resource === "leases";
}

function isMade({ status }: AuditEntry): boolean {
  return status < 300;
}

function takeOversIn(
  leaseWrites: readonly AuditEntry[],
  writes: readonly AuditEntry[],
): readonly TakeOver[] {
  const ordered = byVersion(leaseWrites);
  return ordered.flatMap((entry, index) => {
    const before = ordered[index - 1];
    if (!before || before.user === entry.user) return [];
    const first = writes
      .filter((write) => write.user === entry.user && isMade(write))
      .map(({ receivedMs }) => receivedMs)
      .sort((a, b) => a - b)[0];
    return [
      {
        from: before.user,
        to: entry.user,
        renewedMs: before.receivedMs,
        takenMs: entry.answeredMs,
        firstWriteAfterMs: first === undefined ? undefined : first - entry.answeredMs,
      },
    ];
  });
}

/** By the versions that the cluster gave them, which no clock can confuse. */
function madeByOthers(changes: readonly AuditEntry[]): string[] {
  let holder = "nobody";
  return byVersion(changes.filter((entry) => isMade(entry) && hasChanged(entry, changes))).flatMap(
    (entry) => {
      if (isOfLease(entry)) holder = entry.user;
      return entry.user === holder ? [] : [`${describe(entry)} was made while ${holder} led`];
    },
  );
}

/** An answer that carries a version which was there before the request has changed nothing. */
function hasChanged(
  { resourceVersion = 0, receivedMs }: AuditEntry,
  changes: readonly AuditEntry[],
): boolean {
  return changes.every(
    (other) => other.answeredMs >= receivedMs || (other.resourceVersion ?? 0) < resourceVersion,
  );
}

function askedByOthers(
  leaseWrites: readonly AuditEntry[],
  writes: readonly AuditEntry[],
): string[] {
  return writes.flatMap((write) => {
    const holder = leaseWrites.findLast(({ answeredMs }) => answeredMs < write.receivedMs)?.user;
    return holder === write.user
      ? []
      : [`${describe(write)} was asked for while ${holder ?? "nobody"} led`];
  });
}

function byVersion(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  return entries.toSorted((a, b) => (a.resourceVersion ?? 0) - (b.resourceVersion ?? 0));
}

function describe({ user, verb, object, status }: AuditEntry): string {
  return `${user}: ${verb} ${object} (${status})`;
}
