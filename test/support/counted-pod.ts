// A pod of a live pool, as it counts by what readings show and when they were asked for.

import type {
  DatabaseReading,
  LivePodFacts,
  PodFacts,
  SessionSample,
} from "../../src/domain/facts/facts.ts";
import type { LiveProof } from "../../src/domain/supply/live-proofs.ts";
import { type LiveClock, type LiveSizes, liveSizesOf } from "../../src/domain/supply/live-sizes.ts";
import { aDatabase, aPolicy, aReading, aSnapshot, aWorkload, pods, startMs } from "./builders.ts";

const address = "10.0.0.1";
const resizedAtMs = 1_000_000;
export const dueMs = resizedAtMs + 15_000;

interface Shown {
  readonly atMs: number;
  /** At the pod's address. */
  readonly sessions: number;
  /** The server does not say of all sessions where they come from. */
  readonly isBlind?: boolean;
  /** Whose session that is, where it is another role's. */
  readonly hiddenUser?: string;
  /** How the pod was then. */
  readonly pod?: Partial<PodFacts>;
}

function sampleOf({ atMs, sessions, isBlind = false, hiddenUser = "app" }: Shown): SessionSample {
  const common = { user: "app", database: "orders", applicationName: "" };
  return {
    atMs,
    roundMs: atMs,
    sessions: [
      { ...common, address, count: sessions },
      ...(isBlind ? [{ ...common, user: hiddenUser, address: undefined, count: 1 }] : []),
    ],
  };
}

export interface Case {
  readonly live: Partial<LivePodFacts>;
  readonly shown?: readonly Shown[];
  readonly nowMs?: number;
  /** By the cluster's clock, which says startMs now. */
  readonly startedAtMs?: number;
  readonly sizing?: Parameters<typeof aWorkload>[1];
  readonly pod?: Partial<PodFacts>;
  /** What this process has seen of it: the size before, and when it was not ready. */
  readonly known?: Partial<Pick<LiveClock, "formerSize" | "doubtedUntilMs" | "staysLive">>;
  readonly reading?: Partial<DatabaseReading>;
}

/**
 * A pod that was told 5 at `resizedAtMs` and had 20 before, unless a case says otherwise; as it
 * counts after the last of the readings, each of which was followed by a decision.
 */
export function countedPod({ shown = [], ...given }: Case): PodFacts {
  let proof: LiveProof | undefined;
  let found: PodFacts | undefined;
  for (let count = Math.min(1, shown.length); count <= shown.length; count++) {
    const { pod, proofs } = countedAfter(shown.slice(0, count), given, proof);
    proof = proofs.get(pod.uid);
    found = pod;
  }
  if (!found) throw new Error("it was counted at least once");
  return found;
}

function countedAfter(
  shown: readonly Shown[],
  { live, nowMs = dueMs, startedAtMs = 0, sizing = {}, pod = {}, known, reading }: Case,
  proof: LiveProof | undefined,
): Pick<LiveSizes, "proofs"> & { readonly pod: PodFacts } {
  const said = { size: 5, earlier: 20, resizedAtMs: startMs, touches: 0, ...live };
  const state = { ...pod, ...shown.at(-1)?.pod };
  const [one] = pods(1, { poolSize: Math.max(said.size, said.earlier), live: said, ...state });
  if (!one) throw new Error("one was built");
  const asked = { ...one, addresses: pod.addresses ?? [address] };
  const workload = aWorkload("web", { ...sizing, resize: "Live", pods: [asked] });
  const snapshot = aSnapshot({
    policies: [aPolicy()],
    workloads: [workload],
    database: aDatabase({
      reading: aReading({ startedAtMicroseconds: startedAtMs * 1_000, ...reading }),
      sessionSamples: shown.map(sampleOf),
      fleetAddresses: new Map([[address, [{ fromMs: 0, untilMs: Infinity }]]]),
    }),
  });
  const clock = {
    ...{ nowMs: startMs, monotonicMs: nowMs, restartSeenAtMs: undefined },
    ...{ resizedAtMs: () => resizedAtMs, proofOf: () => proof },
    formerSize: () => 0,
    doubtedUntilMs: () => 0,
    staysLive: () => false,
    ...known,
  };
  const { pools, proofs } = liveSizesOf(snapshot, { clock, onSeveral: new Set() });
  const found = pools[0]?.pods[0];
  if (!found) throw new Error("it is there");
  return { pod: found, proofs };
}
