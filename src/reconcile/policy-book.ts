// What is known of every policy beside its spec: which server it means, with what to read it, or
// why that is not known. The policy reconciler writes it, the other reconcilers read it. It holds
// connection strings and is never logged.

import type { PoolPolicySpec } from "../api/poolpolicy.ts";
import type { DatabaseFailure, PolicyKey, ServerKey } from "../domain/facts.ts";
import type { ObservedPolicy } from "../observed.ts";

export interface ResolvedPolicy {
  readonly key: PolicyKey;
  readonly namespace: string;
  /** The last spec that could be parsed. */
  readonly spec: PoolPolicySpec;
  /** Undefined until it has once been known. */
  readonly server: ServerKey | undefined;
  /**
   * How to read the server; undefined when the limit is declared only, or while `failure` is set.
   */
  readonly connection: { readonly uri: string; readonly ca: string | undefined } | undefined;
  readonly role: string | undefined;
  readonly database: string | undefined;
  readonly failure: DatabaseFailure | undefined;
}

export class PolicyBook {
  readonly #policies = new Map<PolicyKey, ResolvedPolicy>();
  /** Names that turned out to mean a server that has another name here already. */
  readonly #sameAs = new Map<ServerKey, ServerKey>();

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

  /** Returns the servers whose decision this touches: the one before and the one now. */
  set(policy: ResolvedPolicy): readonly ServerKey[] {
    const before = this.#policies.get(policy.key)?.server;
    this.#policies.set(policy.key, policy);
    return this.#servers([before, policy.server]);
  }

  delete(key: PolicyKey): readonly ServerKey[] {
    const before = this.#policies.get(key)?.server;
    this.#policies.delete(key);
    this.#seen.delete(key);
    return this.#servers([before]);
  }

  servers(): readonly ServerKey[] {
    return this.#servers([...this.#policies.values()].map(({ server }) => server));
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
    for (const [alias, target] of this.#sameAs) if (target === other) this.#sameAs.set(alias, name);
    this.#sameAs.set(other, name);
    return name;
  }

  /** A name of a united server means another one now: budgeted under itself from now on. */
  part(alias: ServerKey): void {
    this.#sameAs.delete(alias);
  }

  of(server: ServerKey): ResolvedPolicy[] {
    return [...this.#policies.values()]
      .filter(({ server: name }) => name !== undefined && this.canonical(name) === server)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  inNamespace(namespace: string): ResolvedPolicy[] {
    return [...this.#policies.values()]
      .filter((policy) => policy.namespace === namespace)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  #servers(names: readonly (ServerKey | undefined)[]): readonly ServerKey[] {
    const known = names.filter((name) => name !== undefined);
    return [...new Set(known.map((name) => this.canonical(name)))];
  }
}

/** `namespace/name` as an object's identity in the caches and in the book. */
export function policyKeyOf(policy: Pick<ObservedPolicy, "namespace" | "name">): PolicyKey {
  return `${policy.namespace}/${policy.name}`;
}
