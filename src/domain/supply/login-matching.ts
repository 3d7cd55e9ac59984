// Which sessions are known as the fleet's by their login, because their address is no pod's: pods
// may reach the server through address translation, a mesh or a NAT gateway, and then it sees the
// address of a node or of a gateway. `sessions.match` decides it for each policy. With Login its
// owner says so. With Auto nobody does, and sessions count by their address: a job's with the same
// role, at the address of a node while the pods have none open, looks as translated ones do, and an
// account that took them for the pods' would promise slots that are taken. So where they look
// translated the policy is told, and its owner decides.
// What stays foreign: sessions at an address that another pod has, and those of an operator.

import type { PolicyFacts, SessionGroup, Snapshot } from "../facts/facts.ts";
import { isWithin } from "./address-spans.ts";
import { operatorName } from "./foreign-names.ts";
import { isBounded } from "./quota-settings.ts";
import { oncePer } from "../once-per.ts";
import { ownWorkloads } from "../demand/own-positions.ts";

export interface MatchedRole {
  /** As many sessions as their pods can hold are the fleet's. */
  readonly policies: readonly PolicyFacts[];
}

export interface LoginMatching {
  readonly roles: ReadonlyMap<string, MatchedRole>;
  /** Addresses of pods that their node has as well: they say nothing. */
  readonly sharedAddresses: ReadonlySet<string>;
  readonly addressesOfOthers: ReadonlySet<string>;
}

export const matchingOf = oncePer((snapshot: Snapshot): LoginMatching => {
  const { addressesOfOthers = nobody } = snapshot.database;
  const matched = candidatesOf(snapshot).filter(isLogin);
  const roles = Map.groupBy(matched, ({ role = "" }) => role);
  return {
    roles: new Map([...roles].map(([role, policies]) => [role, { policies }])),
    ...{ sharedAddresses: addressesOfNodes(snapshot), addressesOfOthers },
  };
});

const nobody: ReadonlySet<string> = new Set();

/**
 * Roles of policies with Auto whose sessions all come from addresses that no pod has, as if they
 * were translated.
 */
export const translatedRolesOf = oncePer((snapshot: Snapshot): ReadonlySet<string> => {
  const autos = candidatesOf(snapshot).filter((policy) => !isLogin(policy));
  const roles = new Set(
    autos.filter((policy) => hasPodsToTell(policy, snapshot)).map(({ role = "" }) => role),
  );
  if (roles.size === 0) return nobody;
  const { sessionSamples, fleetAddresses } = snapshot.database;
  const matching = matchingOf(snapshot);
  const [atPods, elsewhere] = [new Set<string>(), new Set<string>()];
  for (const { sessions, atMs } of sessionSamples) {
    for (const group of sessions.filter(({ user }) => roles.has(user))) {
      const { user, address = "" } = group;
      const isOfFleet = isWithin(fleetAddresses.get(address) ?? [], atMs);
      if (isOfFleet && !matching.sharedAddresses.has(address)) atPods.add(user);
      else if (looksTranslated(group, matching)) elsewhere.add(user);
    }
  }
  return new Set([...elsewhere].filter((role) => !atPods.has(role)));
});

/** At an address that no pod has; a node's that a pod has as well says nothing. */
function looksTranslated(group: SessionGroup, matching: LoginMatching): boolean {
  const { address = "" } = group;
  if (address === "" || matching.sharedAddresses.has(address)) return false;
  return !isSomebodys(group, address, false, matching);
}

function candidatesOf(snapshot: Snapshot): readonly PolicyFacts[] {
  return snapshot.policies.filter((policy) => isCandidate(policy, snapshot));
}

function isLogin({ spec }: PolicyFacts): boolean {
  return spec.sessions.match === "Login";
}

function isCandidate(policy: PolicyFacts, snapshot: Snapshot): boolean {
  const { role, spec } = policy;
  return role !== undefined && spec.sessions.match !== "Address" && isHeard(policy, snapshot);
}

/**
 * A bounded namespace could take the sessions of others off everybody's account by naming their
 * role: it has to log in with it.
 */
export function isHeard({ namespace, role }: PolicyFacts, snapshot: SightScene): boolean {
  if (!isBounded(namespace, snapshot.namespaceQuotas)) return true;
  return snapshot.database.sights.some((one) => one.namespace === namespace && one.role === role);
}

type SightScene = Pick<Snapshot, "database" | "namespaceQuotas">;

function addressesOfNodes({ workloads }: Snapshot): ReadonlySet<string> {
  const pods = workloads.flatMap((workload) => workload.pods);
  return new Set(pods.flatMap((pod) => (pod.isOnHostNetwork ? pod.addresses : [])));
}

/** Not where none has an address; where all have that of a node, theirs is a node's anyway. */
function hasPodsToTell({ key }: PolicyFacts, { workloads }: Snapshot): boolean {
  const pods = ownWorkloads(workloads, key).flatMap((workload) => workload.pods);
  return pods.some(({ isOnHostNetwork, addresses }) => !isOnHostNetwork && addresses.length > 0);
}

/** Whether its login decides whose it is. */
export function isMatched(
  matching: LoginMatching,
  group: SessionGroup,
  isOfFleet: boolean,
): boolean {
  const { user, address } = group;
  if (address === undefined || !matching.roles.has(user)) return false;
  return !isSomebodys(group, address, isOfFleet, matching);
}

/** It is known whose they are without their login. */
function isSomebodys(
  { applicationName }: SessionGroup,
  address: string,
  isOfFleet: boolean,
  { sharedAddresses, addressesOfOthers }: LoginMatching,
): boolean {
  if (isOfFleet && !sharedAddresses.has(address)) return true;
  return addressesOfOthers.has(address) || operatorName.test(applicationName);
}
