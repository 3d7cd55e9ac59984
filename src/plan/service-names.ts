// Which names of servers mean one Service, by the DNS rules of a cluster: `db`, `db.shop`,
// `db.shop.svc` and `db.shop.svc.cluster.local` are one for whoever is in namespace shop. The
// operator knows it by the identity of the server; a plan that reads none goes by the names.

import { workloadKindNames } from "../api/workload-kinds.ts";
import type { Plan } from "../domain/decide/plan.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import { oncePerName } from "../domain/once-per.ts";
import { byNamespace } from "../reconcile/caches.ts";
import type { ManifestStores } from "./manifest-stores.ts";

/** Of a cluster that was set up with no other one. */
const clusterDomain = ".cluster.local";

export interface Surrounding {
  /** Namespaces of the policies that call the server so. */
  readonly namers: readonly string[];
  /** Whether a namespace is known: another word behind a dot is a domain of somebody's. */
  readonly isNamespace: (word: string) => boolean;
}

/** The same for all names of a Service, and another one for each other server. */
export function serviceOf(server: ServerKey, surrounding: Surrounding): ServerKey {
  const [, host = server, port = ""] = /^(.*)(:\d+)$/.exec(server) ?? [];
  return `${longName(host, surrounding)}${port}`;
}

function longName(host: string, { namers, isNamespace }: Surrounding): string {
  if (host.endsWith(`.svc${clusterDomain}`)) return host.slice(0, -clusterDomain.length);
  if (host.includes(":") || host === "localhost") return host;
  const [service = "", namespace, ...more] = host.split(".");
  if (more.length > 0) return host;
  if (namespace !== undefined) return isNamespace(namespace) ? `${host}.svc` : host;
  const [own, ...others] = new Set(namers);
  // For each of several namespaces it is another Service: planned as one, the budget is safe.
  return own === undefined || others.length > 0 ? host : `${service}.${own}.svc`;
}

export function namespacesIn(stores: ManifestStores): Surrounding["isNamespace"] {
  const { policies } = stores;
  return (word) =>
    workloadKindNames.some((kind) => stores[kind].countOf(byNamespace, word) > 0) ||
    [...policies.values()].some(({ namespace }) => namespace === word);
}

/**
 * Servers that nobody reads have no identity: the operator takes each name for a server of its own,
 * with the whole limit.
 */
export function serviceNotes(plans: Iterable<Plan>, stores: ManifestStores): readonly string[] {
  const isNamespace = oncePerName(namespacesIn(stores));
  const byService = Map.groupBy(plans, ({ server, snapshot }) => {
    const namers = snapshot.policies.map(({ namespace }) => namespace);
    return serviceOf(server, { namers, isNamespace });
  });
  return [...byService.values()].flatMap((same) => {
    if (same.length < 2) return [];
    const names = same.map(({ server }) => server).toSorted();
    return [
      `${names.join(" and ")} are names of one Service, and are planned as ${names.length} servers with ` +
        "the whole limit each, as the operator does: it reads no server that is named by " +
        "spec.database.address alone. Give all policies one name of it",
    ];
  });
}
