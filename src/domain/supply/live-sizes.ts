// What a live pod counts as: the largest of its size now, of every earlier size that it has not
// verifiably left, and of the sessions that the server shows for it. It has left its earlier sizes
// when a reading that was asked for after the follow time proves it (live-proofs.ts). So nothing
// that a shrink frees is given on because an annotation says so: the server has to show it. A pod
// that shows more is touched again, because a kubelet now and then does not write the file; after
// that it is given up, which its annotation says: it counts as what it was until it is replaced,
// however few sessions it shows at a quiet hour.

import { followTimeMs, goesByItsSize, heldOnceTold, touchesMax } from "../demand/live-pods.ts";
import { divideCeil } from "../demand/slots.ts";
import type {
  Finding,
  LivePodFacts,
  PodFacts,
  PoolFacts,
  PoolKey,
  Snapshot,
  WorkloadKey,
} from "../facts/facts.ts";
import { type LiveObstacle, liveObstacle } from "./live-pools.ts";
import { type LiveProof, mostAfter, provenAtMs, type ShownRound } from "./live-proofs.ts";
import { answers, awayFrom, consoleTerms } from "./pooler-consoles.ts";
import {
  type ProvingRound,
  provingRounds,
  reopenedWithinMs,
  type ServerClock,
} from "./proving-rounds.ts";
import type { Round } from "./rounds.ts";

/** By the clock of the readings. */
export interface LiveClock extends ServerClock {
  /** When the pod got the size that it has now, or was first seen with it. */
  readonly resizedAtMs: (pod: PodFacts) => number;
  /** That it has left its earlier sizes. */
  readonly proofOf: (pod: PodFacts) => LiveProof | undefined;
  /** The largest size that it was seen with before and has not left; 0: none. */
  readonly formerSize: (pod: PodFacts) => number;
  /** It was not ready lately: rounds that were asked for before prove nothing. */
  readonly doubtedUntilMs: (pod: PodFacts) => number;
  /** Although readings cannot tell its sessions by pod just now. */
  readonly staysLive: (pool: PoolFacts) => boolean;
}

export interface SceneOfReadings {
  readonly clock: LiveClock;
  /** Workloads with pools on another server as well. */
  readonly onSeveral: ReadonlySet<WorkloadKey>;
}

export interface LiveSizes {
  /** With live pods as they count; the same ones where there are none. */
  readonly pools: readonly PoolFacts[];
  /** By pod, its uid. */
  readonly proofs: ReadonlyMap<string, LiveProof>;
  /** Live pools of which a pod has sessions at its own address. */
  readonly told: ReadonlySet<PoolKey>;
}

export function liveSizesOf(snapshot: Snapshot, { clock, onSeveral }: SceneOfReadings): LiveSizes {
  const { workloads } = snapshot;
  const proofs = new Map<string, LiveProof>();
  const hasAny = workloads.some(({ resize, pods }) => resize === "Live" || pods.some(isLive));
  if (!hasAny) return { pools: workloads, proofs, told: new Set() };
  const proving = provingRounds(snapshot, clock);
  const pools = workloads.map((pool) => {
    const judged = withWord(pool, snapshot, { clock, onSeveral });
    if (!judged.pods.some(isLive)) return judged;
    const scene = { rounds: proving.of(judged), clock, proofs };
    return { ...judged, pods: judged.pods.map((pod) => counted(pod, judged, scene)) };
  });
  return { pools, proofs, told: toldIn(pools, proving.rounds.at(-1)) };
}

function toldIn(pools: readonly PoolFacts[], latest: Round | undefined): ReadonlySet<PoolKey> {
  const hasOwn = ({ addresses, isOnHostNetwork }: PodFacts): boolean =>
    isOnHostNetwork !== true && addresses.some((one) => (latest?.countAt.get(one) ?? 0) > 0);
  const isHeard = ({ console, pods }: PoolFacts): boolean =>
    console !== "Followed" || pods.some(answers);
  const told = pools.filter((pool) => {
    return pool.live === true && pool.pods.some(hasOwn) && isHeard(pool);
  });
  return new Set(told.map(({ poolKey }) => poolKey));
}

