// A policy that names another server than before. The new name may be the old server's: then its
// pods hold the slots that they held, and whoever took them off the ledger would give them away. So
// the policy stays where it stands, with what it stands there with, until the new name was read.

import type { DatabaseFailure, ServerKey } from "../../domain/facts/facts.ts";
import { oncePerName } from "../../domain/once-per.ts";
import { failureToldTo } from "../../domain/explain/told-failure.ts";
import type { ObservedPolicy } from "../../observed.ts";
import {
  canAsk,
  type Move,
  policyKeyOf,
  type PolicyBook,
  type ResolvedPolicy,
} from "./policy-book.ts";
import type { Readings } from "../memory/readings.ts";
import { rememberedReplicas, withLeaving } from "./replicas.ts";

/** The server that a policy's last status names: the one on which it counted then. */
export function rememberedServer({ status }: Pick<ObservedPolicy, "status">): string | undefined {
  const server = (status as { server?: unknown } | undefined)?.server;
  return typeof server === "string" ? server : undefined;
}

/** That, and its replicas. */
export function rememberedServers(policy: Pick<ObservedPolicy, "status">): readonly string[] {
  const { replicas } = (policy.status ?? {}) as { readonly replicas?: unknown };
  const others = Array.isArray(replicas) ? replicas : [];
  const named = others.map((one: unknown) => (one as { server?: unknown } | null)?.server);
  return [rememberedServer(policy), ...named].filter((one) => typeof one === "string");
}

/** The policy as its spec and secret mean it, wherever it stands. */
export function afterServerChange({ move, ...policy }: ResolvedPolicy): ResolvedPolicy {
  if (!move) return policy;
  const { server, connection, role, database, replicas } = move;
  return { ...policy, server, connection, role, database, replicas };
}

interface Staging {
  readonly book: PolicyBook;
  readonly policy: ObservedPolicy;
  readonly nowMs: number;
  readonly readings: Pick<Readings, "wordOf">;
}

/**
 * The policy where it is to stand: where it stood, if it means another server from now on. A server
 * that nobody lets us read can never be told from others, so that a move to it is made at once.
 */
export function stageServerChange(
  meant: ResolvedPolicy,
  { book, policy, nowMs, readings }: Staging,
): ResolvedPolicy {
  const before = book.get(policyKeyOf(policy));
  const stood = before?.server ?? rememberedServer(policy);
  const stoodWith = replicasBefore(before, { policy, spec: meant.spec });
  const { server, connection, role, database, replicas } = meant;
  const isMove = stood !== undefined && server !== undefined && connection !== undefined;
  if (!isMove || book.canonical(stood) === book.canonical(server)) {
    return { ...meant, replicas: withLeaving(meant, stoodWith, { book, readings }) };
  }
  const sinceMs = startOf(before?.move, server) ?? nowMs;
  const move = { server, connection, role, database, replicas, sinceMs };
  const last = before ?? { ...meant, connection: undefined };
  return {
    ...{ ...meant, server: stood, move },
    ...{ connection: last.connection, role: last.role, database: last.database },
    replicas: stoodWith,
  };
}

/** After a start: as the last status says. */
function replicasBefore(
  before: ResolvedPolicy | undefined,
  { policy, spec }: Pick<Staging, "policy"> & Pick<ResolvedPolicy, "spec">,
): ResolvedPolicy["replicas"] {
  return before ? before.replicas : rememberedReplicas(policy, spec);
}

function startOf(move: Move | undefined, server: ServerKey): number | undefined {
  return move?.server === server ? move.sinceMs : undefined;
}

/**
 * Policies whose new server is known by now: the old one itself, or truly another. Of those that
 * come to a server that was read, or leave it: for all others nothing has changed.
 */
export function completedServerChanges(
  server: ServerKey,
  { book, readings }: { readonly book: PolicyBook; readonly readings: Readings },
): ResolvedPolicy[] {
  const isReadable = oncePerName((from) => book.of(from).some(canAsk));
  const moving = new Map(
    [...book.comingTo(server), ...book.leaving(server)].map((one) => [one.key, one]),
  );
  return [...moving.values()].filter(({ server: stands, move }) => {
    if (stands === undefined) return true;
    const [from, to] = [book.canonical(stands), book.canonical(move.server)];
    if (from === to) return true;
    // The old one is looked at anew as well: restarted meanwhile, it would pass for another server.
    const wasTried = !isReadable(from) || readings.wasAttempted(from, move.sinceMs);
    return wasTried && readings.wasRead(to, move.sinceMs);
  });
}

/** Why the server that a policy names now, and on which it does not count yet, cannot be read. */
export function moveFailure(
  { namespace, server, move }: ResolvedPolicy,
  { book, readings }: { readonly book: PolicyBook; readonly readings: Readings },
): DatabaseFailure | undefined {
  const failure = move && readings.failureOf(book.canonical(move.server));
  if (!failure || server === undefined) return undefined;
  const consequence =
    `it may be another name of ${server}: until it has been read once, the workloads keep their ` +
    `sizes and count on ${server}`;
  const { reason, message } = failureToldTo(namespace, failure, move.server);
  return { reason, message: `${message}; ${consequence}` };
}
