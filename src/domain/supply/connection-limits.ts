// The limits on logins that a server says it has, of roles and of databases: the server's line
// (capacity.ts), its parts (login-limits.ts) and what refuses logins (refusing-limits.ts) all go
// by them. -1 stands where there is none.

import type { Engine } from "../../api/engines.ts";
import type { DatabaseReading } from "../facts/facts.ts";

/** What sessions log in with, or to. */
export interface Login {
  readonly kind: "role" | "database";
  readonly name: string;
}

export interface LimitedLogin extends Login {
  readonly limit: number;
}

type Limits = Pick<DatabaseReading, "roleLimits" | "databaseLimits">;

/** Every login that has one, roles before databases, by name. */
export function limitedLogins({ roleLimits, databaseLimits }: Limits): readonly LimitedLogin[] {
  return [...limitedOf("role", roleLimits), ...limitedOf("database", databaseLimits)];
}

function limitedOf(kind: Login["kind"], limits: Limits["roleLimits"]): LimitedLogin[] {
  return Object.entries(limits)
    .filter(([, limit]) => limit >= 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) => ({ kind, name, limit }));
}

/** Of one login; undefined where it has none. */
export function limitOfLogin(
  { roleLimits, databaseLimits }: Limits,
  { kind, name }: Login,
): number | undefined {
  const limits = kind === "role" ? roleLimits : databaseLimits;
  const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
  return limit === undefined || limit < 0 ? undefined : limit;
}

/** `CONNECTION LIMIT 40 of role shop_app` */
export function sayLimit(
  { kind, name, limit }: LimitedLogin,
  { loginLimit }: Pick<Engine, "loginLimit">,
): string {
  return `${loginLimit} ${limit} of ${kind} ${name}`;
}
