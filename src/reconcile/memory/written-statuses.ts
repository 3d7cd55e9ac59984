// What we last wrote into each policy's status, and whether somebody else keeps writing it too: a
// second installation, another version. Of one mind they write the same, and then nobody writes.
// Where they know different things (each has its own readings of the database), each would put its
// own word back as fast as the watch tells of the other's: so whoever finds its word rewritten
// waits, twice as long each time. A smaller grant waits only for seconds.

import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { Finding, PolicyFacts, PolicyKey } from "../../domain/facts/facts.ts";
import { isSameStatus } from "../same-status.ts";

const firstPauseMs = 1_000;
/** Longest pause before a status is written over somebody else's. */
const pauseMaxMs = 5 * 60_000;
/** The same where the new status makes a grant smaller. */
const shrinkPauseMaxMs = 5_000;
/** Who was rewritten more often says so first, and is left to take it back itself for so long. */
const findingStandsMs = 3 * pauseMaxMs;
/** So long after somebody else's status the sizes that he gave to running pods are seen too. */
const othersSeenMs = 10_000;
/** From this many rewrites on, people are told. */
const contestedFrom = 3;

interface Entry {
  readonly resourceVersion: string;
  readonly status: PoolPolicyStatus;
  readonly atMs: number;
  /** How often our status was written over by others before this write. */
  readonly rewrites: number;
  /** What the API server made of it: an older CRD leaves out what it does not know. */
  stored: PoolPolicyStatus;
}

/** Of somebody else, over one of ours. */
interface Others {
  /** Absent: we have written since. */
  readonly status?: PoolPolicyStatus;
  /** When it was first seen, by the monotonic clock. */
  readonly atMs: number;
}

export class WrittenStatuses {
  readonly #entries = new Map<PolicyKey, Entry>();
  readonly #others = new Map<PolicyKey, Others>();
  readonly #triedAtMs = new Map<PolicyKey, number>();

  policies(): readonly PolicyKey[] {
    return [...new Set([...this.#entries.keys(), ...this.#triedAtMs.keys()])];
  }

  forget(policy: PolicyKey): void {
    this.#entries.delete(policy);
    this.#others.delete(policy);
    this.#triedAtMs.delete(policy);
  }

  /** It is sent now, by the monotonic clock, whatever comes of it. */
  noteTry(policy: PolicyKey, nowMs: number): void {
    this.#triedAtMs.set(policy, nowMs);
  }

  /** When one was sent last; below 0: never. */
  triedAtMs(policy: PolicyKey): number {
    return this.#triedAtMs.get(policy) ?? -1;
  }

  /** Asked of each decision: whether somebody else has written another status over ours. */
  look(policy: PolicyFacts, nowMs: number): void {
    const { key, status } = policy;
    const last = this.#entries.get(key);
    // A policy that was made anew has none.
    if (!last || !status || !wasRewritten(last, policy)) return;
    const seen = this.#others.get(key)?.status;
    if (!seen || !isSameStatus(seen, status)) this.#others.set(key, { status, atMs: nowMs });
  }

  /** Until when somebody else may have given away what looks free; below 0: nobody has. */
  othersUntilMs(policy: PolicyKey): number {
    const others = this.#others.get(policy);
    return others ? others.atMs + othersSeenMs : -1;
  }

  /**
   * There is nothing to write. An API server with an older CRD leaves out what it does not know:
   * what it stored will never be what we wrote, and to write it again would bring the same, and
   * wake us, for ever.
   */
  isWritten(policy: PolicyFacts, status: PoolPolicyStatus): boolean {
    const last = this.#entries.get(policy.key);
    const isOurs = last?.resourceVersion === policy.resourceVersion;
    if (isOurs && policy.status) last.stored = policy.status;
    return isSameStatus(policy.status, status) || (isOurs && isSameStatus(last.status, status));
  }

  /** Until when `status` is not to be written, because somebody else has just written theirs. */
  heldUntilMs(policy: PolicyFacts, status: PoolPolicyStatus, nowMs: number): number {
    const last = this.#entries.get(policy.key);
    if (!last || !wasRewritten(last, policy)) return 0;
    if (saysMoreOfAnother(policy.status, status)) return last.atMs + findingStandsMs;
    const rewrites = rewritesOf(last, nowMs);
    if (rewrites === 0) return 0;
    const longestMs = makesSmaller(policy.status, status) ? shrinkPauseMaxMs : pauseMaxMs;
    return last.atMs + Math.min(pauseMs(rewrites), longestMs);
  }

  note(
    policy: PolicyFacts,
    written: { readonly resourceVersion: string; readonly status: PoolPolicyStatus },
    atMs: number,
  ): void {
    const last = this.#entries.get(policy.key);
    const before = last ? rewritesOf(last, atMs) : 0;
    const rewrites = last && wasRewritten(last, policy) ? before + 1 : before;
    this.#entries.set(policy.key, { ...written, atMs, rewrites, stored: written.status });
    const others = this.#others.get(policy.key);
    if (others) this.#others.set(policy.key, { atMs: others.atMs });
  }

  /** What people are told while somebody else keeps writing the status. */
  findingOf(policy: PolicyKey, nowMs: number): Finding | undefined {
    const last = this.#entries.get(policy);
    return last && rewritesOf(last, nowMs) >= contestedFrom ? anotherOperator : undefined;
  }
}

// Without numbers or names, so that two that say it say the same.
const anotherOperator: Finding = {
  reason: "AnotherOperator",
  severity: "degraded",
  message:
    "somebody else keeps writing this status, another installation of Poolwarden perhaps: leave " +
    "only one that watches this namespace (until then each waits longer before it writes again)",
};

/** The same as ours but for that finding: to take it away would be one more rewrite. */
function saysMoreOfAnother(
  stored: PoolPolicyStatus | undefined,
  status: PoolPolicyStatus,
): boolean {
  const findings = stored?.findings ?? [];
  const others = findings.filter(({ reason }) => reason !== anotherOperator.reason);
  return others.length < findings.length && isSameStatus({ ...stored, findings: others }, status);
}

/** Somebody has written another status since. A new spec alone changes the version, not that. */
function wasRewritten(
  { resourceVersion, stored }: Entry,
  { resourceVersion: now, status }: PolicyFacts,
): boolean {
  return now !== resourceVersion && !isSameStatus(status, stored);
}

/** What lies further back than two pauses is forgotten. */
function rewritesOf({ rewrites, atMs }: Entry, nowMs: number): number {
  return nowMs - atMs > 2 * pauseMaxMs ? 0 : rewrites;
}

function pauseMs(rewrites: number): number {
  return Math.min(firstPauseMs * 2 ** Math.min(rewrites, 20), pauseMaxMs);
}

function makesSmaller(before: PoolPolicyStatus | undefined, after: PoolPolicyStatus): boolean {
  return Object.entries(before?.grants ?? {}).some(([name, { poolSize }]) => {
    const grants = after.grants ?? {};
    return Object.hasOwn(grants, name) && (grants[name]?.poolSize ?? 0) < poolSize;
  });
}
