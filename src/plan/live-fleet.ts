// What runs, for a plan against a cluster: the policies with what their statuses say, the workloads
// and their autoscalers. Pods and databases are not read: a policy's status says which sizes its
// pods get, where its server is, and how many connections that has.

import { type EngineName, engineNames, engines, usualEngine } from "../api/engines.ts";
import { kind as policyKind } from "../api/group.ts";
import { parseSpec, type PoolPolicySpec, type PoolPolicyStatus } from "../api/poolpolicy.ts";
import { workloadKindNames } from "../api/workload-kinds.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import { canonicalAddress } from "../domain/supply/database-host.ts";
import { type FleetView, fleetViewOf } from "../render/fleet-view.ts";
import { resizeNeedsRights } from "../render/live-rights.ts";
import type { ObservedPolicy } from "../observed.ts";
import type { Cluster } from "../ports.ts";
import { givenFor, type GivenLimits, type GivenMaximum } from "./declared-database.ts";
import type { ManifestObject } from "./objects.ts";
import { limitsInLedger, type PublishedLimits } from "./published-ledger.ts";
import { loginId, type LoginKey, loginKeysOf, unknownLogin } from "./secrets.ts";

/** What is asked of the API server. */
export const liveKinds: readonly string[] = [
  policyKind,
  ...workloadKindNames,
  "HorizontalPodAutoscaler",
];

export interface LiveFleet {
  readonly objects: readonly ManifestObject[];
  /** PodDisruptionBudgets; undefined: whoever plans may not list them. */
  readonly budgets: readonly ManifestObject[] | undefined;
  /** ConfigMaps and Secrets that templates take sizes from. */
  readonly readData: Cluster["readData"];
  readonly close: () => Promise<void>;
}

/** An object as the API server sent it. */
export function liveObject(
  object: Pick<ManifestObject, "kind" | "namespace" | "name" | "raw">,
): ManifestObject {
  const { kind, namespace, name, raw } = object;
  return { place: { input: "the cluster", document: 0, line: 0 }, kind, namespace, name, raw };
}

/** What the operator has published of the servers: `given` counts before it. */
export function publishedLimits(
  policies: Iterable<ObservedPolicy>,
  given: GivenLimits,
): GivenLimits & { readonly published: ReadonlySet<ServerKey> } {
  const all = [...policies];
  const { servers } = viewOf(all);
  const published = servers.flatMap(({ name, slots }): GivenMaximum[] =>
    slots && givenFor(name, given) === undefined
      ? [{ text: name, servers: [name], connections: slots.maxConnections }]
      : [],
  );
  const publishedOn = ledgersIn(all);
  const foreign = servers.map(({ name, slots }) => [name, slots?.foreign ?? 0] as const);
  return {
    ...given,
    maxConnections: [...given.maxConnections, ...published, ...ofServersBehind(publishedOn, given)],
    otherSessionsOn: new Map(foreign),
    publishedOn: new Map([...withoutWithheld(publishedOn), ...publishedOn]),
    published: new Set(published.map(({ text }) => text)),
  };
}

/** Of each server, by the account of the first policy that has one. */
function ledgersIn(policies: readonly ObservedPolicy[]): NonNullable<GivenLimits["publishedOn"]> {
  const found = new Map<ServerKey, PublishedLimits>();
  for (const policy of policies) {
    const { server, ledger = [] } = (policy.status ?? {}) as PoolPolicyStatus;
    if (server === undefined || ledger.length === 0) continue;
    const limits = limitsInLedger(ledger, engineOf(policy));
    // Of the servers behind a pooler only policies with a login are told.
    const { behind } = found.get(server) ?? limits;
    found.set(server, {
      ...(found.get(server) ?? limits),
      behind: behind.length > 0 ? behind : limits.behind,
    });
  }
  return found;
}

type Published = ReturnType<typeof ledgersIn>;

/** What they have for applications, where no policy of their own says more. */
function ofServersBehind(published: Published, given: GivenLimits): readonly GivenMaximum[] {
  const behind = [...published.values()].flatMap((one) => one.behind);
  return behind.flatMap(({ server, slots }) =>
    slots === undefined || givenFor(server, given) !== undefined
      ? []
      : [{ text: server, servers: [server], connections: slots }],
  );
}

