// What is known of every policy beside its spec (resolved-policy.ts), and which of them concern a
// server: those that count on it, move to it, or have it as a replica. The policy reconciler writes
// it, the other reconcilers read it. It holds connection strings and is never logged.

import type { PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import type { ObservedPolicy } from "../../observed.ts";
import { CertificateTexts } from "./certificate-texts.ts";
import { PolicyIndex } from "./policy-index.ts";
import {
  asIfOn,
  connectionsOf,
  hasPools,
  type Moving,
  type Place,
  policyKeyOf,
  type ResolvedPolicy,
} from "./resolved-policy.ts";
import { type Names, ServerLinks, tiedMax } from "./server-links.ts";
import { type Sharing, WorkloadTies } from "./workload-ties.ts";

export * from "./resolved-policy.ts";

export class PolicyBook {
  readonly #policies = new Map<PolicyKey, ResolvedPolicy>();
  /** Names that turned out to mean a server that has another name here already. */
  readonly #sameAs = new Map<ServerKey, ServerKey>();
  /** The same by the name under which the server is budgeted. */
  readonly #aliases = new Map<ServerKey, Set<ServerKey>>();

  readonly #byServer = new PolicyIndex();
  readonly #byNamespace = new PolicyIndex();
  /** By the server to which they move. */
  readonly #byGoal = new PolicyIndex();
  /** By the servers of their replicas. */
  readonly #byReplica = new PolicyIndex();
  readonly #links = new ServerLinks();
  readonly #names: Names = {
    canonical: (name) => this.canonical(name),
    namesOf: (name) => this.#namesOf(name),
  };
  readonly #ties = new WorkloadTies({
    links: this.#links,
    names: this.#names,
    serverOf: (policy) => {
      const server = this.#policies.get(policy)?.server;
      return server === undefined ? undefined : this.canonical(server);
    },
  });
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
    const { key, server, namespace, move, replicas = [] } = policy;
    const before = this.#remove(key);
    this.#policies.set(key, policy);
    this.#byServer.add(server, key);
    this.#byNamespace.add(namespace, key);
    this.#byGoal.add(move?.server, key);
    for (const replica of replicas) this.#byReplica.add(replica.server, key);
    this.#links.add(policy);
    const tied = this.#ties.renew(namespace);
    return [...new Set([...this.#servers([before, policy]), ...tied])];
  }

  delete(key: PolicyKey): readonly ServerKey[] {
    const before = this.#remove(key);
    this.#seen.delete(key);
    const tied = before ? this.#ties.renew(before.namespace) : [];
    return [...new Set([...this.#servers([before]), ...tied])];
  }

  /** Whether this policy may have this CA beside those of its namespace. */
  hasRoomFor(ca: string, { namespace, name }: Pick<ObservedPolicy, "namespace" | "name">): boolean {
    const known = this.get(policyKeyOf({ namespace, name }));
    const replaced = known ? connectionsOf(known) : [];
    return this.#certificates.hasRoomFor(ca, namespace, replaced);
  }

  #kept(policy: ResolvedPolicy): ResolvedPolicy {
    const { namespace } = policy;
    const kept = (one: Place["connection"]): Place["connection"] =>
      this.#certificates.keep(one, namespace);
    const keptPlace = <P extends Place>(place: P): P => {
      const replicas = place.replicas?.map((one) => ({ ...one, connection: kept(one.connection) }));
      return { ...place, connection: kept(place.connection), ...(replicas && { replicas }) };
    };
    return { ...keptPlace(policy), move: policy.move && keptPlace(policy.move) };
  }

  #remove(key: PolicyKey): ResolvedPolicy | undefined {
    const before = this.#policies.get(key);
    if (!before) return undefined;
    for (const one of connectionsOf(before)) this.#certificates.release(one, before.namespace);
    this.#policies.delete(key);
    this.#byServer.delete(before.server, key);
    this.#byNamespace.delete(before.namespace, key);
    this.#byGoal.delete(before.move?.server, key);
    for (const { server } of before.replicas ?? []) this.#byReplica.delete(server, key);
    this.#links.remove(before);
    return before;
  }

  /** Of all policies and their replicas, and those that a policy is to move to. */
  servers(): readonly ServerKey[] {
    const indexes = [this.#byServer, this.#byGoal, this.#byReplica];
    const names = indexes.flatMap((index) => [...index.names()]);
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
    this.#links.forgetUnits();
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
    this.#links.forgetUnits();
    this.#aliases.get(this.canonical(alias))?.delete(alias);
    this.#sameAs.delete(alias);
  }

  /** Nobody counts on the server any more: other names of it stand for themselves again. */
  forgetNames(server: ServerKey): void {
    if (this.#aliases.has(server)) this.#links.forgetUnits();
    for (const alias of this.#aliases.get(server) ?? []) this.#sameAs.delete(alias);
    this.#aliases.delete(server);
  }

  /** Those that count on the server. */
  of(server: ServerKey): ResolvedPolicy[] {
    return this.#sorted(this.#named(server, this.#byServer));
  }

  /**
   * Those for which the server is read: the ones that count on it, those that move to it, and those
   * that it is a replica of.
   */
  readersOf(server: ServerKey): ResolvedPolicy[] {
    const coming = this.comingTo(server).map((policy) => ({ ...policy, ...policy.move }));
    const all = [...this.of(server), ...coming, ...this.replicaOf(server)];
    return all.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /**
   * Policies that name the server as a replica, or behind a pooler, as they would be if they
   * counted on it.
   */
  replicaOf(server: ServerKey): ResolvedPolicy[] {
    if (this.#byReplica.isEmpty) return [];
    const named = this.#sorted([...new Set(this.#named(server, this.#byReplica))]);
    return named.flatMap((policy) =>
      (policy.replicas ?? [])
        .filter((one) => this.canonical(one.server) === server)
        .map((one) => asIfOn(one, policy)),
    );
  }

  /** Policies of the namespace that select pools of one workload, by what the caches say now. */
  noteSharing(namespace: string, sharing: readonly Sharing[]): void {
    this.#ties.note(namespace, sharing);
  }

  /** Whether their servers are not too many to be decided together. */
  mayShare(namespace: string, policies: Sharing): boolean {
    return this.#ties.mayShare(namespace, policies);
  }

  /**
   * The servers that are decided together with this one, itself included, by name: policies count
   * on some of them and have the others as replicas, or pools of one workload are of policies on
   * several of them.
   */
  unitOf(server: ServerKey): readonly ServerKey[] {
    return this.#links.unitOf(server, this.#names);
  }

  /** Those whose policies are decided with the server. */
  namespacesAround(server: ServerKey): readonly string[] {
    const readers = this.unitOf(server).flatMap((one) => this.readersOf(one));
    return [...new Set(readers.map(({ namespace }) => namespace))];
  }

  /** Whether the policies of its namespace would tie no more servers than they may. */
  mayTie(policy: ResolvedPolicy): boolean {
    const before = this.#policies.get(policy.key);
    if (before) this.#links.remove(before);
    const tied = this.#links.tiedWith(policy, this.#names);
    if (before) this.#links.add(before);
    return tied <= tiedMax;
  }

  /** How many pools each process of the policy's pods opens on the server that has most of them. */
  poolsOnOne({ server, replicas = [] }: Place): number {
    // One that leaves is one of those that are named, or none.
    const named = replicas.filter(hasPools);
    const names = [server, ...named.map((one) => one.server)].filter((one) => one !== undefined);
    const counts = Map.groupBy(names, (name) => this.canonical(name));
    return Math.max(1, ...[...counts.values()].map(({ length }) => length));
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

  #named(server: ServerKey, index: PolicyIndex): PolicyKey[] {
    return this.#namesOf(server).flatMap((name) => [...index.of(name)]);
  }

  /** None of a name that is another server's. */
  #namesOf(server: ServerKey): readonly ServerKey[] {
    if (this.canonical(server) !== server) return [];
    return [server, ...(this.#aliases.get(server) ?? [])];
  }

  inNamespace(namespace: string): ResolvedPolicy[] {
    return this.#sorted([...this.#byNamespace.of(namespace)]);
  }

  #sorted(keys: readonly PolicyKey[]): ResolvedPolicy[] {
    return keys.toSorted().flatMap((key) => this.#policies.get(key) ?? []);
  }

  #servers(policies: readonly (ResolvedPolicy | undefined)[]): readonly ServerKey[] {
    const names = policies.flatMap((policy) => [
      ...[policy?.server, policy?.move?.server],
      ...(policy?.replicas ?? []).map(({ server }) => server),
      ...(policy?.move?.replicas ?? []).map(({ server }) => server),
    ]);
    const known = names.filter((name) => name !== undefined);
    return [...new Set(known.map((name) => this.canonical(name)))];
  }
}
