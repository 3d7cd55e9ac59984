// What a decision knows of one pod.

import type { RefusedWrite } from "./grant-facts.ts";

/** Where a pod's own pool size was read. */
export type SizeSource = "annotation" | "literal" | "reference" | "setting" | "unmanaged";

/** The pool size that one pod (or a template) says. */
export interface OwnSize {
  readonly poolSize: number;
  readonly source: SizeSource;
  /**
   * Which entry holds no size, without its value: it may be a secret. Then poolSize is
   * unmanagedPoolSize.
   */
  readonly problem?: string;
  /** The library takes it for no limit: poolSize is only what it is counted as. */
  readonly unlimited?: true;
  /** Where it is set so that it wins over the variable that we write, and what stands there. */
  readonly setElsewhere?: string;
  /** What stands there is a variable that reads like the size, and ours is not set. */
  readonly isOtherName?: true;
}

/** Of a pod whose application reads its size from a file that follows the pod's annotation. */
export interface LivePodFacts {
  /** What it is told now. What it counts as is `own.poolSize`, which may be more. */
  readonly size: number;
  /** The largest size that it had before, as long as it has not verifiably left it. */
  readonly earlier?: number;
  /** When it was last given another size; undefined: it has the one that it started with. */
  readonly resizedAtMs?: number;
  /** The largest size that its annotation says it had before, left or not. */
  readonly from?: number;
  /** How often its annotations were written again since, because it did not follow. */
  readonly touches: number;
  /** Until a reading can show that it has left the earlier size; 0: any reading from now on. */
  readonly provableInMs?: number;
  /** It could have shown long ago that it has left the earlier size. */
  readonly isOverdue?: true;
  /** When a reading was asked for that has shown it at its size. */
  readonly followedAtMs?: number;
  /** What its sessions come to, where that is more than its size after the follow time. */
  readonly seen?: number;
  readonly isTouchDue?: true;
  /** It has not followed as often as it was told: it counts as what it was until it is replaced. */
  readonly isGivenUp?: true;
  readonly refused?: RefusedResize;
  /** A change of ours is sent, and nobody has seen yet what became of it. */
  readonly isPending?: true;
  /** It is resized while it runs; else only a restart brings it to its size. */
  readonly isResized?: true;
  /** Nobody can tell it another size now: its console does not answer. */
  readonly away?: AwayPod;
}

export interface AwayPod {
  /** Absent where it is too early to say. */
  readonly why?: string;
}

/** What the admin console of a pooler's pod said when it was asked last. */
export interface ConsoleFacts {
  /** The most that a pool of the usual size may open; 0: it has never answered. */
  readonly poolSize: number;
  /**
   * The size that each of its pools has verifiably come down to, and when that was asked for, by
   * the monotonic clock.
   */
  readonly within?: { readonly poolSize: number; readonly sinceMs: number };
  /** The largest size that it was found with since, although it was told a smaller one. */
  readonly exceeded?: number;
  /** A pool of another size than the usual one, by its configuration. */
  readonly ownSize?: { readonly poolSize: number; readonly where: string };
  /** Where session mode is set. */
  readonly sessionMode?: string;
  /** Why it does not answer; absent where it does. */
  readonly failure?: string;
  /** Somebody else has put its size back, lately. */
  readonly undone?: { readonly atMs: number; readonly found: number };
}

/** What the last tries to change its size came to; it may be time for the next. */
export interface RefusedResize extends RefusedWrite {
  /** In a row. */
  readonly times: number;
}

/** Where our gate stands among those of the pod. */
export interface PodGate {
  readonly place: number;
  /** The pod has no annotation at all. */
  readonly isBare?: true;
}

export interface PodFacts {
  /** `namespace/name`. */
  readonly name: string;
  readonly uid: string;
  /** One, or two where the cluster has IPv4 and IPv6; none before it has started. */
  readonly addresses: readonly string[];
  /** They are those of its node, which others have as well. */
  readonly isOnHostNetwork?: true;
  /** Of the node that it runs on: what others see where pods' addresses are translated. */
  readonly nodeAddresses?: readonly string[];
  /** pod-template-hash or controller-revision-hash. */
  readonly revision: string;
  readonly createdAtMs: number;
  readonly terminating: boolean;
  /**
   * Of a StatefulSet: its place, from 0 on. A place has one pod at a time; pods of places that are
   * not asked for are beside all others.
   */
  readonly ordinal?: number;
  /** Not all of its containers are ready. */
  readonly unready?: true;
  /** When we first saw it end. */
  readonly endingSinceMs?: number;
  /** We asked for its eviction just now, and nobody knows until then whether that was heard. */
  readonly evictionDoubtedUntilMs?: number;
  /** It came after the workload's last eviction. */
  readonly isSinceEviction?: true;
  /** The size in its own spec. */
  readonly own: OwnSize;
  /** True when it carries our annotation. A pod without it started unsized. */
  readonly sized: boolean;
  /** It carries our annotation of another pool: the admission policy has reached it. */
  readonly sizedBeside?: true;
  /** Its size is not ours: it started without our annotation, or with a larger size beside it. */
  readonly sizedByOthers?: true;
  /** It can be resized while it runs. */
  readonly live?: LivePodFacts;
  /** Of a pooler that is followed on its console; absent before it was asked. */
  readonly console?: ConsoleFacts;
  /** It waits behind our scheduling gate, and holds nothing. */
  readonly gate?: PodGate;
  /** It waited behind it, and was released. */
  readonly cameThroughGate?: true;
  /** Of a workload of this name that was deleted: nothing that starts now waits for it. */
  readonly isOfPredecessor?: true;
}
