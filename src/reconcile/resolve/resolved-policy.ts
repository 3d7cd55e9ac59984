// What is known of one policy beside its spec: which server it means and which replicas, with what
// to read them, or why that is not known. It holds connection strings and is never logged.

import type { Reason } from "../../api/conditions.ts";
import type { PoolPolicySpec } from "../../api/poolpolicy.ts";
import type { DatabaseFailure, PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import type { ObservedPolicy } from "../../observed.ts";
import type { ServerConnection } from "./certificate-texts.ts";
import type { Seniority } from "./seniority.ts";

/** Which server a policy means, and as whom its pods log in there. */
export interface Place {
  /** Undefined until it has once been known. */
  readonly server: ServerKey | undefined;
  /**
   * How to read the server; undefined when the limit is declared only, or while `failure` is set.
   */
  readonly connection: ServerConnection | undefined;
  readonly role: string | undefined;
  readonly database: string | undefined;
  /** Where its pods open connections as well. */
  readonly replicas?: readonly Replica[] | undefined;
}

/** A server of database.readReplicas. */
export interface Replica extends Omit<Place, "replicas"> {
  readonly server: ServerKey;
  /** What the policy says of it, as if it were its server. */
  readonly said: PoolPolicySpec["database"];
  /** The policy names it no more; one that it names instead may be the same, and is not read. */
  readonly isLeaving?: true;
  /** Behind a pooler: it is read, and no pod opens a pool there. */
  readonly isBehind?: true;
}

/** Its pods open a pool there: it does not leave, nor is it behind a pooler. */
export function hasPools({ isLeaving, isBehind }: Replica): boolean {
  return isLeaving !== true && isBehind !== true;
}

/** The server that a policy names now; it stays where it stood until that one was read. */
export interface Move extends Place {
  readonly server: ServerKey;
  /** By the monotonic clock. */
  readonly sinceMs: number;
}

export interface ResolvedPolicy extends Place {
  readonly key: PolicyKey;
  readonly namespace: string;
  /** The stored policy that was looked at. */
  readonly source: Pick<ObservedPolicy, "uid" | "generation">;
  readonly seniority?: Seniority;
  /** The last spec that could be parsed. */
  readonly spec: PoolPolicySpec;
  readonly failure: DatabaseFailure | undefined;
  readonly move?: Move | undefined;
  /** As it is on the server behind its pooler. */
  readonly isBehind?: true;
}

/** What a spec means. */
export type Resolution = Pick<
  ResolvedPolicy,
  "server" | "connection" | "role" | "database" | "failure"
>;

/** Why it means nothing that can be used. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
}

/** It names another server than the one on which it counts. */
export type Moving = ResolvedPolicy & { readonly move: Move };

/** There is something to ask its server with, whatever may come of it. */
export function canAsk({ connection }: Pick<Place, "connection">): boolean {
  return connection !== undefined;
}

/** All that the policy has there or is to have. */
export function connectionsOf({ move, ...place }: ResolvedPolicy): readonly Place["connection"][] {
  const places = [place, ...(move ? [move] : [])];
  return places.flatMap(({ connection, replicas = [] }) => [
    connection,
    ...replicas.map((one) => one.connection),
  ]);
}

/** As if the policy counted on its replica. */
export function asIfOn({ said, ...place }: Replica, policy: ResolvedPolicy): ResolvedPolicy {
  const spec = { ...policy.spec, database: said };
  return { ...policy, ...place, spec, replicas: undefined, move: undefined };
}

/** What is known of the policy is of what it says now: its latest edit was looked at. */
export function isCurrent(
  { source }: Pick<ResolvedPolicy, "source">,
  policy: Pick<ObservedPolicy, "uid" | "generation"> | undefined,
): boolean {
  return policy?.uid === source.uid && policy.generation === source.generation;
}

/** `namespace/name` as an object's identity in the caches and in the book. */
export function policyKeyOf(policy: Pick<ObservedPolicy, "namespace" | "name">): PolicyKey {
  return `${policy.namespace}/${policy.name}`;
}
