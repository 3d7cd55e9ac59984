// What this process knows of live pods beyond their annotations. Of a resize that it has sent and
// that the watch has not shown yet, answered or not: the pod counts with the larger of both sizes,
// and is given no other one. Of the time of a resize: when it was first seen, by a clock that never
// jumps, because the pod's own word was written by somebody's wall clock. An old one is believed,
// so that a new leader need not wait once more. Of each pod what readings have proven, which size
// it had before, whoever changed that, and when it was last not ready.

import type {
  LivePodFacts,
  PodFacts,
  PoolFacts,
  ServerKey,
  Snapshot,
} from "../../domain/facts/facts.ts";
import { heldOnceTold } from "../../domain/demand/live-pods.ts";
import type { LiveProof } from "../../domain/supply/live-proofs.ts";
import type { LiveClock } from "../../domain/supply/live-sizes.ts";
import { reopenedWithinMs } from "../../domain/supply/proving-rounds.ts";
import { ConsoleWords } from "./console-words.ts";
import type { Now } from "./fleet-addresses.ts";
import { LiveWords } from "./live-words.ts";
import { RefusedResizes } from "./refused-resizes.ts";

/** Where nothing grows on older caches, the watch has shown by then what became of a request. */
const doubtMs = 200_000;
/** No clock of a cluster is as wrong: what is older by its own word is old. */
const doubtfulForMs = 60_000;

/** A size on its way to a pod. */
export interface Sent {
  readonly poolSize: number;
  /** As the pod's annotation says it. */
  readonly resizedAtMs: number;
  readonly touches: number;
  readonly sentAtMs: number;
}

/** A pod since it was first seen with the size that it has. */
interface SeenPod {
  readonly size: number;
  /** As the pod's annotation says it; undefined: it was never resized. */
  readonly resizedAtMs: number | undefined;
  /** By the monotonic clock. */
  readonly sinceMs: number;
  /** The largest that it was seen with before, and was not proven to have left. */
  readonly formerSize: number;
  /** That it has left its earlier sizes. */
  readonly proof?: LiveProof;
  readonly wasReady: boolean;
  /** Rounds that were asked for before prove nothing of it. */
  readonly doubtedUntilMs: number;
}

interface SeenServer {
  readonly pods: ReadonlyMap<string, SeenPod>;
  readonly startedAt: number | undefined;
  /** By the monotonic clock; undefined: it has been the same since it was seen first. */
  readonly restartSeenAtMs: number | undefined;
}

export class LiveMemory {
  readonly refused = new RefusedResizes();
  readonly words = new LiveWords();
  readonly #consoles: ConsoleWords;
  readonly #sent = new Map<string, readonly Sent[]>();
  readonly #seen = new Map<ServerKey, SeenServer>();

  constructor(consoles = new ConsoleWords()) {
    this.#consoles = consoles;
  }

  /** No policy stands there any more. */
  forgetServer(server: ServerKey): void {
    this.#seen.delete(server);
    this.words.forgetServer(server);
  }

  /** `uid`: of the pod. */
  noteSent(uid: string, sent: Sent): void {
    this.#sent.set(uid, [...(this.#sent.get(uid) ?? []), sent]);
  }

  /** The answer said that nothing was done. Of what was sent before nobody knows still. */
  forgetSent(uid: string, sent: Sent): void {
    this.#keepSent(uid, (one) => one !== sent);
  }

  /** Pools with what was written to their pods: what is not seen yet, and what was refused. */
  withWritten(pools: readonly PoolFacts[], now: Now): readonly PoolFacts[] {
    const heard = this.#consoles.within(pools, now);
    return this.#withSent(this.refused.within(heard, now), now);
  }

