// The usual settings of a service by environment. A policy that names none gets the production
// bounds and no other settings: whoever did not ask for timeouts must not get them.

import type { PoolPolicySpec } from "./poolpolicy.ts";

export type ProfileName = NonNullable<PoolPolicySpec["profile"]>;

export interface Profile {
  /** Default of poolSize.max, in connections. */
  readonly ceiling: number;
  /** Default of poolSize.minSizePercent, 0 to 100. */
  readonly minSizePercent: number;
  /** The profile's other settings, as entries of the generic preset. */
  readonly settings: readonly { readonly name: string; readonly value: string }[];
}

/** For how long a pool keeps a connection that does nothing, in seconds. */
export const idleLifetimeName = "DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME";

/** Default of poolSize.min in every profile: with one connection a slow query stops a pod. */
export const defaultFloor = 2;

/** Bounds of a policy that names no profile. */
export const defaultProfile: ProfileName = "production";

/** Ceilings and minimums of 50/10 (production), 20/5 (development) and 5/2 (test). */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  production: {
    ceiling: 50,
    minSizePercent: 20,
    settings: settings("production", {
      timeoutSeconds: 60,
      queries: 50_000,
      idleSeconds: 300,
    }),
  },
  development: {
    ceiling: 20,
    minSizePercent: 25,
    settings: settings("development", {
      timeoutSeconds: 60,
      queries: 50_000,
      idleSeconds: 300,
    }),
  },
  test: {
    ceiling: 5,
    minSizePercent: 40,
    settings: settings("test", { timeoutSeconds: 30, queries: 10_000, idleSeconds: 60 }),
  },
};

function settings(
  name: ProfileName,
  limits: { timeoutSeconds: number; queries: number; idleSeconds: number },
): Profile["settings"] {
  return [
    { name: "DB_ENV", value: name },
    { name: "DB_POOL_COMMAND_TIMEOUT", value: String(limits.timeoutSeconds) },
    { name: "DB_POOL_MAX_QUERIES", value: String(limits.queries) },
    { name: idleLifetimeName, value: String(limits.idleSeconds) },
  ];
}
