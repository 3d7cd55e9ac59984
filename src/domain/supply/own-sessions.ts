// The operator's own sessions on a server: one for each name by which it is read. Each takes a slot
// of the server, and of a CONNECTION LIMIT only where it logs in with that role, or to that
// database: a limit of others loses nothing by them.

import { type Login, loginIn } from "./connection-limits.ts";
import type { OwnSessions } from "../facts/facts.ts";

/** Slots that they take: of a login's limit, or of the whole server. */
export function ownSlots(sessions: readonly OwnSessions[] = [], login?: Login): number {
  const counted = login ? sessions.filter((one) => isWith(login, one)) : sessions;
  return counted.reduce((sum, { count }) => sum + count, 0);
}

function isWith({ kind, name }: Login, own: OwnSessions): boolean {
  return loginIn(kind, own) === name;
}
