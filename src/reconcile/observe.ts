// observe: caches and memories in, Snapshot out. Everything of one server is gathered at one
// moment, so that a decision never mixes two. The only thing fetched is what pool sizes refer to (a
// key of a ConfigMap or Secret), by name.

import type { Grant, PoolPolicyStatus, WorkloadEntry } from "../api/poolpolicy.ts";
import { sizingOf } from "../api/sizing.ts";
import type { Finding, PolicyFacts, ServerKey, Snapshot, WorkloadFacts } from "../domain/facts.ts";
import { slotsPerPod } from "../domain/slots.ts";
import type { ObservedPod, ObservedPolicy, ObservedWorkload } from "../observed.ts";
import {
  areSynced,
  byTarget,
  byWorkload,
  type Caches,
  workloadKeyOf,
  workloadsIn,
} from "./caches.ts";
import { type Claim, claimsOn } from "./claims.ts";
import { chooseContainer } from "./container.ts";
import { chooseDelivery } from "./delivery.ts";
import type { Expectations } from "./expectations.ts";
import { cooldownMsOf, departedFacts, workloadFacts } from "./observe-workload.ts";
import { referencesOf } from "./own-size.ts";
import type { Notes } from "./notes.ts";
import type { Logins } from "./logins.ts";
import type { PastRolls } from "./past-rolls.ts";
import type { PolicyBook, ResolvedPolicy } from "./policy-book.ts";
import type { Readings } from "./readings.ts";
import type { References } from "./references.ts";
import type { WrittenStatus } from "./write-status.ts";

export interface Observer {
  readonly caches: Caches;
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly logins: Logins;
  readonly references: References;
  readonly statuses: Expectations<WrittenStatus>;
  readonly templates: Expectations<true>;
  readonly pastRolls: PastRolls;
  readonly notes: Notes;
  readonly settleTimeMs: number;
  readonly admissionWarmUpMs: number;
}

export async function observe(
  observer: Observer,
  server: ServerKey,
  nowMs: number,
): Promise<Snapshot> {
  const members = observer.book.of(server).flatMap((resolved) => {
    const policy = observer.caches.policies.get(resolved.key);
    return policy ? [policyFacts(observer, { resolved, policy, server }, nowMs)] : [];
  });
  const namespaces = new Set(members.map(({ namespace }) => namespace));
  const workloads: WorkloadFacts[] = [];
  for (const namespace of namespaces) {
    workloads.push(...(await namespaceFacts(observer, namespace, members)));
  }
  const addresses = new Set(
    workloads.flatMap(({ pods }) => pods.flatMap(({ address }) => address ?? [])),
  );
  return {
    server,
    synced: areSynced(observer.caches),
    database: observer.readings.factsOf(server, addresses, nowMs),
    policies: members,
    workloads,
    settleTimeMs: observer.settleTimeMs,
  };
}

interface Member {
  readonly resolved: ResolvedPolicy;
  readonly policy: ObservedPolicy;
  /** The name under which its server is budgeted. */
  readonly server: ServerKey;
}

function sameServer({ server: name }: ResolvedPolicy, server: ServerKey): Finding[] {
  if (name === undefined || name === server) return [];
  const message = `${name} and ${server} are one server (equal system_identifier): budgeted as one`;
  return [{ reason: "SameServer", severity: "info", message }];
}

function policyFacts(
  { caches, statuses, notes, logins, admissionWarmUpMs }: Observer,
  { resolved, policy, server }: Member,
  nowMs: number,
): PolicyFacts {
  const written = statuses.pending(resolved.key, policy);
  const status = written?.status ?? (policy.status as PoolPolicyStatus | undefined);
  const { findings, ...delivery } = chooseDelivery(resolved.spec, caches, {
    warmUpMs: admissionWarmUpMs,
    last: status?.delivery,
  });
  return {
    key: resolved.key,
    namespace: policy.namespace,
    name: policy.name,
    uid: policy.uid,
    generation: policy.generation,
    resourceVersion: written?.resourceVersion ?? policy.resourceVersion,
    spec: resolved.spec,
    status,
    cooldownMs: cooldownMsOf(resolved.spec),
    ...delivery,
    role: resolved.role,
    database: resolved.database,
    failure: resolved.failure ?? logins.failureOf(resolved, nowMs, server),
    findings: [...findings, ...sameServer(resolved, server), ...notes.of(resolved.key)],
  };
}

/** Workloads of one namespace that policies of this server claim, alone or with others. */
async function namespaceFacts(
  observer: Observer,
  namespace: string,
  members: readonly PolicyFacts[],
): Promise<WorkloadFacts[]> {
  const policies = observer.book.inNamespace(namespace);
  const claims = claimsOn(workloadsIn(observer.caches, namespace), policies);
  const mine = [...claims].flatMap(([workload, found]) => {
    const claimants = members.filter(({ key }) => found.some(({ policy }) => policy === key));
    // Contested: whose grant is in force is whose size counts.
    const name = `${workload.kind}/${workload.name}`;
    const member = claimants.find((one) => grantOf(one, name) !== undefined) ?? claimants[0];
    return member ? [{ workload, found, member }] : [];
  });
  await fetchReferences(observer, namespace, mine);
  const present = mine.map((owned) => factsOf(observer, owned));
  return [...present, ...departedWorkloads(observer, namespace, members)];
}

