// Limits of the command line that count for nothing. Each was given because somebody wanted an
// answer with it: without it, a gate would pass on a typing error.

import { engines } from "../api/engines.ts";
import type { Plan } from "../domain/decide/plan.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import type { Asked } from "./asked.ts";
import type { GivenLimits } from "./declared-database.ts";
import { unknownLogin, uriVariable } from "./secrets.ts";

export interface Planned {
  /** Of all servers that any policy means. */
  readonly plans: ReadonlyMap<ServerKey, Plan>;
  readonly asked: Asked;
}

/** Each with its flag, its value and what there is. */
export function uselessLimits(limits: GivenLimits, planned: Planned): readonly string[] {
  const { plans, asked } = planned;
  // By whichever of its names: one that another name stands for was asked as well.
  const servers = [...new Set([...plans.keys(), ...asked.engines.keys()])];
  const { maxConnections, reservedConnections, roleLimits, otherSessions } = limits;
  const unmet = maxConnections
    .filter((one) => one.servers.length > 0 && !one.servers.some((key) => servers.includes(key)))
    .map(({ text }) => `--max-connections ${text}: no policy is on that server; ${there(servers)}`);
  const unread = [...(otherSessions > 0 ? [`--other-sessions ${otherSessions}`] : [])].filter(
    () => asked.engines.size === 0,
  );
  const reserved = reservedConnections > 0 ? reservedProblem(reservedConnections, asked) : [];
  return [
    ...unmet,
    ...reserved,
    ...[...roleLimits].flatMap(([role, limit]) => roleProblem(`${role}=${limit}`, role, asked)),
    ...poolModeProblem(limits, plans),
    ...unread.map((flag) => `${flag}: ${nothingRead}`),
  ];
}

const nothingRead =
  "it counts for no policy: the operator reads no server that is named by spec.database.address";

function poolModeProblem({ poolMode }: GivenLimits, plans: Planned["plans"]): readonly string[] {
  // Where a limit is not known nothing is read, and the server behind is named all the same.
  const isOfPooler = ({ snapshot: { policies } }: Plan): boolean =>
    policies.some(({ spec: { database } }) => database.secretRef && database.serverBehind);
  if (poolMode === undefined || [...plans.values()].some(isOfPooler)) return [];
  const what = "no policy with a Secret names a server behind a pooler (database.serverBehind)";
  return [`--pool-mode ${poolMode}: ${what}`];
}

function reservedProblem(given: number, { engines: asked }: Asked): readonly string[] {
  const flag = `--reserved-connections ${given}`;
  if (asked.size === 0) return [`${flag}: ${nothingRead}`];
  const names = [...new Set(asked.values())];
  if (names.some((name) => engines[name].withheld.length > 0)) return [];
  const told = names.join(", ");
  return [`${flag}: ${told} keeps no connections from applications; ${there([...asked.keys()])}`];
}

function roleProblem(text: string, role: string, { roles, engines: asked }: Asked): string[] {
  if (roles.has(role)) return [];
  const flag = `--role-limit ${text}`;
  if (asked.size === 0) return [`${flag}: ${nothingRead}`];
  const known = [...roles].filter((one) => one !== unknownLogin);
  const way = `a role is known by spec.database.role, by a Secret among the manifests, or by ${uriVariable}`;
  return [`${flag}: no policy is known to log in with that role; ${there(known)}: ${way}`];
}

const namesTold = 5;

function there(names: readonly string[]): string {
  if (names.length === 0) return "there is none";
  const more = names.length > namesTold ? ", …" : "";
  const told = names.toSorted().slice(0, namesTold).join(", ");
  return `there ${names.length === 1 ? "is" : "are"} ${told}${more}`;
}
