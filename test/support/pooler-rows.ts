// What the console of a PgBouncer says of its pools: rows of 1.18 as they were recorded, with what
// a test changes in them.

import { type SaidOfPools, ServerSide } from "../../src/adapters/pgbouncer/server-side.ts";

type Row = Readonly<Record<string, string | null>>;

export interface Said {
  readonly version?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly entries?: readonly Row[];
  readonly users?: readonly Row[];
  readonly pools?: readonly Row[];
}

export function entry(name: string, more: Row = {}): Row {
  return {
    ...{ name, host: "10.0.8.1", port: "5432", database: name, force_user: null },
    ...{ pool_size: "20", reserve_pool: "0", pool_mode: null, max_connections: "0" },
    ...{ current_connections: "0", ...more },
  };
}

const consoleEntry = entry("pgbouncer", {
  host: null,
  force_user: "pgbouncer",
  pool_mode: "statement",
});

function said({ version = 11_800, settings = {}, ...rows }: Said = {}): SaidOfPools {
  const all = { pool_mode: "session", default_pool_size: "20", reserve_pool_timeout: "5" };
  return {
    versionNumber: version,
    settings: new Map(Object.entries({ ...all, ...settings })),
    users: [...(rows.users ?? []), { name: "pgbouncer", pool_mode: null }],
    entries: [consoleEntry, ...(rows.entries ?? [entry("orders")])],
    pools: [{ database: "pgbouncer", user: "pgbouncer" }, ...(rows.pools ?? [])],
  };
}

export const pair = { role: "app", database: "orders" };

export const asked = { roles: ["app"], databases: ["orders"], pairs: [pair] };

export function sideOf(one: Said = {}, { pairs } = asked): ServerSide {
  return new ServerSide(said(one), pairs);
}
