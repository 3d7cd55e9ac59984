// Who may log in with a role, or to a database: whose sessions its CONNECTION LIMIT bounds.
// A policy that only names an address says nothing of its login, so its pods may be of any. A
// secret that is not read yet, or cannot be now, names a login that is not known, and so does a
// `role` that the server does not have, such as a mistyped one: nothing grows until it is.

import { limitedLogins, type Login } from "./connection-limits.ts";
import type { DatabaseReading, PolicyFacts, Snapshot, WorkloadFacts } from "./facts.ts";
import { hasPlace } from "./standing.ts";

/** Whether pods of the policy may log in with it. */
export function isMemberOf(policy: PolicyFacts, { kind, name }: Login): boolean {
  const isUnsaid = policy[kind] === undefined && policy.spec.database.secretRef === undefined;
  return isUnsaid || policy[kind] === name;
}

/** The same, or it is not known what its pods log in with: it may be this. */
export function mayBeMember(policy: PolicyFacts, login: Login, reading: DatabaseReading): boolean {
  if (isMemberOf(policy, login)) return true;
  const isUnread = policy[login.kind] === undefined;
  const isMistyped = login.kind === "role" && missingRoleOf(policy, reading) !== undefined;
  return hasPlace(policy) && (isUnread || isMistyped);
}

/** Every policy of the server logs in with it, whether it has a place or not. */
export function isShared({ policies }: Snapshot, { kind, name }: Login): boolean {
  return policies.every((policy) => policy[kind] === name);
}

/** Workloads whose pods may log in with it. */
export function memberWorkloads(snapshot: Snapshot, login: Login): ReadonlySet<WorkloadFacts> {
  return workloadsOf(snapshot, (policy) => isMemberOf(policy, login));
}

/** The same, with those of which it is not known. */
export function possibleWorkloads(snapshot: Snapshot, login: Login): ReadonlySet<WorkloadFacts> {
  const { reading } = snapshot.database;
  if (!reading) return memberWorkloads(snapshot, login);
  return workloadsOf(snapshot, (policy) => mayBeMember(policy, login, reading));
}

function workloadsOf(
  { policies, workloads }: Snapshot,
  isOf: (policy: PolicyFacts) => boolean,
): ReadonlySet<WorkloadFacts> {
  const keys = new Set(policies.filter(isOf).map(({ key }) => key));
  return new Set(workloads.filter(({ policy }) => keys.has(policy)));
}

/**
 * Policies of which it is not known whose CONNECTION LIMIT bounds them, because their secret cannot
 * be read or the server does not have their role: their workloads are missing from a limit in which
 * others would grow. Which limits there are is known only of roles that somebody names.
 */
export function unknownLogins({
  database: { reading },
  policies,
}: Pick<Snapshot, "database" | "policies">): readonly PolicyFacts[] {
  if (!reading) return [];
  const hasLimits = limitedLogins(reading).length > 0;
  const isUnread = ({ role, database, spec }: PolicyFacts): boolean =>
    (role === undefined || database === undefined) && spec.database.secretRef !== undefined;
  return policies
    .filter(hasPlace)
    .filter(
      (policy) => missingRoleOf(policy, reading) !== undefined || (hasLimits && isUnread(policy)),
    );
}

/** spec.database.role, where the server has no such role. */
export function missingRoleOf(
  { spec: { database } }: PolicyFacts,
  { roleLimits }: Pick<DatabaseReading, "roleLimits">,
): string | undefined {
  const { role } = database;
  return role !== undefined && !Object.hasOwn(roleLimits, role) ? role : undefined;
}

/** Whose login growth waits for; empty where it waits for none. */
export function sayUnknownLogins(
  snapshot: Pick<Snapshot, "awaitedPolicy" | "database" | "policies">,
): string {
  if (snapshot.awaitedPolicy !== undefined) {
    return `until the secret of policy ${snapshot.awaitedPolicy} is read: its pods may count on this server`;
  }
  const [first, ...more] = unknownLogins(snapshot);
  if (first === undefined) return "";
  const others = more.length === 0 ? "" : ` and of ${more.length} more`;
  const { reading } = snapshot.database;
  const role = reading && missingRoleOf(first, reading);
  const until =
    role === undefined
      ? `until the secret of policy ${first.key}${others} can be read: it`
      : `until spec.database.role of policy ${first.key}${others} is corrected: the server has no ` +
        `role ${JSON.stringify(role)}, and its pods`;
  return `${until} may log in with a role or to a database that has a CONNECTION LIMIT`;
}
