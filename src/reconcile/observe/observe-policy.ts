// One policy as facts: its spec, what its last status said, how its pods get their size, and what
// is wrong with it. No decision is made here.

import { engineOfUri } from "../../api/engines.ts";
import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { Finding, PolicyFacts, ServerKey } from "../../domain/facts/facts.ts";
import type { ObservedPolicy } from "../../observed.ts";
import type { AdmissionAbsences } from "../memory/admission-absences.ts";
import type { Caches } from "../caches.ts";
import { chooseDelivery, type Circumstances, isAdmissionActive } from "./delivery.ts";
import type { Expectations } from "../memory/expectations.ts";
import type { Logins } from "../resolve/logins.ts";
import type { CarriedFindings } from "../memory/carried-findings.ts";
import { namesakesOf } from "./namesakes.ts";
import { cooldownMsOf } from "./observe-workload.ts";
import { repeatedReplicas } from "../resolve/replicas.ts";
import { replicaFailure } from "./replica-fleets.ts";
import { moveFailure } from "../resolve/server-changes.ts";
import type { PolicyBook, ResolvedPolicy } from "../resolve/policy-book.ts";
import type { Readings } from "../memory/readings.ts";
import { specOfNow } from "./spec-of-now.ts";
import type { WrittenStatus } from "../apply/write-status.ts";

export interface PolicyObserver {
  readonly caches: Caches;
  readonly statuses: Expectations<WrittenStatus>;
  readonly notes: CarriedFindings;
  readonly logins: Logins;
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly admissionWarmUpMs: number;
  readonly admissionAbsences: AdmissionAbsences;
}

export interface Member {
  readonly resolved: ResolvedPolicy;
  readonly policy: ObservedPolicy;
  /** The name under which its server is budgeted. */
  readonly server: ServerKey;
}

function sameServer({ server: name }: ResolvedPolicy, server: ServerKey): Finding[] {
  if (name === undefined || name === server) return [];
  const message = `${name} and ${server} are one server (equal system_identifier and start): budgeted as one`;
  return [{ reason: "SameServer", severity: "info", message }];
}

function idleTimeoutOn(
  { readings }: PolicyObserver,
  server: ServerKey,
): Pick<PolicyFacts, "idleTimeoutSeconds"> {
  const { idleTimeoutSeconds } = readings.wordOf(server) ?? {};
  return idleTimeoutSeconds === undefined ? {} : { idleTimeoutSeconds };
}

type Failure = PolicyFacts["failure"];

function invalidSpec({ failure }: ResolvedPolicy): Finding[] {
  if (failure?.reason !== "InvalidSpec") return [];
  const message = `${failure.message}; its workloads keep their sizes until then`;
  return [{ reason: "InvalidSpec", severity: "blocking", message }];
}

/** A policy on its way to another server has its login there, and is not asked for the old one. */
function failureOf(observer: PolicyObserver, { resolved, server }: Member): Failure {
  const { failure, move } = resolved;
  if (failure) return failure;
  const own = move ? moveFailure(resolved, observer) : observer.logins.failureOf(resolved, server);
  return own ?? (resolved.replicas && replicaFailure(observer, resolved, server));
}

/** A server may have had another name when the status was written: united with others, or alone. */
function isOfOtherServer(
  stood: string | undefined,
  book: PolicyBook,
  { resolved, server }: Member,
): boolean {
  if (stood === undefined || stood === resolved.server) return false;
  return book.canonical(stood) !== server;
}

/** An admission policy that is away matters to who has grants and is told to use Template. */
function circumstancesOf(
  { caches, admissionWarmUpMs, admissionAbsences }: PolicyObserver,
  { key, namespace }: ObservedPolicy,
  { spec, status }: Pick<PolicyFacts, "spec" | "status">,
): Circumstances {
  const grants = status?.delivery === "Admission" ? Object.keys(status.grants ?? {}).length : 0;
  const isMoving = spec.delivery === "Template" && grants > 0;
  const isAbsent = isMoving && !isAdmissionActive(namespace, caches);
  const awaitedUntilMs = admissionAbsences.awaitedUntilMs(key, isAbsent);
  return { namespace, warmUpMs: admissionWarmUpMs, grants, awaitedUntilMs };
}

export function policyFacts(observer: PolicyObserver, member: Member): PolicyFacts {
  const { caches, statuses, notes } = observer;
  const { resolved, policy, server } = member;
  const written = statuses.pending(resolved.key, policy);
  const status = written?.status ?? (policy.status as PoolPolicyStatus | undefined);
  const spec = specOfNow(resolved, policy);
  const circumstances = circumstancesOf(observer, policy, { spec, status });
  const { findings, ...delivery } = chooseDelivery(spec, caches, circumstances);
  return {
    key: resolved.key,
    namespace: policy.namespace,
    name: policy.name,
    uid: policy.uid,
    generation: policy.generation,
    resourceVersion: written?.resourceVersion ?? policy.resourceVersion,
    spec,
    status,
    ...(isOfOtherServer(status?.server, observer.book, member) && { cameFromElsewhere: true }),
    cooldownMs: cooldownMsOf(spec),
    ...delivery,
    role: resolved.role,
    engine: engineOfUri(resolved.connection?.uri ?? "") ?? resolved.spec.database.engine,
    database: resolved.database,
    ...idleTimeoutOn(observer, server),
    failure: failureOf(observer, member),
    ...namesakesOf(caches, policy.namespace, spec),
    findings: [
      ...invalidSpec(resolved),
      ...findings,
      ...sameServer(resolved, server),
      ...repeatedReplicas(spec),
      ...notes.of(resolved.key),
    ],
  };
}
