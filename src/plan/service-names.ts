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
const usualDomain = "cluster.local";
/** Of Services that several clusters share: not the Service of this one. */
const sharedDomain = "clusterset.local";

/** What the names of servers say of the cluster. */
export interface SaidByNames {
  readonly namespaces: ReadonlySet<string>;
  readonly domain: string;
}

export interface Surrounding {
  /** Namespaces of the policies that call the server so. */
  readonly namers: readonly string[];
  /** Whether a namespace is known: another word behind a dot is a domain of somebody's. */
  readonly isNamespace: (word: string) => boolean;
  /** By all names of servers. */
  readonly said?: SaidByNames;
}

/** `db.shop.svc`, `db-0.db.shop.svc`, and the domain behind it. */
const serviceName = /^((?:[^.]+\.){1,2}([^.]+)\.svc)(?:\.(.+))?$/;

/** Of several domains none is known to be the cluster's, unless one is the usual one. */
export function saidByNames(servers: Iterable<ServerKey>): SaidByNames {
  const found = [...servers].flatMap((server) => {
    const match = serviceName.exec(server.replace(/:\d+$/, ""));
    return match ? [{ namespace: match[2] ?? "", domain: match[3] }] : [];
  });
  const domains = new Set(found.flatMap(({ domain }) => domain ?? []));
  domains.delete(sharedDomain);
  const [only = usualDomain] = domains.size === 1 ? domains : [];
  return { namespaces: new Set(found.map(({ namespace }) => namespace)), domain: only };
}

const nothingSaid: SaidByNames = { namespaces: new Set(), domain: usualDomain };

/** The same for all names of a Service, and another one for each other server. */
export function serviceOf(server: ServerKey, surrounding: Surrounding): ServerKey {
  const [, host = server, port = ""] = /^(.*)(:\d+)$/.exec(server) ?? [];
  return `${longName(host, surrounding)}${port}`;
}

function longName(host: string, surrounding: Surrounding): string {
  const { namers, said = nothingSaid } = surrounding;
  const suffix = `.svc.${said.domain}`;
  if (host.endsWith(suffix)) return host.slice(0, 4 - suffix.length);
  if (host.includes(":") || host === "localhost") return host;
  const [service = "", namespace, ...more] = host.split(".");
  if (more.length > 0) return host;
  if (namespace !== undefined) return ofNamespace(host, namespace, surrounding);
  const [own, ...others] = new Set(namers);
  // For each of several namespaces it is another Service: planned as one, the budget is safe.
  return own === undefined || others.length > 0 ? host : `${service}.${own}.svc`;
}

/** No object need stand in it: another name of a server may say that it is one. */
function ofNamespace(
  host: string,
  word: string,
  { isNamespace, said = nothingSaid }: Surrounding,
): string {
  return isNamespace(word) || said.namespaces.has(word) ? `${host}.svc` : host;
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
export function serviceNotes(given: Iterable<Plan>, stores: ManifestStores): readonly string[] {
  const isNamespace = oncePerName(namespacesIn(stores));
  const plans = [...given];
  const said = saidByNames(plans.map(({ server }) => server));
  const byService = Map.groupBy(plans, ({ server, snapshot }) => {
    const namers = snapshot.policies.map(({ namespace }) => namespace);
    return serviceOf(server, { namers, isNamespace, said });
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