function isLive({ live }: PodFacts): boolean {
  return live !== undefined;
}

/** Whether its pods can be resized while they run, and if not, why. */
function withWord(
  pool: PoolFacts,
  snapshot: Snapshot,
  { clock, onSeveral }: SceneOfReadings,
): PoolFacts {
  if (pool.resize !== "Live" || !pool.exists) return pool;
  const isOnSeveral = onSeveral.has(pool.key);
  const obstacle = liveObstacle(pool, snapshot, { nowMs: clock.nowMs, isOnSeveral });
  if (!obstacle) return { ...pool, live: true };
  const isKept = obstacle.isOfReadings && clock.staysLive(pool);
  const message = isKept ? sayInDoubt(obstacle) : sayNotLive(obstacle);
  const finding: Finding = { reason: "CannotBeLive", severity: "degraded", message };
  const findings = [...pool.findings, finding];
  return isKept ? { ...pool, findings, live: true, isLiveInDoubt: true } : { ...pool, findings };
}

function sayNotLive({ why }: LiveObstacle): string {
  return `cannot be resized while its pods run: ${why}. Its pods get new sizes by rollouts`;
}

function sayInDoubt({ why }: LiveObstacle): string {
  return (
    `its pods cannot show that they have shrunk: ${why}. What they give back stays reserved for ` +
    "them; if that lasts for a day, its pods get new sizes by rollouts"
  );
}

interface Scene {
  readonly rounds: readonly ProvingRound[];
  readonly clock: LiveClock;
  /** Filled as pods are counted. */
  readonly proofs: Map<string, LiveProof>;
}

function counted(pod: PodFacts, pool: PoolFacts, { rounds, clock, proofs }: Scene): PodFacts {
  const { live, own } = pod;
  if (!live) return pod;
  const shown = rounds.map((round) => shownBy(round, pod, pool));
  const sinceMs = clock.resizedAtMs(pod);
  const proof = isGivenUp(live) ? undefined : proofOf(pod, live, { pool, shown, clock });
  if (proof) proofs.set(pod.uid, proof);
  const { held, unproven } = heldBy(pod, live, { pool, shown, clock, sinceMs, proof });
  const away = awayFrom(pool, pod, clock.nowMs);
  const said = sayingOf(shown, live, { sinceMs, hasLeft: unproven <= live.size });
  return {
    ...pod,
    own: { ...own, poolSize: heldOnceTold(pod, Math.max(live.size, held)) },
    live: {
      ...withoutEarlier(live),
      ...(held > live.size && { earlier: held, ...whenProvable(sinceMs, clock) }),
      ...said,
      ...followedSince(proof),
      ...(pool.live === true && isResizable(pod, live) ? { isResized: true as const } : {}),
      ...(away && { away }),
    },
  };
}

/** As long as it takes to tell it so often, and for an idle pod to show that it is idle. */
const provenWithinMs = followTimeMs * (touchesMax + 1) + reopenedWithinMs;

function whenProvable(
  sinceMs: number,
  clock: LiveClock,
): Pick<LivePodFacts, "provableInMs" | "isOverdue"> {
  const isOverdue = clock.monotonicMs >= sinceMs + provenWithinMs;
  return { provableInMs: msUntil(sinceMs, clock), ...(isOverdue && { isOverdue }) };
}

function provenSince(proof: LiveProof | undefined, sinceMs: number): number {
  return proof ? proof.askedAtMs : sinceMs;
}

function followedSince(proof: LiveProof | undefined): Pick<LivePodFacts, "followedAtMs"> {
  return proof ? { followedAtMs: proof.atMs } : {};
}

function isResizable(pod: PodFacts, live: LivePodFacts): boolean {
  return goesByItsSize(pod) && !isGivenUp(live);
}

interface ProofScene {
  readonly pool: PoolFacts;
  readonly shown: readonly ShownRound[];
  readonly clock: LiveClock;
}

