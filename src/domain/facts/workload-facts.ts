// What makes pods, as a decision knows it: everything that is the same for all of its pools. It is
// rolled and its pods are evicted as a whole, whatever pools they have.

import type { PickedKind } from "../../api/workload-kinds.ts";
import type { WorkloadKey } from "./fact-keys.ts";
import type { RefusedWrite } from "./grant-facts.ts";
import type { PodFacts } from "./pod-facts.ts";

export type RolloutStrategy = "RollingUpdate" | "Recreate" | "OnDelete";

export interface WorkloadFacts {
  readonly key: WorkloadKey;
  readonly kind: PickedKind;
  readonly namespace: string;
  readonly name: string;
  /** False for one that is gone while its pods are not. */
  readonly exists: boolean;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly replicas: number;
  readonly strategy: RolloutStrategy;
  /** maxSurge in pods, rounded up, for as many pods as the workload may come to have. */
  readonly surgePods: number;
  /** podReplacementPolicy TerminationComplete: a new pod waits until an old one is gone. */
  readonly waitsForTermination: boolean;
  readonly paused: boolean;
  /** A rollout is under way by the controller's own account, or a write of ours is not yet seen. */
  readonly rollingOut: boolean;
  /** Its controller has not looked at its newest version: that may have another template. */
  readonly isUnseen?: true;
  /** Why the rollout makes no progress, in the controller's words. */
  readonly stuck: string | undefined;
  /** Non-terminating pods of the newest template, by the controller's account. */
  readonly updatedReplicas: number;
  /** Revision of the newest template's pods: empty if there can be none; undefined if not known. */
  readonly updateRevision: string | undefined;
  /** Greatest number of pods that its autoscaler may ask for; undefined without one. */
  readonly autoscalerMaxReplicas: number | undefined;
  /**
   * How often another writer has put the entries back, or pods have started unsized after a roll.
   */
  readonly reverts: number;
  /** How many rolls before the last one its owner has undone, in a row. */
  readonly undone: number;
  /** When we last rolled it, by its template as well, which its owner can write. */
  readonly rolledAtMs: number | undefined;
  /** The template does not hold the time of our last roll any more: somebody has put it back. */
  readonly isRollUndone?: true;
  /** Other field managers of the pod template. */
  readonly templateManagers?: readonly string[];
  /** Kind/name of what controls it. */
  readonly owner?: string;
  /** When this process last rolled it: nobody else can say so. */
  readonly ownRollAtMs?: number;
  /** What a roll of it needs was refused lately, and why: others come first until then. */
  readonly refusedRoll?: RefusedWrite;
  /** The same of an eviction of one of its pods. */
  readonly refusedEviction?: RefusedWrite;
  /** Since when we have seen fewer pods than it asks for. */
  readonly missingSinceMs?: number;
  /** The last pod of it that this process evicted, and the pool size that it was evicted for. */
  readonly lastEviction?: {
    readonly atMs: number;
    readonly poolSize: number;
    /** How many evictions before it, in a row, brought no smaller pod. */
    readonly timesInVain: number;
  };
  readonly pods: readonly PodFacts[];
  /**
   * Those behind our scheduling gate, which are not among `pods`: nothing of them runs. None where
   * it is absent.
   */
  readonly waitingPods?: readonly PodFacts[];
}
