// Everything that bounds the clients of a login: limits on clients (from 1.24 on), and in session
// mode what PgBouncer may open for them (server-side.ts). Of one process first, then of all pods.

import { behindMax } from "../../api/status-servers.ts";
import { limitName, pairNameOf } from "../../domain/supply/connection-limits.ts";
import type { ServerBehind } from "../../domain/facts/facts.ts";
import type { Answer, Question } from "../database/reader.ts";
import { type Bound, type Bounds, limitsIn, stricter, sum, summed } from "./bounds.ts";
import { KnownUsers } from "./pools-behind.ts";
import { byName, numberIfAny, numberIn, type Rows } from "./rows.ts";
import type { SaidOfPools, ServerSide } from "./server-side.ts";

type Asked = Pick<Question, "roles" | "databases" | "pairs">;

type Limits = Required<
  Pick<Answer, "roleLimits" | "databaseLimits" | "pairLimits" | "limitSettings">
>;

/**
 * Of all processes. A database that none of them lists is not one that applications log in to: the
 * console, or what a URI means that says none. Who logs in to it in a policy may log in to any.
 * With an entry `*` a process lists a database once somebody has used it there.
 */
export function limitsOfPods(sides: readonly ServerSide[], asked: Asked): Limits {
  const listed = new Set(sides.flatMap(({ databases }) => databases));
  const pairs = asked.pairs ?? [];
  const [known, unknown] = [
    pairs.filter(({ database }) => listed.has(database)),
    pairs.filter(({ database }) => !listed.has(database)),
  ];
  const anywhere = new Set(unknown.map(({ role }) => role));
  const ofPods = sides.map((side) => {
    const [ofUser, ofEntry] = [clientsOfUser(side.said), clientsOfEntry(side.said)];
    const ofSession = (name: string): Bound | undefined =>
      listed.has(name) ? side.databaseBound(name) : undefined;
    return {
      roles: boundsOf(asked.roles, (name) =>
        stricter(ofUser(name), side.roleBound(name, anywhere.has(name))),
      ),
      databases: boundsOf(asked.databases, (name) => stricter(ofEntry(name), ofSession(name))),
      pairs: new Map(known.map((pair) => [pairNameOf(pair), side.pairBound(pair)])),
    };
  });
  const roles = summed(ofPods.map((pod) => pod.roles));
  const databases = summed(ofPods.map((pod) => pod.databases));
  const ofPairs = summed(ofPods.map((pod) => pod.pairs));
  return {
    roleLimits: limitsIn(roles),
    databaseLimits: limitsIn(databases),
    pairLimits: limitsIn(ofPairs),
    limitSettings: Object.fromEntries([
      ...settingsOf("role", roles),
      ...settingsOf("database", databases),
      ...settingsOf("pair", ofPairs),
    ]),
  };
}

function boundsOf(names: readonly string[], boundOf: (name: string) => Bound | undefined): Bounds {
  return new Map(names.map((name) => [name, boundOf(name)]));
}

/**
 * From 1.24 on: of a user or a database, or what the setting says for all of them. 0 is none. Who
 * is not listed may be known all the same: PgBouncer lists users and databases that it has met.
 */
function clientsOfUser({ settings, users }: SaidOfPools): BoundOf {
  return clientBounds(settings, "max_user_client_connections", users);
}

function clientsOfEntry({ settings, entries }: SaidOfPools): BoundOf {
  return clientBounds(settings, "max_db_client_connections", entries);
}

type BoundOf = (name: string) => Bound | undefined;

function clientBounds(settings: SaidOfPools["settings"], setting: string, rows: Rows): BoundOf {
  const usual = numberIn(settings.get(setting) ?? "0");
  const column = setting.replace("_db_", "_");
  const known = byName(rows);
  return (name) => {
    const slots = numberIfAny(known.get(name)?.[column]) ?? usual;
    return slots > 0 ? { slots, by: setting } : undefined;
  };
}

function settingsOf(
  kind: Parameters<typeof limitName>[0]["kind"],
  bounds: Bounds,
): (readonly [string, string])[] {
  return [...bounds].flatMap(([name, bound]) => {
    return bound === undefined ? [] : [[limitName({ kind, name }), bound.by] as const];
  });
}

/** Of all pods together, those first that may get most. */
export function behindPods(sides: readonly ServerSide[]): readonly ServerBehind[] {
  const users = new KnownUsers(sides.map((side) => side.users));
  const each = sides.flatMap((side) => [...side.behind(users)]);
  const servers = [...Map.groupBy(each, ([server]) => server)].map(([server, own]) => {
    const parts = own.map(([, part]) => part);
    const maySlots = sum(parts.map((one) => one.maySlots));
    return {
      server,
      processes: parts.length,
      entries: Math.max(...parts.map(({ entries }) => entries)),
      maySlots: maySlots === Infinity ? -1 : maySlots,
      openSlots: sum(parts.map((one) => one.openSlots)),
      isSession: parts.every(({ isSession }) => isSession),
    };
  });
  const rank = ({ maySlots }: ServerBehind): number => (maySlots < 0 ? Infinity : maySlots);
  const inOrder = servers.sort((a, b) => rank(b) - rank(a) || (a.server < b.server ? -1 : 1));
  return inOrder.slice(0, behindMax);
}