interface Owned {
  readonly workload: ObservedWorkload;
  readonly found: readonly Claim[];
  readonly member: PolicyFacts;
}

function factsOf(observer: Observer, { workload, found, member }: Owned): WorkloadFacts {
  const { caches, templates, references, pastRolls } = observer;
  const key = workloadKeyOf(workload);
  const { entry, index } = claimOf(found, member);
  return workloadFacts({
    workload,
    spec: member.spec,
    entry,
    entryIndex: index,
    policy: member.key,
    delivery: member.delivery,
    claimedBy: found.map(({ policy }) => policy),
    grant: grantOf(member, `${workload.kind}/${workload.name}`),
    autoscalerMaxReplicas: autoscalerMaxReplicas(caches, key),
    pods: caches.pods.byIndex(byWorkload, key),
    resolve: references.resolverFor(workload.namespace),
    newestRevision: newestRevisionOf(caches, key),
    lastRoll: pastRolls.of(key),
    isPending: templates.pending(key, workload) ?? false,
  });
}

function claimOf(found: readonly Claim[], member: PolicyFacts): Claim {
  const claim = found.find(({ policy }) => policy === member.key) ?? found[0];
  if (!claim) throw new RangeError(`policy ${member.key} claims no such workload`);
  return claim;
}

/** A grant counts only while the admission policy acts on it. */
function grantOf(
  { spec, delivery, status, findings }: PolicyFacts,
  name: string,
): Grant | undefined {
  const isActive = delivery === "Admission" && !findings.some(isAdmissionMissing);
  if (spec.mode !== "Enforce" || !isActive) return undefined;
  const grants = status?.grants ?? {};
  return Object.hasOwn(grants, name) ? grants[name] : undefined;
}

function isAdmissionMissing({ reason }: Finding): boolean {
  return reason === "AdmissionMissing";
}

function newestRevisionOf({ replicaSets }: Caches, key: string): string | undefined {
  const sets = replicaSets.byIndex(byWorkload, key);
  return sets.toSorted((a, b) => b.revisionNumber - a.revisionNumber)[0]?.revision;
}

function autoscalerMaxReplicas({ autoscalers }: Caches, key: string): number | undefined {
  const [first, ...others] = autoscalers.byIndex(byTarget, key);
  if (!first) return undefined;
  return others.reduce((most, { maxReplicas }) => Math.max(most, maxReplicas), first.maxReplicas);
}

async function fetchReferences(
  { references, caches }: Observer,
  namespace: string,
  owned: readonly Owned[],
): Promise<void> {
  const wanted = owned.flatMap(({ workload, found, member }) => {
    const { entry } = claimOf(found, member);
    const { container } = chooseContainer(entry, workload);
    const sizing = sizingOf(member.spec, entry);
    const pods = caches.pods.byIndex(byWorkload, workloadKeyOf(workload));
    const inPods = new Set(pods.flatMap((pod) => containerOf(pod, container?.name)));
    return [...inPods, ...(container ? [container] : [])].flatMap((c) => referencesOf(c, sizing));
  });
  await references.fetch(namespace, wanted);
}

function containerOf(pod: ObservedPod, name: string | undefined): ObservedPod["containers"] {
  return pod.containers.filter((container) => container.name === name);
}

/** Workloads that the last status names and that are gone, while their pods are not. */
function departedWorkloads(
  { caches, references }: Observer,
  namespace: string,
  members: readonly PolicyFacts[],
): WorkloadFacts[] {
  const present = new Set(workloadsIn(caches, namespace).map(workloadKeyOf));
  const own = members.filter((member) => member.namespace === namespace);
  return own.flatMap((member) =>
    (member.status?.workloads ?? []).flatMap(({ workload }) => {
      const key = `${namespace}/${workload}`;
      const pods = present.has(key) ? [] : caches.pods.byIndex(byWorkload, key);
      const entry = heaviestEntry(member);
      const entryIndex = entry ? member.spec.workloads.indexOf(entry) : -1;
      if (pods.length === 0 || !entry) return [];
      const resolve = references.resolverFor(namespace);
      const common = {
        spec: member.spec,
        entry,
        entryIndex,
        policy: member.key,
        delivery: member.delivery,
        claimedBy: [member.key],
      };
      return [
        departedFacts(key, {
          ...common,
          grant: undefined,
          newestRevision: undefined,
          lastRoll: undefined,
          autoscalerMaxReplicas: undefined,
          pods,
          resolve,
        }),
      ];
    }),
  );
}

/**
 * Which entry sized a workload is not known once it is gone: the one whose pods hold most is safe.
 */
function heaviestEntry({ spec }: PolicyFacts): WorkloadEntry | undefined {
  const weigh = (entry: WorkloadEntry): number => slotsPerPod(sizingOf(spec, entry), 1);
  return spec.workloads.toSorted((a, b) => weigh(b) - weigh(a))[0];
}
