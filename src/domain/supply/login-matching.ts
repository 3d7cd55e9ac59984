// Which sessions are known as the fleet's by their login, because their address is no pod's: pods
// may reach the server through address translation, a mesh or a NAT gateway, and then it sees the
// address of a node or of a gateway. `sessions.match` decides it for each policy. With Login its
// owner says so. With Auto nobody does, so the role must show no session at an address that a pod
// alone has: then either all of them are translated, or the pods hold none, and in both cases what
// runs is no more than what is counted. The address of a node that pods run on leaves no other way
// to read it. Any other address may be a stranger's with the same role: its sessions cut no budget,
// and nothing grows into what they hold, until the policy says Login or Address.
// What stays foreign: sessions at an address that another pod has, those of an operator, and those
// over a unix socket unless the policy says Login.

import type { PolicyFacts, SessionGroup, Snapshot } from "../facts/facts.ts";
import { isWithin } from "./address-spans.ts";
import { operatorName } from "./foreign-names.ts";
import { isBounded } from "./quota-settings.ts";
import { oncePer } from "../once-per.ts";
import { ownWorkloads } from "../demand/own-positions.ts";

type Sample = Snapshot["database"]["sessionSamples"][number];

/** Likely: it cuts no budget, and nothing grows into it. */
export type Certainty = "Sure" | "Likely";

export interface MatchedRole {
  /** As many sessions as their pods can hold are the fleet's. */
  readonly policies: readonly PolicyFacts[];
  /** One of them says Login. */
  readonly isSaid: boolean;
}

export interface LoginMatching {
  readonly roles: ReadonlyMap<string, MatchedRole>;
  /** Addresses of pods that their node has as well: they say nothing. */
  readonly sharedAddresses: ReadonlySet<string>;
  readonly addressesOfOthers: ReadonlySet<string>;
}

export const matchingOf = oncePer((snapshot: Snapshot): LoginMatching => {
  const { database, policies } = snapshot;
  const { addressesOfOthers = new Set() } = database;
  const sharedAddresses = addressesOfNodes(snapshot);
  const candidates = policies.filter((policy) => isCandidate(policy, snapshot));
  const autos = candidates.filter(({ spec }) => spec.sessions.match === "Auto");
  const seen = autos.length === 0 ? nobody : rolesAtPods(snapshot, sharedAddresses);
  const matched = candidates.filter((policy) => {
    return isLogin(policy) || (!seen.has(policy.role ?? "") && hasPodsToTell(policy, snapshot));
  });
  const roles = Map.groupBy(matched, ({ role = "" }) => role);
  return {
    roles: new Map([...roles].map(([role, own]) => [role, matchedRole(own)])),
    ...{ sharedAddresses, addressesOfOthers },
  };
});

const nobody: ReadonlySet<string> = new Set();

function matchedRole(policies: readonly PolicyFacts[]): MatchedRole {
  return { policies, isSaid: policies.some(isLogin) };
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

/** Where all of its pods have the address of a node, theirs is a node's without translation. */
function hasPodsToTell({ key }: PolicyFacts, { workloads }: Snapshot): boolean {
  const pods = ownWorkloads(workloads, key).flatMap((workload) => workload.pods);
  return pods.length === 0 || pods.some(({ isOnHostNetwork }) => !isOnHostNetwork);
}

/** Roles with a session at an address that a pod alone had, within the window. */
function rolesAtPods(
  { database: { sessionSamples, fleetAddresses } }: Snapshot,
  shared: ReadonlySet<string>,
): ReadonlySet<string> {
  const roles = new Set<string>();
  for (const { sessions, atMs } of sessionSamples) {
    for (const { address = "", user } of sessions) {
      if (roles.has(user) || shared.has(address)) continue;
      if (isWithin(fleetAddresses.get(address) ?? [], atMs)) roles.add(user);
    }
  }
  return roles;
}

/** Undefined where its login decides nothing. */
export function certaintyOf(
  matching: LoginMatching,
  group: SessionGroup,
  { sample, isOfFleet }: { readonly sample: Sample; readonly isOfFleet: boolean },
): Certainty | undefined {
  const { user, address } = group;
  const role = matching.roles.get(user);
  if (role === undefined || address === undefined) return;
  if (isSomebodys(group, address, isOfFleet, matching)) return;
  if (role.isSaid || sample.fleetSlotsBy?.node.has(address) === true) return "Sure";
  return address === "" ? undefined : "Likely";
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
