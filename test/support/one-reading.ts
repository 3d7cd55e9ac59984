// One reading of a server by an adapter of its own, for tests of what goes wrong.
import { systemClock } from "../../src/adapters/clock.ts";
import type { ReaderOptions } from "../../src/adapters/database/reader.ts";
import type { Database, DatabaseOutcome, DatabaseTarget } from "../../src/ports.ts";

export const limits = { connectTimeoutMs: 2_000, queryTimeoutMs: 2_000 };

/** The session is closed again. */
export async function outcomeBy(
  create: (options: ReaderOptions) => Database,
  uri: string,
  more: Partial<DatabaseTarget> = {},
): Promise<DatabaseOutcome> {
  const database = create({ clock: systemClock, ...limits });
  const { host } = new URL(uri);
  const target = { server: host, uri, ca: undefined, roles: [], databases: [], ...more };
  const outcome = await database.read(target);
  await database.close();
  return outcome;
}

/** `read`, or the reason and the message. */
export function messageIn(outcome: DatabaseOutcome): string {
  return outcome.kind === "read" ? "read" : `${outcome.reason}: ${outcome.message}`;
}
