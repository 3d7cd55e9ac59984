// The closed sets of words that the status speaks in. Alerts, dashboards and scripts compare these
// strings: public API.

import { enginesInWords } from "./engines.ts";

export const conditionTypes = [
  "Ready",
  "DatabaseReachable",
  "WithinBudget",
  "Feasible",
  "Applied",
] as const;
export type ConditionType = (typeof conditionTypes)[number];

/** What each condition says when it is True. */
export const conditionMeanings: Readonly<Record<ConditionType, string>> = {
  Ready: "Everything that the policy asks for is in force.",
  DatabaseReachable: "The limits of the server are known, read or declared.",
  WithinBudget: "What runs and what may still start fits the budget.",
  Feasible: "Every workload gets at least its floor.",
  Applied: "Every pod has, and every new pod gets, the size that it should have.",
};

/**
 * Reasons of conditions, findings and events, with what each means (the reference is generated from
 * here). A reason stands under the condition that it mostly explains; Ready repeats the others'.
 */
export const reasonGroups = {
  Ready: {
    Ready: "Everything that the policy asks for is in force.",
    Observing: "mode is Observe: everything is said, no pod is changed.",
    InvalidSpec: "A field of the policy cannot be used; the message names it.",
  },
  DatabaseReachable: {
    Connected: "The limits and sessions of the server were read.",
    DeclaredOnly: "The policy declares the limit; the server is not asked.",
    SecretNotFound: "The named secret does not exist in the policy's namespace.",
    SecretKeyMissing: "The secret has no such key.",
    SecretTooLarge: "The secret is larger than the 512 KiB, as JSON, that are read of one.",
    SecretForbidden:
      "The operator may not read the secret; the message prints the command that grants it.",
    InvalidConnectionUri: `The secret's value is not a ${enginesInWords} connection URI.`,
    HostNotAllowed:
      "The policy names a host that --allowed-database-hosts does not list; nothing is sent to it.",
    AuthenticationFailed:
      "The server refused the user or the password, or asks for a login that the operator does not make; the message says which.",
    DatabaseUnreachable: "The server could not be reached.",
    DatabaseTimeout: "The server accepted the connection and did not answer in time.",
    TlsRefused: "The server does not speak TLS, or its certificate was not accepted.",
    TooManyConnections: "The server has no slot left for the operator's own session.",
    QueryFailed: "The server answered with an error.",
    AnotherServer:
      "The host leads to another server with this policy's login than with others': a router or a pooler stands there.",
    SeveralServers:
      "A name leads to several servers by turns, as a reader endpoint does: each reading is of one of them.",
    NotReadYet: "The server has not been asked yet.",
  },
  WithinBudget: {
    WithinBudget: "What runs and what may still start fits the budget.",
    OverBudget: "What runs and what may still start is more than the budget.",
    OverNamespaceQuota:
      "What runs and what may still start is more than --namespace-quotas gives the namespace.",
    BudgetUnknown: "Without a limit, declared or read, there is no budget.",
  },
  Feasible: {
    Feasible: "Every workload gets at least its floor.",
    Infeasible:
      "The floors do not fit the budget; the message says by how much, and how to fix it.",
  },
  Applied: {
    Applied: "Every pod has, and every new pod gets, the size that it should have.",
    Rolling: "A rollout that brings pods to their size is under way.",
    RollsWaiting: "Pods are off their share and wait for a rollout; the message says why.",
    GrowthWaiting: "Grants are below the shares until slots are free.",
    StatusTooLarge:
      "The policy matches more workloads than a status has room for: its sizes stay as they are until it is split.",
  },
  Findings: {
    NoWorkloads: "No entry of the policy matches a workload.",
    PodsOfWorkload:
      "Pods that an entry picks by labels belong to a workload that an entry selects; they count there.",
    PodsNeedAdmission:
      "An entry picks pods by labels, and pods get their size from a template: the API server alone can size such pods.",
    NeverReplaced:
      "Pods that an entry picks by labels keep their size until their owner replaces them.",
    Counted: "The entry says manage: Count: the pool is on the ledger, and nothing is written.",
    ContainerNotFound: "The named container does not exist in the workload.",
    ContainerAmbiguous: "The workload has several containers and the policy does not say which.",
    ClaimedTwice:
      "Two policies match the same pool of a workload, or two pools of it would write the same variable of one container, or its policies name more than 21 pools of it, or would tie too many servers: none of them is managed until that is solved.",
    SizeAssumed:
      "The template does not set the variable of the policy, but another one that may be the pool's size: the library's default is counted.",
    InvalidSize: "The entry's present value is not a pool size; unmanagedPoolSize is used.",
    NotANumber:
      "A variable that the policy names holds something that is not a number; it is never written over.",
    SizeOverridden:
      "The pool size is set where it wins over the variable (an argument, a property, a connection URL), or in another variable that reads like it while the policy's is not set; it is counted, and the workload is left as it is.",
    Unlimited: "A pool has no limit; its pods are replaced by sized ones first.",
    MinimumInTemplate: "The template sets a minimum, and no pool size below it is given.",
    PoolBesideSize:
      "The template sets an overflow, or a second container with the same variable, or a variable that Spring Boot reads by itself; its connections are counted beside the pool size.",
    MayHoldMore:
      "The template sets what may be the size of another pool, or a number of processes that each open one, or takes a connection URL from a Secret of which nobody sees a session; nothing of it is counted, and the message says what to write.",
    ReferenceBeforeEntry:
      "Template delivery would write a variable behind an entry that refers to it as $(NAME), which then stays a literal.",
    SizeFromReference: "The entry's value comes from a ConfigMap or Secret.",
    StartedUnsized: "Pods run that started without a pool size from Poolwarden.",
    RollUndone:
      "The workload's owner, or a person, puts the pod template back, which undoes a rollout. After two by an owner its pods are evicted one at a time instead, where that is possible.",
    ScaledElsewhere:
      "An autoscaler targets something else with the workload's name, or that controls several workloads, and may ask for more pods than are planned.",
    TemplateOfRollout:
      "A Deployment whose template an Argo Rollout runs: pods of the Rollout count nowhere until an entry picks them by their labels.",
    CannotBeLive:
      "An entry asks for resize: Live, and its pods cannot be resized while they run; the message says why, and what to do.",
    NotFollowing:
      "A pod of a live pool shows more sessions than its size after the follow time: it is counted as it is, and replaced by a rollout where its slots are needed. Or the admin console of a pooler's pod does not answer.",
    ResizeUndone:
      "Somebody else has put back the size that a running pooler was given, mostly by a RELOAD; it was set again.",
    ResizeRefused:
      "The API server refuses to change the size of a running pod; it is tried again, and neither rollouts nor other pods wait for it.",
    PodsWaiting:
      "New pods have waited for their slots for more than a minute; the message says how many, since when, and who holds the slots.",
    BeyondPlan: "The workload has more pods than were planned for.",
    RolloutsBeyondPlan:
      "More rollouts are under way than the plan has room for; the message says which, and what would cover them.",
    RolloutStuck: "A rollout makes no progress.",
    RolloutPaused: "The workload is paused, so its pods cannot be replaced.",
    OnDelete: "The workload's update strategy is OnDelete: only deleted pods get the new size.",
    AlsoManagedBy: "Another field manager owns the same entry and would put its value back.",
    FieldConflict: "The entry is owned by another field manager and ownership is Respect.",
    RevertedByOther: "Another writer has put the entry back to its own value.",
    LifetimeTooLong:
      "A pool keeps connections longer than the server keeps idle ones; the message says which number to write.",
    AdmissionMissing:
      "delivery is Admission, but the admission policy or its binding is not installed, or does not reach the namespace.",
    CannotSeeSessions:
      "Not all sessions are seen, by a right that is missing or by what clients do; the message says what makes the account exact.",
    ReadThroughPooler:
      "A connection pooler passes the operator on to the server behind it: the limit that was read is not the pooler's.",
    PoolerReadInPart:
      "Of a pooler that may be several processes one was read; the message says how to have all of them read.",
    ServerBehindTooSmall:
      "A pooler may open more connections to the server behind it than that has; the message says what to write.",
    PoolerDatabaseUnknown:
      "A pooler in session mode has several databases, and the policy does not say which its pods log in to.",
    NamespaceQuota:
      "The quota that --namespace-quotas gives the namespace makes its pools smaller.",
    ImplausibleValue:
      "A number in the policy makes no sense for this server or beside the other policies; the message says why.",
    TooManyPools:
      "Further pools of the workload are beyond what a namespace may have on one server: they are counted as the template says.",
    PoolTooLarge:
      "Half of its size would be enough for the pool, even when most of it is used; the message says which size.",
    PoolAlwaysFull:
      "The pods have all connections of their pool at work a tenth of the time; the message says what to write.",
    BusierThanCores:
      "More connections are at work than suit the cores that the policy says the server has.",
    WorkloadNotFound: "An entry of spec.workloads names a workload that does not exist.",
    PoolWithoutEntry:
      "A pool that no entry names any more is still opened by its pods, because their template says a size of it; the message says which variable to remove.",
    EntryUnused:
      "An entry of spec.workloads selects nothing that an earlier entry does not select.",
    ServerOfOthers:
      "A policy only names a server that policies of other namespaces read with a login.",
    StricterPolicyWins:
      "Another policy of the same server sets a larger reserve, which applies to all.",
    SameServer: "Two names turn out to be one server.",
    AnotherOperator: "Somebody else keeps writing the policy's status: a second installation?",
    IsStandby: "The server is a standby.",
    ClusterNode: "The server is a node of a cluster: each node has its own limit.",
    ForeignSessions: "Sessions that belong to no managed pod cut the budget.",
    Md5Login:
      "The server lets the login that reads it in with an MD5 password: the message says how to change to scram-sha-256.",
    SessionsByLogin:
      "Sessions from addresses that no pod has count as the pods' own, because they log in with database.role.",
    SessionsLookTranslated:
      "Sessions that log in with database.role come from addresses that no pod has, and none from a pod's own: they count as foreign, and the message says what to set.",
    RuleNotInstalled: "The PrometheusRule API is not installed: no alert rules are written.",
    EvictionRefused:
      "A PodDisruptionBudget does not allow the eviction of a pod; it is tried again.",
    Forbidden: "The operator lacks a permission; the message names it.",
    WriteFailed: "A write was refused; it is tried again.",
    StatusShortened:
      "The status is large: messages that only people read are left out; the message says which.",
  },
  Events: {
    GrantChanged: "A workload's next pods get another size.",
    RollStarted: "A rollout was started to bring pods to their size.",
    PodsResized: "Running pods of live pools were given another size.",
    PodsReleased: "New pods that waited for their slots start.",
    PodEvicted: "A pod was evicted, to be replaced by one of its size.",
    Released:
      "No policy enforces the workload any more: what Poolwarden wrote stays, and it manages none of these fields any more.",
  },
} as const;

/** All reasons in one map. */
export const reasons = {
  ...reasonGroups.Ready,
  ...reasonGroups.DatabaseReachable,
  ...reasonGroups.WithinBudget,
  ...reasonGroups.Feasible,
  ...reasonGroups.Applied,
  ...reasonGroups.Findings,
  ...reasonGroups.Events,
} as const;
export type Reason = keyof typeof reasons;
