// What a decision is made from. `observe` fills a Snapshot from the caches and the database; `plan`
// reads nothing else. Everything is readonly and already normalised: no raw Kubernetes object, no
// connection string, no clock.

import type { Reason } from "../../api/conditions.ts";
import type { EngineName } from "../../api/engines.ts";
import type { PoolPolicySpec, PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { WorkloadKind } from "../../api/workload-kinds.ts";
import type { PolicyKey, ServerKey } from "./fact-keys.ts";
import type { Finding } from "./finding.ts";
import type { KeptGrant } from "./grant-facts.ts";
import type { QuotaSetting } from "../supply/quota-settings.ts";
import type { Withheld } from "../supply/withheld.ts";
import type { ServedFacts } from "./served-facts.ts";
import type { PoolFacts } from "./pool-facts.ts";
import type { AddressSpan, HeldBy, OwnSessions, SessionGroup, Sight } from "./session-facts.ts";

export type { GrantFacts, KeptGrant, RecentPlan, RefusedWrite } from "./grant-facts.ts";
export type { Finding } from "./finding.ts";
export type { PolicyKey, ServerKey, WorkloadKey } from "./fact-keys.ts";
export type {
  AwayPod,
  ConsoleFacts,
  LivePodFacts,
  OwnSize,
  PodFacts,
  PodGate,
  RefusedResize,
  SizeSource,
} from "./pod-facts.ts";
export type { PoolFacts, PoolKey } from "./pool-facts.ts";
export type { ClientsAtWork, OwnSessions, SessionGroup, Sight, WorkSeen } from "./session-facts.ts";
export type { SaidUse } from "./use-facts.ts";
export type { RolloutStrategy, WorkloadFacts } from "./workload-facts.ts";

export type Delivery = "Admission" | "Template";

/** What one round trip to the server yields. Limits of -1 mean "no limit". */
export interface DatabaseReading {
  readonly atMs: number;
  /** As the server counts its versions, for example 180004. */
  readonly versionNumber: number;
  /** The role that reads. */
  readonly role: string;
  /** As the server names it in a GRANT, where that is more than the role: MySQL's `user@host`. */
  readonly account?: string;
  /**
   * Undefined where our role may not read it. A standby has its primary's, and so has a server that
   * was restored from a backup of another.
   */
  readonly systemIdentifier: string | undefined;
  /** When the server process was started: tells servers with equal identifiers apart. */
  readonly startedAtMicroseconds: number | undefined;
  /**
   * Of a pooler, which does not say when it was started: when one of its pods was last connected to
   * anew, or was gone. By the monotonic clock.
   */
  readonly podsChangedAtMs?: number;
  readonly isStandby: boolean;
  readonly maxConnections: number;
  /** After which it closes sessions that do nothing; absent: never, or it was not asked. */
  readonly idleTimeoutSeconds?: number;
  /** What the server keeps from ordinary logins, in the order of its engine's settings. */
  readonly withheld: readonly Withheld[];
  readonly roleLimits: Readonly<Record<string, number>>;
  readonly databaseLimits: Readonly<Record<string, number>>;
  /** Of a role on one database, which a pooler has a pool for; see pairNameOf. */
  readonly pairLimits?: Readonly<Record<string, number>>;
  /** Which setting a limit comes from, where that is not the engine's one; see limitName. */
  readonly limitSettings?: Readonly<Record<string, string>>;
  /** Of a pooler: the servers that it opens connections to, the largest first. */
  readonly behind?: readonly ServerBehind[];
  /** False where our role may not see where the sessions of others come from. */
  readonly seesAllSessions: boolean;
  /** There is more than is read, by what clients do: some only count (no user, no address). */
  readonly isInPart?: true;
  /** It shows the names of clients' machines in place of their addresses. */
  readonly showsHostNames?: true;
  /**
   * Of a pooler: what was read may be a part of it. Behind the address of a Service may be several
   * pods, and on one port several processes.
   */
  readonly mayBePart?: "OnePod" | "OneProcess";
  /** A pooler stands between: what it limits is not what was read. */
  readonly isThroughPooler?: true;
  /** The login that reads was made with MD5. */
  readonly isLoginByMd5?: true;
  /** Of a cluster whose other nodes have limits of their own. */
  readonly isClusterNode?: true;
  /** Client sessions except our own one. */
  readonly sessions: readonly SessionGroup[];
  /** The session that reads, first; then those by other names of the server. */
  readonly ownSessions: readonly OwnSessions[];
  /** The application_name of our own sessions, of which everybody there may make others. */
  readonly ownName?: string;
}

/** What a pooler may open to one server, with all of its pods. */
export interface ServerBehind {
  /** How many processes of the pooler were read, and how many entries of each lead there. */
  readonly processes: number;
  readonly entries: number;
  /** host:port as the pooler's configuration says it, whatever that is. */
  readonly server: string;
  /** The most connections; -1: there is no limit. */
  readonly maySlots: number;
  readonly openSlots: number;
  /** In session mode: a client that works holds one until it leaves. */
  readonly isSession: boolean;
  /** Nobody has read the pooler: what it may open is not known, and its mode is assumed. */
  readonly isAssumed?: true;
}

/** The same with what is known of that server. */
export interface TierBehind extends ServerBehind {
  readonly known?: KnownBehind;
}

export interface KnownBehind {
  readonly server: ServerKey;
  readonly maxConnections: number;
  /** What of it applications can get. */
  readonly slots: number;
  /** What was read, now or before the operator started; none where it is only declared. */
  readonly read?: Pick<KnownBehind, "maxConnections" | "slots"> | undefined;
  /** Namespaces with a login there, who may be told. */
  readonly toldTo: readonly string[];
  /** A policy that counts there, and so may size the pooler; none: nobody does. */
  readonly policy?: PolicyKey;
}

/** What a reading says of the server itself. */
export type ServerWord = Omit<DatabaseReading, "sessions">;

/** Why a server could not be read. */
export interface DatabaseFailure {
  readonly reason: Reason;
  readonly message: string;
  /** Namespaces whose login it was, where it is about the login; undefined: for everybody. */
  readonly toldTo?: readonly string[];
  /** A read replica has not been asked yet: it will be in a moment. */
  readonly isReplicaUnread?: true;
}

/** The sessions of one reading, and what was known of the fleet when it was made. */
export interface SessionSample {
  readonly atMs: number;
  /** Those of one round of readings have the same; of one that is alone: absent. */
  readonly roundMs?: number;
  readonly sessions: readonly SessionGroup[];
  /** It shows of some only that they are there, although our role may see all. */
  readonly isInPart?: true;
  /** Which of the server's names showed them. */
  readonly name?: ServerKey;
  /** So young that pods may be unheard of whose sessions it shows: for so long still. */
  readonly newForMs?: number;
  /** The most that the pods there were could hold then; undefined until it was looked at. */
  readonly fleetSlots?: number;
  /** The same by namespace. */
  readonly fleetSlotsOf?: ReadonlyMap<string, number>;
  /** The same by policy, and by the address of their node. */
  readonly fleetSlotsBy?: HeldBy;
  /**
   * By login: sessions that are the fleet's by it and were so without a break, whatever its pods
   * can hold by now. Of a reading that nobody has sorted yet: those that the one before showed at
   * the same addresses.
   */
  readonly claimed?: ReadonlyMap<string, number>;
  /**
   * By policy: what pods could hold then that were not ready: they may have had none of their
   * sessions.
   */
  readonly unreadySlotsOf?: ReadonlyMap<PolicyKey, number>;
  /** By login: how many the reading before showed that no pod held. */
  readonly unheldBefore?: ReadonlyMap<string, number>;
  /** The same at most; a login that is not there: no reading before was sorted by it. */
  readonly mostUnheldBefore?: ReadonlyMap<string, number>;
  /** When the youngest pod was created that was heard of then; undefined: nobody has looked. */
  readonly newestPodMs?: number;
  /** By address of pods: sessions beyond their sizes that had stood there for a minute then. */
  readonly beyond?: ReadonlyMap<string, number>;
}

export interface DatabaseFacts {
  /** The last reading that worked, if any ever did. */
  readonly reading: ServerWord | undefined;
  /** Set while the latest attempt failed. */
  readonly failure: DatabaseFailure | undefined;
  /** Its name leads to so many servers by turns: each reading is of one of them. */
  readonly serversByTurns?: number;
  /** The last reading that worked is so old that pods may have gone since. */
  readonly isOld?: boolean;
  /**
   * Readings of the sliding window (10 min), oldest first, the latest included: sessions only.
   * Their times are of a clock that never jumps, the same as those of the spans below.
   */
  readonly sessionSamples: readonly SessionSample[];
  /** When which address was the fleet's: those that managed pods have, or had within the window. */
  readonly fleetAddresses: ReadonlyMap<string, readonly AddressSpan[]>;
  /** Of those: when no pod had the address that one had before; open while none has it again. */
  readonly vacancies?: ReadonlyMap<string, AddressSpan>;
  /** Addresses of sessions that a pod has, or had within the window, which is not the fleet's. */
  readonly addressesOfOthers?: ReadonlySet<string>;
  /** Who may be told whose sessions they are. */
  readonly sights: readonly Sight[];
  /** Of a pooler: the servers that it opens connections to. */
  readonly behind?: readonly TierBehind[];
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
  /** As the connection URI begins, or as the spec says; absent: as the spec says. */
  readonly engine?: EngineName;
  /** The role and database whose CONNECTION LIMIT counts. */
  readonly role: string | undefined;
  readonly database: string | undefined;
  /** Set while its secret or address cannot be used: nothing of it changes. */
  readonly failure: DatabaseFailure | undefined;
  readonly findings: readonly Finding[];
  /** As of the reading of its server. */
  readonly idleTimeoutSeconds?: number;
  /** It counts on another server, and its pods open connections to this one as well. */
  readonly isReplica?: true;
  readonly namesakes?: readonly Namesake[];
}

/** An entry names a workload that does not exist, and one of another kind has that name. */
export interface Namesake {
  /** Of the entry in spec.workloads. */
  readonly index: number;
  readonly kind: WorkloadKind;
}

export interface LateNamespace {
  readonly namespace: string;
  /** For a while others wait for it as well (late-objects.ts). */
  readonly isHold: boolean;
}

/** Its pods may count on the server: nobody has looked at it, or could read its secret. */
export interface AwaitedPolicy {
  readonly key: PolicyKey;
  readonly namespace: string;
  /** For a while pods of other namespaces are not replaced either (awaited-policies.ts). */
  readonly isHold: boolean;
}

export interface Snapshot {
  readonly server: ServerKey;
  /** False until every cache has been filled since the start or the last gap. */
  readonly synced: boolean;
  /** What a dead process before this one sent may arrive until then: nothing grows or rolls. */
  readonly quietUntilMs?: number;
  /** Namespaces with pool sizes that were never read: nothing of theirs grows or is rolled. */
  readonly unreadIn?: readonly string[] | undefined;
  /** By name: namespaces of which a large object has changed and is still to be read. */
  readonly lateObjects?: readonly LateNamespace[] | undefined;
  /** The first of each namespace, by its name: nothing grows. */
  readonly awaitedPolicies?: readonly AwaitedPolicy[] | undefined;
  readonly database: DatabaseFacts;
  readonly policies: readonly PolicyFacts[];
  /** Every pool of every workload that its policies select. */
  readonly workloads: readonly PoolFacts[];
  readonly settleTimeMs: number;
  /** What each namespace may have of the server; none: whatever it is given. */
  readonly namespaceQuotas?: readonly QuotaSetting[];
  /** By namespace, whatever has become of its workloads since. */
  readonly served?: Readonly<Record<string, ServedFacts>> | undefined;
  /** The operator's owner does not allow that pods are evicted. */
  readonly isEvictionOff?: boolean;
}
