// What is known of every policy beside its spec: which server it means, with what to read it, or
// why that is not known. The policy reconciler writes it, the other reconcilers read it. It holds
// connection strings and is never logged.

import type { PoolPolicySpec } from "../../api/poolpolicy.ts";
import type { DatabaseFailure, PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import type { ObservedPolicy } from "../../observed.ts";
import { CertificateTexts, type ServerConnection } from "./certificate-texts.ts";
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
}

/** It names another server than the one on which it counts. */
export type Moving = ResolvedPolicy & { readonly move: Move };

/** There is something to ask its server with, whatever may come of it. */
export function canAsk({ connection }: Pick<Place, "connection">): boolean {
  return connection !== undefined;
}

/** Policies by one of their names. Somebody may make tens of thousands of each. */
class Index {
  readonly #keys = new Map<string, Set<PolicyKey>>();

  names(): Iterable<string> {
    return this.#keys.keys();
  }

  of(name: string): Iterable<PolicyKey> {
    return this.#keys.get(name) ?? [];
  }

  add(name: string | undefined, key: PolicyKey): void {
    if (name === undefined) return;
    const keys = this.#keys.get(name) ?? new Set();
    this.#keys.set(name, keys.add(key));
  }

  delete(name: string | undefined, key: PolicyKey): void {
    if (name === undefined) return;
    const keys = this.#keys.get(name);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(name);
  }
}

export class PolicyBook {
  readonly #policies = new Map<PolicyKey, ResolvedPolicy>();
  /** Names that turned out to mean a server that has another name here already. */
  readonly #sameAs = new Map<ServerKey, ServerKey>();
  /** The same by the name under which the server is budgeted. */
  readonly #aliases = new Map<ServerKey, Set<ServerKey>>();

  readonly #byServer = new Index();
  readonly #byNamespace = new Index();
  /** By the server to which they move. */
  readonly #byGoal = new Index();
  readonly #certificates = new CertificateTexts();

  /** Policies that were looked at since the start, usable or not. */
  readonly #seen = new Set<PolicyKey>();

  /** Until every policy was seen, a server may have workloads that nobody counts. */
  hasSeen(key: PolicyKey): boolean {
    return this.#seen.has(key);
  }

  see(key: PolicyKey): void {
    this.#seen.add(key);
  }

  get(key: PolicyKey): ResolvedPolicy | undefined {
    return this.#policies.get(key);
  }

  /** Returns the servers that this touches: those before and those now. */
  set(given: ResolvedPolicy): readonly ServerKey[] {
    const policy = this.#kept(given);
    const { key, server, namespace, move } = policy;
    const before = this.#remove(key);
    this.#policies.set(key, policy);
    this.#byServer.add(server, key);
    this.#byNamespace.add(namespace, key);
    this.#byGoal.add(move?.server, key);
    return this.#servers([before, policy]);
  }

  delete(key: PolicyKey): readonly ServerKey[] {
    const before = this.#remove(key);
    this.#seen.delete(key);
    return this.#servers([before]);
  }

  /** Whether this policy may have this CA beside those of its namespace. */
  hasRoomFor(ca: string, { namespace, name }: Pick<ObservedPolicy, "namespace" | "name">): boolean {
    const { connection, move } = { ...this.get(policyKeyOf({ namespace, name })) };
    return this.#certificates.hasRoomFor(ca, namespace, [connection, move?.connection]);
  }

  #kept(policy: ResolvedPolicy): ResolvedPolicy {
    const { connection, move, namespace } = policy;
    const kept = (one: Place["connection"]): Place["connection"] =>
      this.#certificates.keep(one, namespace);
    const moving = move && { ...move, connection: kept(move.connection) };
    return { ...policy, connection: kept(connection), move: moving };
  }

  #remove(key: PolicyKey): ResolvedPolicy | undefined {
    const before = this.#policies.get(key);
    if (!before) return undefined;
    this.#certificates.release(before.connection, before.namespace);
    this.#certificates.release(before.move?.connection, before.namespace);
    this.#policies.delete(key);
    this.#byServer.delete(before.server, key);
    this.#byNamespace.delete(before.namespace, key);
    this.#byGoal.delete(before.move?.server, key);
    return before;
  }

  /** Of all policies, and those that a policy is to move to. */
  servers(): readonly ServerKey[] {
    const names = [...this.#byServer.names(), ...this.#byGoal.names()];
    return [...new Set(names.map((name) => this.canonical(name)))];
  }

  /** The name under which a server is budgeted. */
  canonical(server: ServerKey): ServerKey {
    return this.#sameAs.get(server) ?? server;
  }

  /**
   * Two names are one server: budgeted from now on under the one that sorts first, which is
   * returned.
   */
  unite(a: ServerKey, b: ServerKey): ServerKey {
    const [name, other] = [this.canonical(a), this.canonical(b)].sort() as [ServerKey, ServerKey];
    if (name === other) return name;
    const aliases = this.#aliases.get(name) ?? new Set();
    for (const alias of [other, ...(this.#aliases.get(other) ?? [])]) {
      this.#sameAs.set(alias, name);
      aliases.add(alias);
    }
    this.#aliases.set(name, aliases);
    this.#aliases.delete(other);
    return name;
  }

  /** A name of a united server means another one now: budgeted under itself from now on. */
  part(alias: ServerKey): void {
    this.#aliases.get(this.canonical(alias))?.delete(alias);
    this.#sameAs.delete(alias);
  }

  /** Nobody counts on the server any more: other names of it stand for themselves again. */
  forgetNames(server: ServerKey): void {
    for (const alias of this.#aliases.get(server) ?? []) this.#sameAs.delete(alias);
    this.#aliases.delete(server);
  }

  /** Those that count on the server. */
  of(server: ServerKey): ResolvedPolicy[] {
    return this.#sorted(this.#named(server, this.#byServer));
  }

  /** Those for which the server is read: the ones that count on it, and those that move to it. */
  readersOf(server: ServerKey): ResolvedPolicy[] {
    const coming = this.comingTo(server).map((policy) => ({ ...policy, ...policy.move }));
    return [...this.of(server), ...coming].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Those that name the server, and count on another one still. */
  comingTo(server: ServerKey): Moving[] {
    return this.#moving(this.#named(server, this.#byGoal));
  }

  /** Those that count on the server, and name another one. */
  leaving(server: ServerKey): Moving[] {
    return this.#moving(this.#named(server, this.#byServer));
  }

  #moving(keys: readonly PolicyKey[]): Moving[] {
    return this.#sorted(keys).flatMap((policy) =>
      policy.move ? [{ ...policy, move: policy.move }] : [],
    );
  }

  #named(server: ServerKey, index: Index): PolicyKey[] {
    if (this.canonical(server) !== server) return [];
    const names = [server, ...(this.#aliases.get(server) ?? [])];
    return names.flatMap((name) => [...index.of(name)]);
  }

  inNamespace(namespace: string): ResolvedPolicy[] {
    return this.#sorted([...this.#byNamespace.of(namespace)]);
  }

  #sorted(keys: readonly PolicyKey[]): ResolvedPolicy[] {
    return keys.toSorted().flatMap((key) => this.#policies.get(key) ?? []);
  }

  #servers(policies: readonly (ResolvedPolicy | undefined)[]): readonly ServerKey[] {
    const names = policies.flatMap((policy) => [policy?.server, policy?.move?.server]);
    const known = names.filter((name) => name !== undefined);
    return [...new Set(known.map((name) => this.canonical(name)))];
  }
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
