// One pool of a workload, as a decision knows it: the connections that each process of its pods
// opens to a server under one set of variables. It is what is sized: shares, grants, claims and
// rows are a pool's; rolls, evictions and pods are its workload's. A workload has one,
// `main`, and further ones where entries of its policies name them.

import type { PoolKey } from "../../api/keys.ts";
import type { Lifetime } from "../../api/lifetimes.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { PolicyKey } from "./fact-keys.ts";
import type { Finding } from "./finding.ts";
import type { GrantFacts, RecentPlan } from "./grant-facts.ts";
import type { OwnSize } from "./pod-facts.ts";
import type { SaidUse } from "./use-facts.ts";
import type { WorkloadFacts } from "./workload-facts.ts";

export type { PoolKey } from "../../api/keys.ts";

/** With what is known of its workload. */
export interface PoolFacts extends WorkloadFacts {
  readonly poolKey: PoolKey;
  readonly policy: PolicyKey;
  /** Index of the entry in the policy's `workloads` that matched first; -1: there is none now. */
  readonly entry: number;
  /** No entry names it any more, and its pods run: it is counted, and nobody sizes it. */
  readonly isReleased?: true;
  /** `manage: Count`: it is on the ledger, and nothing is written to its pods. */
  readonly isCounted?: true;
  readonly sizing: Sizing;
  /** Its entry asks for it, the API server sizes its pods, and we may patch them. */
  readonly resize?: "Live";
  /** And that its new pods wait behind a gate until their slots are there. */
  readonly start?: "WhenSlotsAreFree";
  /**
   * Of a live pooler, which has no follower of its own: each pod is told its size on its admin
   * console. Lacking: its entry gives no login for that. Useless: its size is another setting.
   */
  readonly console?: "Followed" | "Lacking" | "Useless";
  /** Its pods are resized while they run: what they hold can be told from their sessions. */
  readonly live?: true;
  /** It is so although the latest readings cannot tell: nothing that they show proves anything. */
  readonly isLiveInDoubt?: true;
  /** By the last status of its policy, of this server. */
  readonly wasLive?: true;
  /** Policies (on whichever server) that claim it; more than one means: managed by none. */
  readonly claimedBy: readonly PolicyKey[];
  /** As the policy's entry says. */
  readonly plannedPods: "Autoscaler" | "Current" | undefined;
  readonly maxPods: number | undefined;
  /** Name of the container that is sized; undefined with a blocking finding in `findings`. */
  readonly container: string | undefined;
  /** The size that the template itself says: what a pod gets that we do not size. */
  readonly template: OwnSize;
  /** Template delivery: the template's entries are exactly what its own pool size asks for. */
  readonly templateIsWhole: boolean;
  /** Template delivery: other field managers of our entries. */
  readonly otherManagers: readonly string[];
  /** The pool size that we last wrote into the template, if ever. */
  readonly writtenPoolSize: number | undefined;
  /**
   * What the last roll wrote into the template, as far as the last status or this process knows.
   */
  readonly rolledPoolSize?: number;
  /**
   * Template delivery: the larger size of an earlier template, whose rollout is not over. A
   * ReplicaSet of that template may still start the pods that it is short of.
   */
  readonly replacedPoolSize?: number;
  /** The size that somebody else gave it, where that is above the profile's ceiling. */
  readonly foundPoolSize?: number;
  /** Of the sizing's extra connections: those that the entry does not know of. */
  readonly connectionsBeside?: number;
  /** The template sets a minimum: its pools start with no smaller size. */
  readonly leastPoolSize?: number;
  /** Undefined in Template delivery, in Observe, and until the first grant. */
  readonly grant: GrantFacts | undefined;
  /** The largest pool size that a grant of another policy may give its next pod. */
  readonly otherGrantPoolSize?: number;
  /** Undefined for a workload of which no status has spoken yet. */
  readonly recentPlan?: RecentPlan;
  /** How long it keeps a connection, where the server closes idle ones and it can be told. */
  readonly lifetime?: PoolLifetime;
  /** What one of its pods has at work; undefined until enough was seen. */
  readonly use?: SaidUse;
  readonly findings: readonly Finding[];
}

export interface PoolLifetime extends Pick<Lifetime, "setting" | "unitMs" | "leastMs"> {
  /** Of the setting, as the container has it. */
  readonly variable: string;
  /** 0: for ever. */
  readonly lifetimeMs: number;
  /** Nothing says it: it is the library's own. */
  readonly isUsual: boolean;
}