/** What the server keeps is not in that number any more. */
function withoutWithheld(published: Published): Published {
  const none: PublishedLimits = { withheld: [], login: undefined, behind: [] };
  const behind = [...published.values()].flatMap((one) => one.behind);
  return new Map(behind.map(({ server }) => [server, none]));
}

/** What it is allowed is in the chart alone; whoever asked for live pools was told. */
export function publishedMayResize(policies: Iterable<ObservedPolicy>): boolean {
  const statuses = [...policies].map(({ status }) => (status ?? {}) as PoolPolicyStatus);
  return !statuses.some(({ findings = [] }) =>
    findings.some(({ message }) => message.includes(resizeNeedsRights)),
  );
}

/** As it was read, or as the policy says. */
function engineOf({ status, spec }: ObservedPolicy): EngineName {
  const { engine: read } = (status ?? {}) as PoolPolicyStatus;
  const parsed = parseSpec(spec);
  const said = "spec" in parsed ? parsed.spec.database.engine : usualEngine;
  return engineNames.find((one) => one === read) ?? said;
}

function viewOf(policies: Iterable<ObservedPolicy>): FleetView {
  const reports = [...policies].map(({ namespace, name, status }) => ({
    ...{ namespace, name },
    status: status ?? {},
  }));
  return fleetViewOf(reports);
}

/**
 * Where the logins of policies lead that the operator has resolved, as URIs, by Secret and key. Of
 * several read replicas a status does not say which is whose; a policy has a pool on each of them.
 */
export function publishedUris(policies: Iterable<ObservedPolicy>): ReadonlyMap<string, string> {
  const all = [...policies];
  const uris = [...all.flatMap(behindUrisOf), ...all.toReversed().flatMap(urisOf)];
  return new Map(uris);
}

type LoginUri = readonly [login: string, uri: string];

function urisOf(policy: ObservedPolicy): readonly LoginUri[] {
  const resolved = resolvedIn(policy);
  if (!resolved) return [];
  const { spec, status, server: own } = resolved;
  const logins = loginKeysOf(policy).filter(({ isBehind }) => !isBehind);
  const servers = [...(spec.database.secretRef ? [own] : []), ...replicasIn(status, spec)];
  return logins.map((login, at) => uriOf(login, servers[at] ?? own, engineOf(policy)));
}

/** Known by the line of the ledger, where there is one server behind the pooler. */
function behindUrisOf(policy: ObservedPolicy): readonly LoginUri[] {
  const resolved = resolvedIn(policy);
  const ledger = resolved?.status.ledger ?? [];
  const { behind } = limitsInLedger(ledger, engineOf(policy));
  const [only] = behind;
  if (!only || behind.length > 1) return [];
  const logins = loginKeysOf(policy).filter(({ isBehind }) => isBehind);
  return logins.map((login) => uriOf(login, only.server, login.engine));
}

/** Of a spec that the status does not speak of yet, nothing is known. */
function resolvedIn(
  policy: ObservedPolicy,
): { spec: PoolPolicySpec; status: PoolPolicyStatus; server: ServerKey } | undefined {
  const status = (policy.status ?? {}) as PoolPolicyStatus;
  const parsed = parseSpec(policy.spec);
  const isOfNow = (status.observedGeneration ?? policy.generation) === policy.generation;
  if (!("spec" in parsed) || status.server === undefined || !isOfNow) return undefined;
  return { spec: parsed.spec, status, server: status.server };
}

function uriOf(login: LoginKey, server: ServerKey, engine: EngineName): LoginUri {
  const [scheme] = engines[engine].schemes;
  return [loginId(login), `${scheme}://${unknownLogin}@${server}/${unknownLogin}`];
}

/** Those that the status names and no address does. */
function replicasIn(
  { replicas = [] }: PoolPolicyStatus,
  { database }: PoolPolicySpec,
): readonly ServerKey[] {
  const named = new Set(
    (database.readReplicas ?? []).map(({ address }) => {
      const found = canonicalAddress(address ?? "", engines[database.engine]);
      return found.kind === "address" ? found.server : undefined;
    }),
  );
  return replicas.map(({ server }) => server).filter((server) => !named.has(server));
}
