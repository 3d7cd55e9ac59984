// Which policies of a fleet have a say on a server: those that count on it, or have it as a
// replica, and do not only observe beside others that do not.

import { namespace, policyKey, serverName } from "./fleet.ts";
import type { FleetSetup, PolicySetup } from "./scenario.ts";
import type { Workload } from "./world/workload.ts";
import type { World } from "./world/world.ts";

type Policies = FleetSetup["policies"];

/** The policy's own first. */
export function serversOfPolicy({ server, replicas = [] }: PolicySetup): readonly string[] {
  return [server, ...replicas].map(serverName);
}

/** Servers that are decided together with this one, itself included, by name. */
export function unitOf(
  name: string,
  fleet: Pick<FleetSetup, "policies" | "workloads">,
  world: World,
): readonly string[] {
  const unit = new Set([name]);
  const each = [...fleet.policies.map(serversOfPolicy), ...sharedServers(fleet, world)];
  for (const one of unit) {
    const linked = each.filter((servers) => servers.includes(one)).flat();
    for (const other of linked) unit.add(other);
  }
  return [...unit].sort();
}

export interface Speaking extends Pick<World, "kinds"> {
  /** Policies that count as if they only observed. */
  readonly asHeld: ReadonlySet<string>;
}

/** Keys of those on any of the servers that only observe, where another one does not. */
export function observingOn(
  servers: readonly string[],
  policies: Policies,
  { kinds, asHeld }: Speaking,
): ReadonlySet<string> {
  const keys = policies.flatMap((policy, index) => {
    return serversOfPolicy(policy).some((one) => servers.includes(one)) ? [policyKey(index)] : [];
  });
  const observing = keys.filter((key) => {
    const spec = kinds.policies.get(key)?.spec as { readonly mode?: unknown } | undefined;
    return spec?.mode === "Observe" || asHeld.has(key);
  });
  return new Set(observing.length === keys.length ? [] : observing);
}

/** By all that claim it there: the policy that its label names, and the one that has its name. */
export function isObserved(
  key: string,
  observed: ReadonlySet<string>,
  {
    fleet,
    world,
    server,
  }: { readonly fleet: FleetSetup; readonly world: World; readonly server: string },
): boolean {
  const named = fleet.workloads[Number(key.slice(key.lastIndexOf("-") + 1))];
  const { sharedWith } = named ?? {};
  const isElsewhere = sharedWith !== undefined && isFurtherOn(world.workloads.get(key), server);
  if (isElsewhere) return observed.has(policyKey(sharedWith));
  const { pool = "" } = world.workloads.get(key)?.labels ?? {};
  const claimants = [`${namespace}/${pool}`, ...(named ? [policyKey(named.policy)] : [])];
  return claimants.every((policy) => observed.has(policy));
}

function isFurtherOn(workload: Workload | undefined, server: string): boolean {
  return workload?.pools.further.some((one) => one.server === server) === true;
}

/** The most that any of those asks for. */
export function mostAsked(
  name: string,
  { policies }: Pick<FleetSetup, "policies">,
  {
    observed,
    ask,
  }: {
    readonly observed: ReadonlySet<string>;
    readonly ask: (policy: PolicySetup, key: string) => number;
  },
): number {
  const asked = policies.map((policy, index) => {
    const key = policyKey(index);
    const hasSay = serversOfPolicy(policy).includes(name) && !observed.has(key);
    return hasSay ? ask(policy, key) : 0;
  });
  return Math.max(0, ...asked);
}

/** Of each workload that has a pool of another policy, while both policies name it. */
function sharedServers(
  { policies, workloads }: Pick<FleetSetup, "policies" | "workloads">,
  { kinds, workloads: present }: World,
): readonly (readonly string[])[] {
  return workloads.flatMap(({ policy, sharedWith, kind }, index) => {
    if (sharedWith === undefined) return [];
    const name = `service-${index}`;
    const isNamed = [policy, sharedWith].every((one) => {
      const spec = kinds.policies.get(policyKey(one))?.spec as Spec | undefined;
      return spec?.workloads?.some((entry) => entry.kind === kind && entry.name === name) === true;
    });
    if (!isNamed || !present.get(`${namespace}/${kind}/${name}`)) return [];
    return [[policy, sharedWith].map((one) => serverName(policies[one]?.server ?? 0))];
  });
}

interface Spec {
  readonly workloads?: readonly { readonly kind?: string; readonly name?: string }[];
}
