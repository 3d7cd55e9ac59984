// Labels of metrics of which every value is known: outcomes of reads and writes, results of runs,
// kinds of objects. Series for all of them are there from the start, so that an increase is seen.

import { workloadKindNames } from "../api/workload-kinds.ts";
import { kind as policyKind } from "../api/group.ts";
import type { ErrorCode } from "../errors.ts";
import type { DatabaseOutcome, Outcome } from "../ports.ts";

type Reason = Extract<DatabaseOutcome, { readonly kind: "failed" }>["reason"];
type Result = "done" | "after" | "UNEXPECTED" | ErrorCode;

export const readOutcomes: Readonly<Record<"read" | Reason, true>> = {
  read: true,
  InvalidConnectionUri: true,
  AuthenticationFailed: true,
  DatabaseUnreachable: true,
  DatabaseTimeout: true,
  TlsRefused: true,
  TooManyConnections: true,
  QueryFailed: true,
  AnotherServer: true,
};
export const writeOutcomes: Readonly<Record<Outcome<unknown>["kind"], true>> = {
  ok: true,
  absent: true,
  forbidden: true,
  conflict: true,
  invalid: true,
  guarded: true,
  unavailable: true,
};
export const results: Readonly<Record<Result, true>> = {
  done: true,
  after: true,
  UNEXPECTED: true,
  K8S_UNAVAILABLE: true,
  K8S_FORBIDDEN: true,
  K8S_NOT_FOUND: true,
  K8S_GONE: true,
  K8S_CONFLICT: true,
  K8S_INVALID: true,
  CONFIG_INVALID: true,
  INVARIANT_VIOLATED: true,
};
export const controllers = [
  "policy",
  "database",
  "look",
  "console",
  "server",
  "release",
  "large-object",
];
export const writtenKinds = [
  `${policyKind}Status`,
  ...workloadKindNames,
  "PrometheusRule",
  "Pod",
  "Eviction",
  "Event",
];
export const watchedKinds = [
  policyKind,
  ...workloadKindNames,
  "Pod",
  "ReplicaSet",
  "HorizontalPodAutoscaler",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "PrometheusRule",
];
