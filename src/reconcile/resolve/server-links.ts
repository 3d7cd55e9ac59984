// Which servers are tied to each other by policies that have replicas, or by workloads that
// policies of several servers select (workload-ties.ts), and so are decided together.
// Every event asks, and one namespace may have thousands of policies that all name the same
// servers: so links are counted as policies come and go, and what is linked is worked out once.
// A decision on many servers takes long for everybody on any of them, so the policies of one
// namespace may tie no more of them to each other than one policy that gets other replicas.

import { replicasMax } from "../../api/database.ts";
import type { ServerKey } from "../../domain/facts/facts.ts";
import type { Replica, ResolvedPolicy } from "./resolved-policy.ts";

/** Under which name a server is budgeted, and which others it has. */
export interface Names {
  readonly canonical: (server: ServerKey) => ServerKey;
  readonly namesOf: (server: ServerKey) => readonly ServerKey[];
}

/** A policy with its replicas, or servers that share a workload. */
export interface Linking extends Pick<ResolvedPolicy, "namespace" | "server"> {
  readonly replicas?: readonly Pick<Replica, "server" | "isBehind">[] | undefined;
}

/** Servers that one namespace may tie: all replicas of a policy may change at once. */
export const tiedMax = 2 * replicasMax + 1;

/** By how many policies two names are linked. */
class Links {
  readonly #counts = new Map<ServerKey, Map<ServerKey, number>>();

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** Whether others are linked now. */
  change({ server, replicas = [] }: Linking, by: 1 | -1): boolean {
    if (server === undefined) return false;
    // No pod opens a pool on what is behind a pooler: it is a limit, and not decided on.
    const linked = replicas.filter(({ isBehind }) => isBehind !== true);
    const changed = linked.map(({ server: replica }) => {
      this.#count(replica, server, by);
      return this.#count(server, replica, by);
    });
    return changed.some(Boolean);
  }

  /** The server and all that are linked with it. */
  around(server: ServerKey, { canonical, namesOf }: Names): ReadonlySet<ServerKey> {
    const found = new Set([server]);
    for (const one of found) {
      for (const name of namesOf(one)) {
        for (const next of this.#counts.get(name)?.keys() ?? []) found.add(canonical(next));
      }
    }
    return found;
  }

  #count(from: ServerKey, to: ServerKey, by: 1 | -1): boolean {
    const counts = this.#counts.get(from) ?? new Map<ServerKey, number>();
    const before = counts.get(to) ?? 0;
    const after = before + by;
    if (after > 0) this.#counts.set(from, counts.set(to, after));
    else counts.delete(to);
    if (counts.size === 0) this.#counts.delete(from);
    return before === 0 || after === 0;
  }
}

export class ServerLinks {
  readonly #all = new Links();
  readonly #ofNamespace = new Map<string, Links>();
  readonly #units = new Map<ServerKey, readonly ServerKey[]>();
  /** By namespace, beside those of replicas. */
  readonly #ties = new Map<string, readonly Linking[]>();

  add(policy: Linking): void {
    this.#change(policy, 1);
  }

  remove(policy: Linking): void {
    this.#change(policy, -1);
  }

  /** A name means another server now. */
  forgetUnits(): void {
    this.#units.clear();
  }

  /** The server and all that are decided together with it, by name. */
  unitOf(server: ServerKey, names: Names): readonly ServerKey[] {
    if (this.#all.isEmpty) return [server];
    const known = this.#units.get(server);
    if (known) return known;
    const unit = [...this.#all.around(server, names)].sort();
    for (const one of unit) this.#units.set(one, unit);
    return unit;
  }

  /** How many servers the policies of its namespace would tie to its own, this one among them. */
  tiedWith(policy: Linking, names: Names): number {
    const { namespace, server } = policy;
    if (server === undefined || !policy.replicas?.length) return 1;
    const links = this.#ofNamespace.get(namespace) ?? new Links();
    links.change(policy, 1);
    const tied = links.around(names.canonical(server), names).size;
    links.change(policy, -1);
    return tied;
  }

  /**
   * Ties these servers instead of those of before, as far as the namespace may tie them: in their
   * order, beside those of its replicas. Returns those that it may.
   */
  tie(namespace: string, wanted: readonly Linking[], names: Names): readonly Linking[] {
    const before = this.#ties.get(namespace) ?? [];
    const links = this.#ofNamespace.get(namespace) ?? new Links();
    const accepted: Linking[] = [];
    for (const one of wanted) {
      links.change(one, 1);
      const isMany = links.around(names.canonical(one.server ?? ""), names).size > tiedMax;
      if (isMany) links.change(one, -1);
      else accepted.push(one);
    }
    for (const one of accepted) links.change(one, -1);
    const changes = [
      ...accepted.map((one) => this.#all.change(one, 1)),
      ...before.map((one) => this.#all.change(one, -1)),
    ];
    if (changes.some(Boolean)) this.#units.clear();
    if (accepted.length === 0) this.#ties.delete(namespace);
    else this.#ties.set(namespace, accepted);
    return accepted;
  }

  #change(policy: Linking, by: 1 | -1): void {
    const { namespace } = policy;
    if (!policy.replicas?.length) return;
    const links = this.#ofNamespace.get(namespace) ?? new Links();
    links.change(policy, by);
    if (links.isEmpty) this.#ofNamespace.delete(namespace);
    else this.#ofNamespace.set(namespace, links);
    if (this.#all.change(policy, by)) this.#units.clear();
  }
}
