// The limits on logins that a server says it has, of roles, of databases, and of a role on one
// database: the server's line (capacity.ts), its parts (login-limits.ts) and what refuses logins
// (refusing-limits.ts) all go by them. -1 stands where there is none.

import type { Engine } from "../../api/engines.ts";
import type { DatabaseReading } from "../facts/facts.ts";

/** What sessions log in with, or to, or both: such a pair is what a pooler has a pool for. */
export interface Login {
  readonly kind: "role" | "database" | "pair";
  /** Of a pair: see pairNameOf. */
  readonly name: string;
}

export const loginKinds = ["role", "database", "pair"] as const satisfies Login["kind"][];

export interface LimitedLogin extends Login {
  readonly limit: number;
  /** The setting that it comes from, where that is not the engine's one. */
  readonly setting?: string | undefined;
}

type Limits = Pick<
  DatabaseReading,
  "roleLimits" | "databaseLimits" | "pairLimits" | "limitSettings"
>;

/** No name holds it. */
const separator = "\0";

export function pairNameOf({ role, database }: { role: string; database: string }): string {
  return `${role}${separator}${database}`;
}

/** Its role and its database, as far as the login says them. */
export function partsOf({ kind, name }: Login): {
  readonly role?: string;
  readonly database?: string;
} {
  if (kind !== "pair") return { [kind]: name };
  const [role = "", database = ""] = name.split(separator);
  return { role, database };
}

interface Said {
  readonly role: string | undefined;
  readonly database: string | undefined;
}

/** The login of that kind that somebody has; undefined where it is not known. */
export function loginOf(kind: Login["kind"], { role, database }: Said): string | undefined {
  if (kind === "role") return role;
  if (kind === "database") return database;
  return role === undefined || database === undefined ? undefined : pairNameOf({ role, database });
}

/** The same of a session, which says both. */
export function loginIn(
  kind: Login["kind"],
  { user, database }: { readonly user: string; readonly database: string },
): string {
  return loginOf(kind, { role: user, database }) ?? "";
}

/** `role shop_app`, `database shop`, or `role shop_app on database shop`. */
export function limitName(login: Login): string {
  const { role, database } = partsOf(login);
  const named = { role: `role ${role ?? ""}`, database: `database ${database ?? ""}` };
  return login.kind === "pair" ? `${named.role} on ${named.database}` : named[login.kind];
}

/** Every login that has one, roles before databases before pairs, by name. */
export function limitedLogins(limits: Limits): readonly LimitedLogin[] {
  return loginKinds.flatMap((kind) =>
    Object.entries(limitsOf(limits, kind))
      .filter(([, limit]) => limit >= 0)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, limit]) => withSetting({ kind, name, limit }, limits)),
  );
}

function limitsOf(
  { roleLimits, databaseLimits, pairLimits = {} }: Limits,
  kind: Login["kind"],
): Readonly<Record<string, number>> {
  return { role: roleLimits, database: databaseLimits, pair: pairLimits }[kind];
}

function withSetting(login: LimitedLogin, { limitSettings = {} }: Limits): LimitedLogin {
  const name = limitName(login);
  return Object.hasOwn(limitSettings, name) ? { ...login, setting: limitSettings[name] } : login;
}

/** Of one login; undefined where it has none. */
export function limitOfLogin(limits: Limits, { kind, name }: Login): LimitedLogin | undefined {
  const all = limitsOf(limits, kind);
  const limit = Object.hasOwn(all, name) ? all[name] : undefined;
  if (limit === undefined || limit < 0) return undefined;
  return withSetting({ kind, name, limit }, limits);
}

/** `CONNECTION LIMIT 40 of role shop_app` */
export function sayLimit(login: LimitedLogin, engine: Pick<Engine, "loginLimit">): string {
  return `${settingOf(login, engine)} ${login.limit} of ${limitName(login)}`;
}

/** What people change to have another one. */
export function settingOf(
  { setting }: Pick<LimitedLogin, "setting">,
  { loginLimit }: Pick<Engine, "loginLimit">,
): string {
  return setting ?? loginLimit;
}
