// A pod may have pools on several servers, and the URL of each may say how large its pool is. Only
// one that leads to the policy's server can win over the variable that we write. A server has many
// names, so a URL is left out only where its host is told apart for sure, and where the variable
// itself stands beside it: then it is that which sizes the pool. A URL of another kind of server
// never does.

import { type EngineName, usualEngine } from "../../api/engines.ts";
import type { Sizing } from "../../api/sizing.ts";
import { needsOwnEntry } from "../../domain/supply/allowed-hosts.ts";
import { canonicalAddress } from "../../domain/supply/database-host.ts";
import type { ServerKey } from "../../domain/facts/facts.ts";
import { oncePer, oncePerName } from "../../domain/once-per.ts";
import type {
  FoundSetting,
  ObservedContainer,
  ObservedPod,
  PickedWorkload,
} from "../../observed.ts";
import { entryNamed } from "./variable-values.ts";

interface Observed {
  readonly workload: PickedWorkload;
  readonly pods: readonly ObservedPod[];
  /** Names of the policy's server, as host:port; none: not known. */
  readonly servers: readonly ServerKey[];
  /** Of the policy's server. */
  readonly engine?: EngineName;
}

/** The same without the sizes of URLs that lead to other servers. */
export function withoutOtherServers<T extends Observed>(observed: T, sizing: Sizing): T {
  const { workload, pods, servers, engine = usualEngine } = observed;
  const own = ownContainers(sizing)([engine, ...servers.map(hostIn)].join(" "));
  const sized = <P extends ObservedPod | PickedWorkload>(one: P): P => {
    const containers = own(one.containers);
    return containers === one.containers ? one : { ...one, containers };
  };
  return { ...observed, workload: sized(workload), pods: pods.map(sized) };
}

type Containers = readonly ObservedContainer[];

/** Once for all workloads of one entry and one template, and the same list for all of them. */
const ownContainers = oncePer((sizing: Sizing) =>
  oncePerName((words: string) =>
    oncePer((containers: Containers): Containers => {
      const [engine, ...hosts] = words.split(" ");
      const kept = containers.map((one) =>
        withoutOthers(withoutOtherKinds(one, engine), sizing, hosts),
      );
      return kept.some((one, index) => one !== containers[index]) ? kept : containers;
    }),
  ),
);

function withoutOtherKinds(
  container: ObservedContainer,
  engine: string | undefined,
): ObservedContainer {
  const { settings = [] } = container;
  const isOther = (one: FoundSetting): boolean => one.engine !== undefined && one.engine !== engine;
  if (!settings.some(isOther)) return container;
  return { ...container, settings: settings.filter((one) => !isOther(one)) };
}

function withoutOthers(
  container: ObservedContainer,
  { maxSizeName, maxSizeAliases }: Sizing,
  hosts: readonly string[],
): ObservedContainer {
  const { settings = [] } = container;
  if (hosts.length === 0 || settings.length === 0) return container;
  const hostOfSetting = hostsIn(container);
  const ours = new Set(settings.filter(isReferring([maxSizeName, ...maxSizeAliases])).map(urlOf));
  const isOther = (setting: FoundSetting): boolean => {
    const host = hostOfSetting.get(setting);
    if (host === undefined || ours.has(urlOf(setting))) return false;
    return hosts.every((own) => areToldApart(host, own));
  };
  if (!settings.some(isOther)) return container;
  if (!entryNamed(container, [maxSizeName, ...maxSizeAliases])) return container;
  return { ...container, settings: settings.filter((setting) => !isOther(setting)) };
}

/** A URL that takes its size from the variable is of our pool, whatever its host is called. */
function isReferring(names: readonly string[]): (setting: FoundSetting) => boolean {
  const references = new Set(names.map((name) => `$(${name})`));
  return ({ value }) => value !== undefined && references.has(value);
}

function urlOf({ place, host }: FoundSetting): string {
  return `${place} ${host ?? ""}`;
}

/** Of the settings of a container, which has hundreds where somebody likes. */
const hostsIn = oncePer(({ settings = [] }: ObservedContainer) => {
  const hosts = settings.map(({ host }) => (host === undefined ? undefined : hostOf(host)));
  return new Map(settings.map((setting, place) => [setting, hosts[place]]));
});

/** Canonical. Behind an address of the pod itself is a proxy, which may lead anywhere. */
function hostOf(written: string): string | undefined {
  const address = canonicalAddress(written);
  if (address.kind !== "address" || needsOwnEntry(address.server)) return undefined;
  return hostIn(address.server);
}

function hostIn(server: ServerKey): string {
  return server.replace(/:\d+$/, "");
}

/**
 * A name within the cluster may be cut behind any word: db, db.shop, db.shop.svc. No server is
 * called `.invalid` (RFC 2606): a plan calls one so whose Secret it does not have.
 */
function areToldApart(host: string, own: string): boolean {
  if (own.endsWith(".invalid")) return false;
  if (isAddress(host) !== isAddress(own)) return false;
  return !`${host}.`.startsWith(`${own}.`) && !`${own}.`.startsWith(`${host}.`);
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^[\d.]+$/.test(host);
}