  #withSent(pools: readonly PoolFacts[], { monotonicMs }: Now): readonly PoolFacts[] {
    if (this.#sent.size === 0) return pools;
    for (const uid of this.#sent.keys()) {
      this.#keepSent(uid, ({ sentAtMs }) => monotonicMs < sentAtMs + doubtMs);
    }
    return pools.map((given) => {
      const pool = this.#withReleased(given);
      if (!pool.pods.some(({ uid }) => this.#sent.has(uid))) return pool;
      return { ...pool, pods: pool.pods.map((pod) => this.#asSent(pod)) };
    });
  }

  /** Pods that wait by all that is seen, and of which a release was sent, count as started. */
  #withReleased(pool: PoolFacts): PoolFacts {
    const { waitingPods = [], ...rest } = pool;
    const isSent = ({ uid }: PodFacts): boolean => this.#sent.has(uid);
    if (!waitingPods.some(isSent)) return pool;
    const released = waitingPods.filter(isSent).map(asStarted);
    const waiting = waitingPods.filter((pod) => !isSent(pod));
    return {
      ...{ ...rest, pods: [...pool.pods, ...released] },
      ...(waiting.length > 0 && { waitingPods: waiting }),
    };
  }

  /** Of one server and its pods: those of before that are gone are forgotten. */
  clockFor({ server, workloads, database }: Snapshot, now: Now): LiveClock {
    const before = this.#seen.get(server);
    const pods = new Map<string, SeenPod>();
    for (const pod of workloads.flatMap((pool) => pool.pods)) {
      const seen = seenOf(pod, before && (before.pods.get(pod.uid) ?? "new"), now);
      if (seen) pods.set(pod.uid, seen);
    }
    const start = startOf(database.reading?.startedAtMicroseconds, before, now);
    // Without live pods as well: the first that come then are known to be new.
    this.#seen.set(server, { pods, ...start });
    return {
      ...now,
      restartSeenAtMs: start.restartSeenAtMs,
      resizedAtMs: ({ uid }) => pods.get(uid)?.sinceMs ?? now.monotonicMs,
      proofOf: ({ uid }) => pods.get(uid)?.proof,
      formerSize: ({ uid }) => pods.get(uid)?.formerSize ?? 0,
      doubtedUntilMs: ({ uid }) => pods.get(uid)?.doubtedUntilMs ?? -Infinity,
      staysLive: (pool) => this.words.staysLive(server, pool, now.monotonicMs),
    };
  }

  /** `proofs`: by pod, its uid, what its clock tells from now on. */
  noteProofs(server: ServerKey, proofs: ReadonlyMap<string, LiveProof>): void {
    const seen = this.#seen.get(server);
    if (!seen || proofs.size === 0) return;
    const pods = new Map(seen.pods);
    for (const [uid, proof] of proofs) {
      const pod = pods.get(uid);
      if (pod) pods.set(uid, { ...pod, proof });
      this.#consoles.noteProof(uid, proof.askedAtMs);
    }
    this.#seen.set(server, { ...seen, pods });
  }

  #keepSent(uid: string, isKept: (sent: Sent) => boolean): void {
    const kept = (this.#sent.get(uid) ?? []).filter(isKept);
    if (kept.length > 0) this.#sent.set(uid, kept);
    else this.#sent.delete(uid);
  }

  #asSent(pod: PodFacts): PodFacts {
    const { live, own, uid } = pod;
    if (!live) return pod;
    this.#keepSent(uid, (sent) => !isSeen(live, sent));
    const sent = this.#sent.get(uid) ?? [];
    if (sent.length === 0) return pod;
    const most = Math.max(...sent.map(({ poolSize }) => poolSize));
    const size = Math.max(live.size, most);
    const counted = { ...own, poolSize: Math.max(own.poolSize, most) };
    return { ...pod, own: counted, live: { ...live, size, isPending: true } };
  }
}

/** What it holds is what was sent, and what else counts for it. */
function asStarted(pod: PodFacts): PodFacts {
  const live = { size: 0, touches: 0 };
  const own = { ...pod.own, poolSize: heldOnceTold(pod, 0) };
  return { ...pod, own, live, cameThroughGate: true };
}

/** The watch has shown it, or what came after it. */
function isSeen({ resizedAtMs = 0, touches }: LivePodFacts, sent: Sent): boolean {
  if (resizedAtMs !== sent.resizedAtMs) return resizedAtMs > sent.resizedAtMs;
  return touches >= sent.touches;
}

/** `before`: undefined where the server was not looked at before. */
function seenOf(pod: PodFacts, before: SeenPod | "new" | undefined, now: Now): SeenPod | undefined {
  const { live } = pod;
  if (!live) return undefined;
  const last = before === "new" ? undefined : before;
  const sight = last && isSameSize(last, live) ? last : newlySeen(live, last, now);
  const wasReady = before === undefined || !isYoung(pod, now);
  const readiness = last ?? { wasReady, doubtedUntilMs: -Infinity };
  return { ...sight, ...readinessOf(pod, readiness, now) };
}

/**
 * What was there before this process, or was out of its sight for a while, may have been ready. So
 * may one that is older than the clocks of a cluster can differ.
 */
function isYoung({ createdAtMs }: PodFacts, { nowMs }: Now): boolean {
  return nowMs < createdAtMs + doubtfulForMs;
}

type Readiness = Pick<SeenPod, "wasReady" | "doubtedUntilMs">;

/** Before it is ready for the first time it has lost nothing. */
function readinessOf(
  { unready }: PodFacts,
  { wasReady, doubtedUntilMs }: Readiness,
  { monotonicMs }: Now,
): Readiness {
  if (unready !== true) return { wasReady: true, doubtedUntilMs };
  return { wasReady, doubtedUntilMs: wasReady ? monotonicMs + reopenedWithinMs : doubtedUntilMs };
}

type Sight = Pick<SeenPod, "size" | "resizedAtMs" | "sinceMs" | "formerSize" | "proof">;

/** A size that was changed by hand has the time of our last resize. */
function isSameSize(before: SeenPod, { size, resizedAtMs }: LivePodFacts): boolean {
  return before.resizedAtMs === resizedAtMs && before.size === size;
}

function newlySeen(
  { size, resizedAtMs }: LivePodFacts,
  before: SeenPod | undefined,
  { nowMs, monotonicMs }: Now,
): Sight {
  const ageMs = nowMs - (resizedAtMs ?? nowMs);
  const isOld = ageMs >= doubtfulForMs && before === undefined;
  const sinceMs = isOld ? monotonicMs - ageMs : monotonicMs;
  const unproven = before?.proof ? 0 : (before?.formerSize ?? 0);
  return { size, resizedAtMs, sinceMs, formerSize: Math.max(before?.size ?? 0, unproven) };
}

function startOf(
  said: number | undefined,
  before: SeenServer | undefined,
  { monotonicMs }: Now,
): Omit<SeenServer, "pods"> {
  const startedAt = said ?? before?.startedAt;
  const isSame = before?.startedAt === undefined || startedAt === before.startedAt;
  return { startedAt, restartSeenAtMs: isSame ? before?.restartSeenAtMs : monotonicMs };
}
