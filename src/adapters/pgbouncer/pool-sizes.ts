// What the console of one process says of the sizes of its pools. A SET changes the size that is
// everybody's, and never one that stands in [databases] or [users]; and SHOW DATABASES shows the
// new size at once, whether or not a connection was closed, so that SHOW POOLS has to be asked as
// well (measured with 1.18 and 1.26).

import type { ConsoleAnswer } from "../../console-port.ts";
import { poolSizeLimit } from "../../api/workload-entry.ts";
import { numberIfAny, numberIn, type Row, type Rows, textIfAny } from "./rows.ts";
import { consoleName } from "./server-side.ts";

export interface SaidOfSizes {
  readonly settings: ReadonlyMap<string, string>;
  readonly entries: Rows;
  readonly users: Rows;
}

type Settings = SaidOfSizes["settings"];

/** With the reserve, which is used in addition. */
export function usualSizeIn(settings: Settings): number {
  return poolSizeIn(settings) + reserveIn(settings);
}

/** 0 is no limit from 1.24 on, and nobody writes it before. */
export function poolSizeIn(settings: Settings): number {
  return limited(numberIn(settings.get("default_pool_size")));
}

export function reserveIn(settings: Settings): number {
  return hasReserve(settings)
    ? Math.min(numberIn(settings.get("reserve_pool_size") ?? "0"), poolSizeLimit)
    : 0;
}

/** With a time of 0 it is not used. */
function hasReserve(settings: Settings): boolean {
  return settings.get("reserve_pool_timeout") !== "0";
}

function limited(size: number): number {
  return size === 0 ? poolSizeLimit : Math.min(size, poolSizeLimit);
}

/** The largest size that is not everybody's, and so is not changed by a SET. */
export function ownSizeIn(said: SaidOfSizes): ConsoleAnswer["ownSize"] {
  const usual = { size: poolSizeIn(said.settings), reserve: reserveIn(said.settings) };
  const sizeOf = (row: Row): number => {
    const size = numberIfAny(row["pool_size"]);
    const reserve = numberIfAny(row["reserve_pool_size"] ?? row["reserve_pool"]);
    const reserved = hasReserve(said.settings) ? (reserve ?? usual.reserve) : 0;
    return (size === undefined ? usual.size : limited(size)) + reserved;
  };
  const of = (kind: string, rows: Rows): OwnSize[] =>
    named(rows)
      .map(([name, row]) => ({ poolSize: sizeOf(row), where: `${kind} ${name}` }))
      .filter(({ poolSize }) => poolSize !== usualSizeIn(said.settings));
  const own = [...of("database", said.entries), ...of("user", said.users)];
  return own.sort((a, b) => b.poolSize - a.poolSize)[0];
}

type OwnSize = NonNullable<ConsoleAnswer["ownSize"]>;

/** The first place where it is set, of all that have a say. */
export function sessionModeIn({ settings, entries, users }: SaidOfSizes): string | undefined {
  const isSession = (mode: unknown): boolean => textIfAny(mode) === "session";
  if (isSession(settings.get("pool_mode"))) return "for all (pool_mode)";
  const entry = named(entries).find(([, row]) => isSession(row["pool_mode"]));
  if (entry) return `for database ${entry[0]}`;
  const user = named(users).find(([, row]) => isSession(row["pool_mode"]));
  return user && `for user ${user[0]}`;
}

/** Of each database: the connections to servers of its largest pool. */
export function openByDatabase(pools: Rows): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const row of pools) {
    const database = textIfAny(row["database"]) ?? "";
    if (database === consoleName) continue;
    most.set(database, Math.max(most.get(database) ?? 0, openIn(row)));
  }
  return most;
}

const stages = ["active", "being_canceled", "idle", "used", "tested", "login"];

function openIn(row: Row): number {
  return stages.reduce((sum, stage) => sum + (numberIfAny(row[`sv_${stage}`]) ?? 0), 0);
}

/** Without the console itself. */
function named(rows: Rows): (readonly [string, Row])[] {
  return rows.flatMap((row) => {
    const name = textIfAny(row["name"]);
    return name === undefined || name === consoleName ? [] : [[name, row] as const];
  });
}
