// What a decision is made from. `observe` fills a Snapshot from the caches and the database; `plan`
// reads nothing else. Everything is readonly and already normalised: no raw Kubernetes object, no
// connection string, no clock.

import type { WorkloadKind } from "../../api/workload-kinds.ts";
import type { Reason } from "../../api/conditions.ts";
import type { PoolPolicySpec, PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { GrantFacts, KeptGrant, RecentPlan, RefusedWrite } from "./grant-facts.ts";
import type { QuotaSetting } from "../supply/quota-settings.ts";
import type { Withheld } from "../supply/withheld.ts";
import type { ServedFacts } from "./served-facts.ts";
import type { OwnSize, PodFacts } from "./pod-facts.ts";
import type { AddressSpan, OwnSessions, SessionGroup, Sight } from "./session-facts.ts";

export type { GrantFacts, KeptGrant, RecentPlan, RefusedWrite } from "./grant-facts.ts";
export type { OwnSize, PodFacts, SizeSource } from "./pod-facts.ts";
export type { OwnSessions, SessionGroup } from "./session-facts.ts";

/** `namespace/name` of a PoolPolicy. */
export type PolicyKey = string;
/** `namespace/Kind/name`, for example `shop/Deployment/web`. */
export type WorkloadKey = string;
/** Canonical `host:port` of a database server. The unit of budgeting. */
export type ServerKey = string;

export type Delivery = "Admission" | "Template";

/**
 * A named observation that a person should know of. `blocking` stops the policy, `degraded` limits
 * it, `info` explains.
 */
export interface Finding {
  readonly reason: Reason;
  readonly message: string;
  readonly severity: "blocking" | "degraded" | "info";
}

/** What one round trip to the server yields. Limits of -1 mean "no limit". */
export interface DatabaseReading {
  readonly atMs: number;
  /** As the server counts its versions, for example 180004. */
  readonly versionNumber: number;
  /** The role that reads. */
  readonly role: string;
  /**
   * Undefined where our role may not read it. A standby has its primary's, and so has a server that
   * was restored from a backup of another.
   */
  readonly systemIdentifier: string | undefined;
  /** When the server process was started: tells servers with equal identifiers apart. */
  readonly startedAtMicroseconds: number | undefined;
  readonly isStandby: boolean;
  readonly maxConnections: number;
  /** What the server keeps from ordinary logins, in the order of its engine's settings. */
  readonly withheld: readonly Withheld[];
  readonly roleLimits: Readonly<Record<string, number>>;
  readonly databaseLimits: Readonly<Record<string, number>>;
  /** False where our role may not see where the sessions of others come from. */
  readonly seesAllSessions: boolean;
  /** Client sessions except our own one. */
  readonly sessions: readonly SessionGroup[];
  /** The session that reads, first; then those by other names of the server. */
  readonly ownSessions: readonly OwnSessions[];
  /** The application_name of our own sessions, of which everybody there may make others. */
  readonly ownName?: string;
}

/** What a reading says of the server itself. */
export type ServerWord = Omit<DatabaseReading, "sessions">;

/** Why a server could not be read. */
export interface DatabaseFailure {
  readonly reason: Reason;
  readonly message: string;
  /** Namespaces whose login it was, where it is about the login; undefined: for everybody. */
  readonly toldTo?: readonly string[];
}

export interface DatabaseFacts {
  /** The last reading that worked, if any ever did. */
  readonly reading: ServerWord | undefined;
  /** Set while the latest attempt failed. */
  readonly failure: DatabaseFailure | undefined;
  /** The last reading that worked is so old that pods may have gone since. */
  readonly isOld?: boolean;
  /**
   * Readings of the sliding window (10 min), oldest first, the latest included: sessions only.
   * Their times are of a clock that never jumps, the same as those of the spans below.
   */
  readonly sessionSamples: readonly {
    readonly atMs: number;
    /** Those of one round of readings have the same; of one that is alone: absent. */
    readonly roundMs?: number;
    readonly sessions: readonly SessionGroup[];
    /** Which of the server's names showed them. */
    readonly name?: ServerKey;
    /** So young that pods may be unheard of whose sessions it shows: for so long still. */
    readonly newForMs?: number;
    /** The most that the pods there were could hold then; undefined until it was looked at. */
    readonly fleetSlots?: number;
    /** The same by namespace. */
    readonly fleetSlotsOf?: ReadonlyMap<string, number>;
    /** By address of pods: sessions beyond their sizes that had stood there for a minute then. */
    readonly beyond?: ReadonlyMap<string, number>;
  }[];
  /** When which address was the fleet's: those that managed pods have, or had within the window. */
  readonly fleetAddresses: ReadonlyMap<string, readonly AddressSpan[]>;
  /** Of those: when no pod had the address that one had before; open while none has it again. */
  readonly vacancies?: ReadonlyMap<string, AddressSpan>;
  /** Who may be told whose sessions they are. */
  readonly sights: readonly Sight[];
}

export type RolloutStrategy = "RollingUpdate" | "Recreate" | "OnDelete";

export interface WorkloadFacts {
  readonly key: WorkloadKey;
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  /** False for one that is gone while its pods are not. */
  readonly exists: boolean;
  readonly policy: PolicyKey;
  /** Index of the entry in the policy's `workloads` that matched first. */
  readonly entry: number;
  readonly sizing: Sizing;
  /** Policies (on whichever server) that claim it; more than one means: managed by none. */
  readonly claimedBy: readonly PolicyKey[];
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
  /** Why the rollout makes no progress, in the controller's words. */
  readonly stuck: string | undefined;
  /** Non-terminating pods of the newest template, by the controller's account. */
  readonly updatedReplicas: number;
  /** Revision of the newest template's pods: empty if there can be none; undefined if not known. */
  readonly updateRevision: string | undefined;
  /** Greatest number of pods that its autoscaler may ask for; undefined without one. */
  readonly autoscalerMaxReplicas: number | undefined;
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
   * How often another writer has put the entries back, or pods have started unsized after a roll.
   */
  readonly reverts: number;
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
  /** Undefined in Template delivery, in Observe, and until the first grant. */
  readonly grant: GrantFacts | undefined;
  /** The largest pool size that a grant of another policy may give its next pod. */
  readonly otherGrantPoolSize?: number;
  /** Undefined for a workload of which no status has spoken yet. */
  readonly recentPlan?: RecentPlan;
  readonly pods: readonly PodFacts[];
  readonly findings: readonly Finding[];
}

export interface PolicyFacts {
  readonly key: PolicyKey;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly spec: PoolPolicySpec;
  readonly status: PoolPolicyStatus | undefined;
  /** The status is of another server, on which it counted until now. */
  readonly cameFromElsewhere?: true;
  /** stability.cooldown of the spec. */
  readonly cooldownMs: number;
  readonly delivery: Delivery;
  /**
   * Admission: from when on every API server is taken to act on the admission policy, which needs
   * up to half a minute after it was installed. Until then pods may start with their template's
   * size.
   */
  readonly admissionReadyAtMs?: number;
  /** Why this delivery, as a sentence. */
  readonly deliveryMessage: string;
  /**
   * The spec says Template, and the grants stay in force until every template says its size: rolls
   * write the templates meanwhile.
   */
  readonly migratingToTemplate?: boolean;
  /** Grants of workloads that the policy has no more. */
  readonly keptGrants?: readonly KeptGrant[];
  /** The role and database whose CONNECTION LIMIT counts. */
  readonly role: string | undefined;
  readonly database: string | undefined;
  /** Set while its secret or address cannot be used: nothing of it changes. */
  readonly failure: DatabaseFailure | undefined;
  readonly findings: readonly Finding[];
}

export interface Snapshot {
  readonly server: ServerKey;
  /** False until every cache has been filled since the start or the last gap. */
  readonly synced: boolean;
  /** What a dead process before this one sent may arrive until then: nothing grows or rolls. */
  readonly quietUntilMs?: number;
  /** Namespaces with pool sizes that were never read: nothing of theirs grows or is rolled. */
  readonly unreadIn?: readonly string[] | undefined;
  /** A policy may join that nobody has looked at yet: nothing grows. */
  readonly awaitedPolicy?: PolicyKey | undefined;
  readonly database: DatabaseFacts;
  readonly policies: readonly PolicyFacts[];
  readonly workloads: readonly WorkloadFacts[];
  readonly settleTimeMs: number;
  /** What each namespace may have of the server; none: whatever it is given. */
  readonly namespaceQuotas?: readonly QuotaSetting[];
  /** By namespace, whatever has become of its workloads since. */
  readonly served?: Readonly<Record<string, ServedFacts>> | undefined;
  /** The operator's owner does not allow that pods are evicted. */
  readonly isEvictionOff?: boolean;
}
