// What the operator asked of the servers in a plan, and which of them answered: so it can be said
// what a limit of the command line counted for, and where a limit comes from.

import { engineOfUri, type EngineName, usualEngine } from "../api/engines.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import type { Database } from "../ports.ts";

export interface Asked {
  readonly engines: ReadonlyMap<ServerKey, EngineName>;
  /** Whose limits were asked for. */
  readonly roles: ReadonlySet<string>;
  /** Those that said their limits. */
  readonly answered: ReadonlySet<ServerKey>;
}

/** `database`, and what is asked of it from now on. */
export function recorded(database: Database): { readonly database: Database; asked: Asked } {
  const engines = new Map<ServerKey, EngineName>();
  const roles = new Set<string>();
  const answered = new Set<ServerKey>();
  const read: Database["read"] = async (target) => {
    engines.set(target.server, engineOfUri(target.uri) ?? usualEngine);
    for (const role of target.roles) roles.add(role);
    const outcome = await database.read(target);
    if (outcome.kind === "read") answered.add(target.server);
    return outcome;
  };
  const forget: Database["forget"] = (...args) => database.forget(...args);
  const recording: Database = { read, forget, close: () => database.close() };
  return { database: recording, asked: { engines, roles, answered } };
}
