// The admin console of one PgBouncer process: a database that runs a few commands of its own. It
// takes one command at a time, no parameters, and no settings of a session; it ends none by itself.

import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import { SharedRoom } from "../database/frames.ts";
import type { Limits } from "../database/line.ts";
import type { SessionSettings } from "../database/reader.ts";
import { type Connection, openConnection } from "../postgres/connection.ts";

export interface Console {
  readonly remoteAddress: string;
  /** False as soon as either side has closed it. */
  isOpen(): boolean;
  /** Rows of one command. After a time-out or a call-off the connection is closed. */
  run(command: Command, limits: Limits): Promise<unknown>;
  /** Never throws, takes at most a second. */
  close(): Promise<void>;
}

/** Those that `stats_users` may run. */
export type Look =
  | "SHOW VERSION"
  | "SHOW CONFIG"
  | "SHOW LISTS"
  | "SHOW CLIENTS"
  | "SHOW USERS"
  | "SHOW DATABASES"
  | "SHOW POOLS";

/** Those that only `admin_users` may run. */
export type Order =
  | `SET ${"default_pool_size" | "reserve_pool_size"} = ${number}`
  | "RECONNECT"
  | `RECONNECT ${string}`;

export type Command = Look | Order;

/** A client is a row of about 250 bytes, and a pod may have ten thousand of them. */
const room = { bytes: 6 * 1024 * 1024, messages: 24_000 };
/** PgBouncer shows about 20 of a client. A row costs by how many it has, empty or not. */
const columns = 40;
/** Of all pods together: what is read takes time that is everybody's. */
const poolerRoom = { bytes: 10 * 1024 * 1024, messages: 48_000 };

export function roomOfPooler(): SharedRoom {
  return new SharedRoom(poolerRoom);
}

/** Within the time limit. Throws what pg, the socket or PgBouncer threw. */
export async function openConsole(
  settings: SessionSettings<ConnectionUri>,
  shared: SharedRoom,
  limits: Limits,
): Promise<Console> {
  const answers = { columns, room: { ...room, shared } };
  const connection = await openConnection({ ...settings, options: undefined, answers }, limits);
  return consoleOn(connection);
}

function consoleOn(connection: Connection): Console {
  return {
    remoteAddress: connection.remoteAddress ?? "",
    isOpen: () => connection.isOpen(),
    run: (command, limits) => connection.query(command, undefined, limits),
    close: () => connection.close(),
  };
}