interface HeldScene extends ProofScene {
  readonly sinceMs: number;
  readonly proof: LiveProof | undefined;
}

/** What it may hold; and of that, what it has not proven to have left. */
function heldBy(
  pod: PodFacts,
  { earlier = 0 }: LivePodFacts,
  { pool, shown, clock, sinceMs, proof }: HeldScene,
): { readonly held: number; readonly unproven: number } {
  const { poolSize: ofConsole, exceeded } = consoleTerms(pool, pod);
  const unproven = proof ? 0 : Math.max(earlier, clock.formerSize(pod), exceeded);
  const shownMost = Math.max(mostAfter(shown, provenSince(proof, sinceMs)), latestOf(shown));
  return { held: Math.max(unproven, shownMost, ofConsole), unproven };
}

function proofOf(
  pod: PodFacts,
  { size }: LivePodFacts,
  { pool, shown, clock }: ProofScene,
): LiveProof | undefined {
  const before = clock.proofOf(pod);
  if (pool.isLiveInDoubt === true) return before;
  const followedMs = clock.resizedAtMs(pod) + followTimeMs;
  const { dueMs: consoleMs, exceeded } = consoleTerms(pool, pod);
  const dueMs = Math.max(followedMs, clock.doubtedUntilMs(pod), consoleMs);
  // What was proven before its size was put back is proven no more.
  const isVoid = exceeded > 0 && before !== undefined && before.askedAtMs < consoleMs;
  const last = isVoid ? undefined : before;
  const askedAtMs = provenAtMs(shown, pod, { size, dueMs, before: last?.askedAtMs });
  if (askedAtMs === undefined || askedAtMs === last?.askedAtMs) return last;
  return { askedAtMs, atMs: clock.nowMs - (clock.monotonicMs - askedAtMs) };
}

/** Its annotation says so, because that has to outlive this operator. */
function isGivenUp({ touches }: LivePodFacts): boolean {
  return touches > touchesMax;
}

/** In pool sizes. */
function shownBy(
  { askedAtMs, isWhole, countAt }: ProvingRound,
  { addresses }: PodFacts,
  { sizing }: PoolFacts,
): ShownRound {
  const sessions = addresses.reduce((sum, address) => sum + (countAt.get(address) ?? 0), 0);
  const ofPools = Math.max(0, sessions - sizing.extraConnectionsPerPod);
  const { processesPerPod } = sizing;
  const poolSize = divideCeil(ofPools, processesPerPod);
  return { askedAtMs, isWhole, poolSize, mostPoolSize: divideCeil(sessions, processesPerPod) };
}

function latestOf(shown: readonly ShownRound[]): number {
  return shown.at(-1)?.poolSize ?? 0;
}

function msUntil(sinceMs: number, { monotonicMs }: LiveClock): number {
  return Math.max(0, sinceMs + followTimeMs - monotonicMs);
}

function withoutEarlier(live: LivePodFacts): LivePodFacts {
  const { earlier, ...others } = live;
  return earlier === undefined ? live : others;
}

type Saying = Pick<LivePodFacts, "seen" | "isTouchDue" | "isGivenUp">;

/** For a moment a pool may replace a session before the old one is gone. */
function sayingOf(
  shown: readonly ShownRound[],
  live: LivePodFacts,
  { sinceMs, hasLeft }: { readonly sinceMs: number; readonly hasLeft: boolean },
): Saying {
  if (isGivenUp(live)) return { isGivenUp: true };
  const { size, touches, resizedAtMs } = live;
  const [latest, before] = [shown.at(-1), shown.at(-2)];
  const isOver = (one: ShownRound | undefined): boolean =>
    one !== undefined && one.askedAtMs >= sinceMs + followTimeMs && one.poolSize > size;
  if (!latest || resizedAtMs === undefined || !isOver(latest)) return {};
  if (hasLeft && !isOver(before)) return {};
  const isDue = latest.askedAtMs >= sinceMs + followTimeMs * (touches + 1);
  return { seen: latest.poolSize, ...(isDue && { isTouchDue: true as const }) };
}
