// Read replicas of a policy: servers on each of which its pods open a second pool of the same size.
// Each is read like any server, with its own secret. What is not said of a replica is as the policy
// says of its server: the engine, and the role of the applications.

import { usualEngine } from "../../api/engines.ts";
import type { PoolPolicySpec, PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import type { ObservedPolicy } from "../../observed.ts";
import type { Readings } from "../memory/readings.ts";
import type { PolicyBook } from "./policy-book.ts";
import type { Place, Problem, Replica, Resolution, ResolvedPolicy } from "./resolved-policy.ts";
import { tiedMax } from "./server-links.ts";

type SaidReplica = NonNullable<PoolPolicySpec["database"]["readReplicas"]>[number];

interface Resolving {
  /** As a server is. */
  readonly resolve: (spec: PoolPolicySpec) => Promise<Resolution | Problem>;
  /** Those that were known before: they stay while there is a problem. */
  readonly before: readonly Replica[] | undefined;
}

/** All of them, or those of before and the first problem. */
export async function resolveReplicas(
  spec: PoolPolicySpec,
  { resolve, before }: Resolving,
): Promise<Pick<ResolvedPolicy, "replicas" | "failure">> {
  const replicas: Replica[] = [];
  for (const { field, said, isBehind } of othersOf(spec)) {
    const place = await resolve({ ...spec, database: said });
    if ("reason" in place) {
      const failure = { ...place, message: ofOther(place.message, field) };
      return { replicas: before, failure };
    }
    const { server, connection, role, database } = place;
    const found = { connection, role, database, said, ...(isBehind && { isBehind }) };
    if (server !== undefined) replicas.push({ server, ...found });
  }
  return { failure: undefined, ...(replicas.length > 0 && { replicas }) };
}

interface Other extends Pick<Replica, "said" | "isBehind"> {
  /** By which people know it. */
  readonly field: string;
}

/** Every server that a policy names beside its own. */
function othersOf(spec: PoolPolicySpec): readonly Other[] {
  const { readReplicas = [], serverBehind } = spec.database;
  const replicas = distinctIn(spec).map((replica) => {
    const field = `spec.database.readReplicas[${readReplicas.indexOf(replica)}]`;
    return { field, said: specOfReplica(spec, replica).database };
  });
  if (!serverBehind) return replicas;
  // As whom applications log in to a pooler says nothing of the server behind it.
  const said = { engine: usualEngine, ...serverBehind };
  return [...replicas, { field: "spec.database.serverBehind", said, isBehind: true }];
}

/** Each entry once: what is written twice in the same words is one replica. */
function distinctIn({ database }: PoolPolicySpec): readonly SaidReplica[] {
  const byText = (database.readReplicas ?? []).map((one) => [JSON.stringify(one), one] as const);
  return [...new Map(byText.toReversed()).values()].reverse();
}

/** What is said of those that are written twice. */
export function repeatedReplicas(spec: PoolPolicySpec): Finding[] {
  const { readReplicas = [] } = spec.database;
  const distinct = new Set(distinctIn(spec));
  const repeated = readReplicas.flatMap((one, at) => (distinct.has(one) ? [] : [at]));
  if (repeated.length === 0) return [];
  const names = nameFew(repeated, (at) => `spec.database.readReplicas[${at}]`);
  const message = `${names} repeats another entry: counted once. To fix: remove it`;
  return [{ reason: "SameServer", severity: "info", message }];
}

/** Of a policy whose replicas would tie more servers to each other than may be. */
export function untied(policy: ResolvedPolicy): ResolvedPolicy {
  const message =
    "spec.database.readReplicas: with the other policies of the namespace, more than " +
    `${tiedMax} servers would have to be decided on together: name replicas of one server ` +
    "only in policies of that server";
  return { ...policy, replicas: undefined, failure: { reason: "InvalidSpec", message } };
}

/** Its fields by the names that they have in the policy. */
function ofOther(message: string, field: string): string {
  return `${field}: ${message.replaceAll("spec.database.", `${field}.`)}`;
}

/** What the policy would say if the replica were its server. */
function specOfReplica(spec: PoolPolicySpec, replica: SaidReplica): PoolPolicySpec {
  const { engine, role } = spec.database;
  return { ...spec, database: { engine, ...(role !== undefined && { role }), ...replica } };
}

interface Known {
  readonly book: Pick<PolicyBook, "canonical">;
  readonly readings: Pick<Readings, "wordOf">;
}

/**
 * Those that the policy names now, and those that it named before while one of the new names was
 * never read: it may be another name of one of them, and whoever took the pods off the ledger there
 * would give their slots away.
 */
export function withLeaving(
  { server: own, replicas: named }: Place,
  before: Place["replicas"],
  { book, readings }: Known,
): Place["replicas"] {
  const isAwaited = ({ server, connection }: Replica): boolean =>
    connection !== undefined && readings.wordOf(book.canonical(server)) === undefined;
  if (named?.some(isAwaited) !== true) return named;
  const names = new Set(
    [own, ...named.map(({ server }) => server)].map((one) => book.canonical(one ?? "")),
  );
  const left = (before ?? []).filter(({ server }) => !names.has(book.canonical(server)));
  return [...named, ...left.map((one): Replica => ({ ...one, isLeaving: true }))];
}

/**
 * After a restart, while a secret cannot be read: the servers that the last status named, so that
 * the sessions of its pods stay known there. It has no row of a replica that was the policy's own
 * server: those that have none count there, where the pods open a pool for each.
 */
export function rememberedReplicas(
  { status }: Pick<ObservedPolicy, "status">,
  spec: PoolPolicySpec,
): readonly Replica[] | undefined {
  const { server: own, replicas = [] } = (status ?? {}) as PoolPolicyStatus;
  const told = Array.isArray(replicas) ? replicas.map(({ server }) => server) : [];
  const untold = Math.max(0, distinctIn(spec).length - told.length);
  const servers = [...told, ...(own === undefined ? [] : Array<string>(untold).fill(own))];
  const { database: said } = specOfReplica(spec, {});
  const unread = { connection: undefined, role: said.role, database: undefined, said };
  const all = [
    ...servers.map((server) => ({ server, ...unread })),
    ...rememberedBehind(status, spec).map((server) => ({
      server,
      ...unread,
      isBehind: true as const,
    })),
  ];
  return all.length === 0 ? undefined : all;
}

/** What the policy was told of the server that it names as the one behind its pooler. */
function rememberedBehind(
  status: ObservedPolicy["status"],
  spec: PoolPolicySpec,
): readonly string[] {
  if (!spec.database.serverBehind) return [];
  const { behind } = (status ?? {}) as PoolPolicyStatus;
  return Array.isArray(behind) ? behind.map(({ server }) => server) : [];
}
