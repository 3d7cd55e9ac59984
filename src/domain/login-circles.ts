// Who counts together in a CONNECTION LIMIT of a role or a database. Whoever writes a policy says
// what its pods log in with, and such a word costs nothing. So where the operator's owner bounds
// namespaces, a bounded one counts beside others only if the server has seen that it can log in so:
// by a secret of its own that works, or by sessions of its pods. Until then its word binds itself
// alone, beside what others hold at the moment.

import type { Login } from "./connection-limits.ts";
import type { PolicyFacts, Snapshot, WorkloadFacts } from "./facts.ts";
import { isMemberOf, mayBeMember, unknownLogins } from "./login-members.ts";
import { LoginProofs } from "./login-proofs.ts";
import { isBounded } from "./namespace-shares.ts";
import { speakers } from "./standing.ts";

export interface LoginCircle {
  /** The one whose words nothing bears out; undefined: everybody else's circle. */
  readonly namespace: string | undefined;
  readonly policies: readonly PolicyFacts[];
  /** Those of which it is not known what they log in with: they may be of it. */
  readonly possible: readonly PolicyFacts[];
}

/** Everybody else's first, then those of single namespaces by name; none that nobody is in. */
export function circlesOf(snapshot: Snapshot, login: Login): readonly LoginCircle[] {
  const places = snapshot.policies.map((policy) => {
    const { namespace } = policy;
    const own = isBounded(namespace, snapshot.namespaceShares) ? namespace : undefined;
    const isProven = own !== undefined && proofsOf(snapshot).has(own, login);
    return { policy, isProven, circle: isProven ? undefined : own };
  });
  const standing = standingOf(snapshot, login);
  const counted = places.flatMap(({ policy, isProven, circle }) => {
    const place = standing(policy, isProven);
    return place === "neither" ? [] : [{ policy, circle, place }];
  });
  return [...Map.groupBy(counted, ({ circle }) => circle)]
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1))
    .map(([namespace, all]) => ({
      namespace,
      policies: all.flatMap(({ policy, place }) => (place === "member" ? [policy] : [])),
      possible: all.flatMap(({ policy, place }) => (place === "possible" ? [policy] : [])),
    }));
}

type Place = "member" | "possible" | "neither";

function standingOf(
  snapshot: Snapshot,
  login: Login,
): (policy: PolicyFacts, isProven: boolean) => Place {
  const { reading } = snapshot.database;
  const unknown = new Set(unknownLogins(snapshot));
  return (policy, isProven) => {
    // Nobody else's growth waits for it, so it counts with what its namespace can log in with.
    if (isMemberOf(policy, login) || (isProven && unknown.has(policy))) return "member";
    return reading && mayBeMember(policy, login, reading) ? "possible" : "neither";
  };
}

/** The circle in which the policies of a namespace count. */
export function circleOf(snapshot: Snapshot, login: Login, namespace: string): LoginCircle {
  const own = circlesOf(snapshot, login).find(({ policies }) =>
    policies.some((policy) => policy.namespace === namespace),
  );
  return own ?? { namespace, policies: [], possible: [] };
}

/** Every policy of the server logs in with it, whether it has a place or not. */
export function isShared(snapshot: Snapshot, login: Login): boolean {
  const { kind, name } = login;
  if (!snapshot.policies.every((policy) => policy[kind] === name)) return false;
  return circlesOf(snapshot, login).every(({ namespace }) => namespace === undefined);
}

/** How many namespaces of a circle have policies that say the login. */
export function sharersIn(
  circle: LoginCircle,
  { kind, name }: Login,
  { policies }: Snapshot,
): number {
  const speaking = new Set(speakers(policies));
  const saying = circle.policies.filter((one) => speaking.has(one) && one[kind] === name);
  return Math.max(1, new Set(saying.map(({ namespace }) => namespace)).size);
}

export function workloadsOf(
  { workloads }: Pick<Snapshot, "workloads">,
  policies: readonly PolicyFacts[],
): ReadonlySet<WorkloadFacts> {
  const keys = new Set(policies.map(({ key }) => key));
  return new Set(workloads.filter(({ policy }) => keys.has(policy)));
}

const known = new WeakMap<Snapshot, LoginProofs>();

/** Worked out once for all logins: a snapshot never changes. */
function proofsOf(snapshot: Snapshot): LoginProofs {
  const proofs = known.get(snapshot) ?? new LoginProofs(snapshot);
  known.set(snapshot, proofs);
  return proofs;
}
