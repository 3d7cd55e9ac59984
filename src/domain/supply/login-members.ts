// Who may log in with a role, or to a database, by what policies say: whose sessions its CONNECTION
// LIMIT bounds (login-circles.ts says beside whom). A policy that only names an address says
// nothing of its login, so its pods may be of any. A secret that is not read yet, or cannot be now,
// names a login that is not known, and so does a `role` that the server does not have, such as a
// mistyped one: nothing grows until it is, or nothing of its namespace, where that is bounded.

import { holdingUp, untilItsSecretIsRead } from "./awaited-policies.ts";
import { limitedLogins, type Login, partsOf } from "./connection-limits.ts";
import type { PolicyFacts, ServerWord, Snapshot } from "../facts/facts.ts";
import { isBounded } from "./quota-settings.ts";
import { lateFor, untilRead } from "./late-objects.ts";
import { oncePer, oncePerName } from "../once-per.ts";
import { hasLogin } from "./readers.ts";
import { hasPlace } from "../demand/standing.ts";
import { engineOf } from "./server-engine.ts";
import { areSizesRead, untilSizesAreRead } from "./unread-sizes.ts";

/** Whether pods of the policy may log in with it. */
export function isMemberOf(policy: PolicyFacts, login: Login): boolean {
  return singlesOf(login).every(({ kind, name }) => {
    const isUnsaid = policy[kind] === undefined && !hasLogin(policy);
    return isUnsaid || policy[kind] === name;
  });
}

interface Single {
  readonly kind: "role" | "database";
  readonly name: string;
}

/** Of a pair both. */
function singlesOf(login: Login): readonly Single[] {
  const { role, database } = partsOf(login);
  return [
    ...(role === undefined ? [] : [{ kind: "role", name: role } as const]),
    ...(database === undefined ? [] : [{ kind: "database", name: database } as const]),
  ];
}

/** Its login is not known: it may be this. */
export function mayBeMember(policy: PolicyFacts, login: Login, reading: ServerWord): boolean {
  if (!hasPlace(policy) || isMemberOf(policy, login)) return false;
  const isMistyped = missingRoleOf(policy, reading) !== undefined;
  return singlesOf(login).every((single) => {
    const isUnread = policy[single.kind] === undefined;
    return isUnread || (single.kind === "role" && isMistyped) || isMemberOf(policy, single);
  });
}

/**
 * Policies of which it is not known whose CONNECTION LIMIT bounds them, because their secret cannot
 * be read or the server does not have their role: their workloads are missing from a limit in which
 * others would grow. Which limits there are is known only of roles that somebody names.
 */
export const unknownLogins = oncePer((snapshot: LoginScene): readonly PolicyFacts[] => {
  const {
    database: { reading },
    policies,
  } = snapshot;
  if (!reading) return [];
  const hasLimits = limitedLogins(reading).length > 0;
  const isUnread = (policy: PolicyFacts): boolean =>
    hasLogin(policy) && (policy.role === undefined || policy.database === undefined);
  return policies
    .filter(hasPlace)
    .filter(
      (policy) => missingRoleOf(policy, reading) !== undefined || (hasLimits && isUnread(policy)),
    );
});

type LoginScene = Pick<Snapshot, "database" | "policies">;

/**
 * Those for whom the growth of a namespace waits. A bounded namespace holds up itself alone: its
 * words cost nothing, and what its pods really log in with is seen (login-proofs.ts).
 */
export function loginsAwaitedBy(
  namespace: string,
  snapshot: AwaitingScene,
): readonly PolicyFacts[] {
  return awaitedIn(snapshot)(namespace);
}

type AwaitingScene = Pick<Snapshot, "database" | "policies" | "namespaceQuotas">;

/** Worked out once for all rows that wait. */
const awaitedIn = oncePer((snapshot: AwaitingScene) => {
  const { namespaceQuotas } = snapshot;
  const unknown = unknownLogins(snapshot);
  return oncePerName((namespace) =>
    unknown.filter((policy) => {
      return policy.namespace === namespace || !isBounded(policy.namespace, namespaceQuotas);
    }),
  );
});

/** spec.database.role, where the server has no such role. */
export function missingRoleOf(
  { spec: { database } }: PolicyFacts,
  { roleLimits }: Pick<ServerWord, "roleLimits">,
): string | undefined {
  const { role } = database;
  return role !== undefined && !Object.hasOwn(roleLimits, role) ? role : undefined;
}

/** What has to be known before a namespace may grow; empty where it waits for nothing. */
export function sayUnknownLogins(
  snapshot: Pick<
    Snapshot,
    "awaitedPolicies" | "database" | "policies" | "namespaceQuotas" | "unreadIn" | "lateObjects"
  >,
  namespace: string,
): string {
  if (!areSizesRead(namespace, snapshot)) return untilSizesAreRead;
  const late = lateFor(namespace, snapshot);
  if (late) return untilRead(late, namespace);
  const awaited = holdingUp(namespace, snapshot);
  if (awaited) return untilItsSecretIsRead(awaited);
  const [first, ...more] = loginsAwaitedBy(namespace, snapshot);
  if (first === undefined) return "";
  const others = more.length === 0 ? "" : ` and of ${more.length} more`;
  const { reading } = snapshot.database;
  const role = reading && missingRoleOf(first, reading);
  const until =
    role === undefined
      ? `until the secret of policy ${first.key}${others} can be read: it`
      : `until spec.database.role of policy ${first.key}${others} is corrected: the server has no ` +
        `role ${JSON.stringify(role)}, and its pods`;
  return `${until} may log in with a role or to a database that has a ${engineOf(snapshot).loginLimit}`;
}
