// A limit bounds what its members may hold together: the ordinary slots of a server, the CONNECTION
// LIMIT of a role or a database, or what the operator's owner lets a namespace have. Every pool
// counts in each limit that it is a member of, by the same line: what runs, what may still start,
// and the room for rollouts. Every rule that asks whether something fits asks it of each limit.
// Servers that are decided together are a limit each, of the pools that connect to them.

import type { PoolKey, ServerKey } from "../facts/facts.ts";
import { namespaceOf } from "../../api/keys.ts";
import type { QuotaSetting } from "./quota-settings.ts";

interface Bound {
  /** The most that its members may hold: reserve and foreign sessions are taken off. */
  readonly slots: number;
  /** Rollouts that its line keeps room for. */
  readonly rolloutsMax: number;
  /** Sessions of pods that are gone, within the limit. */
  readonly ghostSlots: number;
  /** Sessions on its server that may be anybody's: nothing grows into their slots. */
  readonly doubtedSlots?: number;
  /**
   * Sessions on its server of pods that are not ready, or of pods that are gone: no size grows into
   * their slots. Rolls do not wait for it: a pod may get ready only by one.
   */
  readonly unclearSlots?: number;
  /** Where several servers are decided together: the one that it is a limit of. */
  readonly server?: ServerKey;
}

/** Everybody is a member. */
export interface ServerLimit extends Bound {
  readonly kind: "server";
}

export interface NamespaceQuota extends Bound {
  readonly kind: "namespace";
  /** The namespace's. */
  readonly name: string;
  readonly quota: QuotaSetting;
  /** What the server's budget would be if all policies spoke as this namespace's do. */
  readonly ofSlots: number;
  /** Where several servers are decided together: its pools on this one. */
  readonly pools?: ReadonlySet<PoolKey>;
}

/** Of a role or a database that not all policies of the server share. */
export interface ConnectionLimit extends Bound {
  readonly kind: "login";
  /** Such as `role shop_app`. */
  readonly name: string;
  /** `CONNECTION LIMIT 40 of role shop_app`. */
  readonly by: string;
  /** `CONNECTION LIMIT`: what people change. */
  readonly setting: string;
  readonly pools: ReadonlySet<PoolKey>;
}

/** One of several servers that are decided together. */
export interface LinkedServer extends Bound {
  readonly kind: "linked";
  readonly name: ServerKey;
  readonly server: ServerKey;
  readonly pools: ReadonlySet<PoolKey>;
}

/** Those that bound a part of the pools that are decided on. */
export type NarrowLimit = NamespaceQuota | ConnectionLimit | LinkedServer;

export type Limit = ServerLimit | NarrowLimit;

/** What decides who is a member. */
export type Membership =
  | Pick<ServerLimit, "kind">
  | Pick<NamespaceQuota, "kind" | "name" | "pools">
  | Pick<ConnectionLimit, "kind" | "name" | "pools">
  | Pick<LinkedServer, "kind" | "name" | "pools">;

/** No two limits that are decided on together have one. */
export function idOf({ kind, name, server }: Named): string {
  return server === undefined || kind === "linked" ? name : `${server} ${name}`;
}

type Named = Pick<NarrowLimit, "kind" | "name"> & { readonly server?: ServerKey | undefined };

/**
 * Where the members of a limit stand in a list of pools, in its order. Asked of many limits, it
 * looks at those of each alone: a server may have one for each of many roles.
 */
export function membersAmong(keys: readonly PoolKey[]): (limit: Membership) => readonly number[] {
  const all = [...keys.keys()];
  const placeOf = Map.groupBy<string, number>(all, (place) => keys[place] ?? "");
  const byNamespace = Map.groupBy(all, (place) => namespaceOf(keys[place] ?? ""));
  return (limit) => {
    if (limit.kind === "server") return all;
    if (limit.pools === undefined) return byNamespace.get(limit.name) ?? [];
    const places = [...limit.pools].flatMap((key) => placeOf.get(key) ?? []);
    return places.sort((a, b) => a - b);
  };
}

export function isMember(limit: Membership, key: PoolKey): boolean {
  if (limit.kind === "server") return true;
  return limit.pools?.has(key) ?? namespaceOf(key) === limit.name;
}
