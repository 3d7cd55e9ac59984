// Who counts together in a CONNECTION LIMIT of a role or a database. Whoever writes a policy says
// what its pods log in with, and such a word costs nothing. So where the operator's owner bounds
// namespaces, a bounded one counts beside others only if the server has seen that it can log in so:
// by a secret of its own that works, or by sessions of its pods. Until then its word binds itself
// alone, beside what others hold at the moment.

import { type Login, loginKinds, loginOf } from "./connection-limits.ts";
import type { PolicyFacts, Snapshot, PoolFacts } from "../facts/facts.ts";
import { groupByEach } from "../group-by-each.ts";
import { isMemberOf, mayBeMember, unknownLogins } from "./login-members.ts";
import { LoginProofs } from "./login-proofs.ts";
import { isBounded } from "./quota-settings.ts";
import { oncePer, oncePerName } from "../once-per.ts";
import { ownWorkloads } from "../demand/own-positions.ts";
import { speakers } from "../demand/standing.ts";

export interface LoginCircle {
  /** The one whose words nothing bears out; undefined: everybody else's circle. */
  readonly namespace: string | undefined;
  readonly policies: readonly PolicyFacts[];
  /** Those of which it is not known what they log in with: they may be of it. */
  readonly possible: readonly PolicyFacts[];
}

/** Everybody else's first, then those of single namespaces by name; none that nobody is in. */
export const circlesOf = perLogin((snapshot, login): readonly LoginCircle[] => {
  const places = candidatesFor(login, candidatesOf(snapshot)).map((policy) => {
    const { namespace } = policy;
    const own = isBounded(namespace, snapshot.namespaceQuotas) ? namespace : undefined;
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
});

/** A server may have a limit for each of many logins, and most policies are of few of them. */
interface Candidates {
  readonly policies: readonly PolicyFacts[];
  /** By kind and name: places in the list of those that say the login. */
  readonly saying: ReadonlyMap<string, readonly number[]>;
  /** Of those that may log in with any. */
  readonly others: Readonly<Record<Login["kind"], readonly number[]>>;
}

const candidatesOf = oncePer((snapshot: Snapshot): Candidates => {
  const { policies } = snapshot;
  const unknown = unknownIn(snapshot);
  const placed = policies.map((policy, place) => ({ policy, place }));
  const othersOf = (kind: Login["kind"]): number[] =>
    placed.flatMap(({ policy, place }) =>
      loginOf(kind, policy) === undefined || unknown.has(policy) ? [place] : [],
    );
  return {
    policies,
    saying: groupByEach(policies.keys(), (place) =>
      loginKinds.map((kind) => `${kind} ${loginOf(kind, policies[place] ?? nobody) ?? ""}`),
    ),
    others: {
      ...{ role: othersOf("role"), database: othersOf("database") },
      pair: othersOf("pair"),
    },
  };
});

const nobody = { role: undefined, database: undefined };

function candidatesFor(
  { kind, name }: Login,
  { policies, saying, others }: Candidates,
): readonly PolicyFacts[] {
  const places = new Set([...(saying.get(`${kind} ${name}`) ?? []), ...others[kind]]);
  return [...places].sort((a, b) => a - b).flatMap((place) => policies[place] ?? []);
}

/** Worked out once for each login of a snapshot, which never changes. */
function perLogin<T>(
  workOut: (snapshot: Snapshot, login: Login) => T,
): (snapshot: Snapshot, login: Login) => T {
  const known = oncePer((snapshot: Snapshot) => ({
    role: oncePerName((name) => workOut(snapshot, { kind: "role", name })),
    database: oncePerName((name) => workOut(snapshot, { kind: "database", name })),
    pair: oncePerName((name) => workOut(snapshot, { kind: "pair", name })),
  }));
  return (snapshot, { kind, name }) => known(snapshot)[kind](name);
}

type Place = "member" | "possible" | "neither";

function standingOf(
  snapshot: Snapshot,
  login: Login,
): (policy: PolicyFacts, isProven: boolean) => Place {
  const { reading } = snapshot.database;
  const unknown = unknownIn(snapshot);
  return (policy, isProven) => {
    // Nobody else's growth waits for it, so it counts with what its namespace can log in with.
    if (isMemberOf(policy, login) || (isProven && unknown.has(policy))) return "member";
    return reading && mayBeMember(policy, login, reading) ? "possible" : "neither";
  };
}

const unknownIn = oncePer((snapshot: Snapshot) => new Set(unknownLogins(snapshot)));

/** The circle in which the policies of a namespace count. */
export function circleOf(snapshot: Snapshot, login: Login, namespace: string): LoginCircle {
  const own = circlesOf(snapshot, login).find(({ policies }) =>
    policies.some((policy) => policy.namespace === namespace),
  );
  return own ?? { namespace, policies: [], possible: [] };
}

/** Every policy of the server logs in with it, whether it has a place or not. */
export const isShared = perLogin((snapshot, login): boolean => {
  const { kind, name } = login;
  if (!snapshot.policies.every((policy) => loginOf(kind, policy) === name)) return false;
  return circlesOf(snapshot, login).every(({ namespace }) => namespace === undefined);
});

/** How many namespaces of a circle have policies that say the login. */
export function sharersIn(
  circle: LoginCircle,
  { kind, name }: Login,
  { policies }: Snapshot,
): number {
  const speaking = speakingAmong(policies);
  const saying = circle.policies.filter((one) => speaking.has(one) && loginOf(kind, one) === name);
  return Math.max(1, new Set(saying.map(({ namespace }) => namespace)).size);
}

const speakingAmong = oncePer((policies: readonly PolicyFacts[]) => new Set(speakers(policies)));

export function workloadsOf(
  { workloads }: Pick<Snapshot, "workloads">,
  policies: readonly PolicyFacts[],
): ReadonlySet<PoolFacts> {
  return new Set(policies.flatMap(({ key }) => ownWorkloads(workloads, key)));
}

const proofsOf = oncePer((snapshot: Snapshot) => new LoginProofs(snapshot));
