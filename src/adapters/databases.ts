// The one Database that the operator asks, in front of those of each engine: a URI says which of
// them it is for.

import { engineNames, type EngineName, engineOfUri, enginesInWords } from "../api/engines.ts";
import type { Database, DatabaseOutcome } from "../ports.ts";

export function createDatabases(readers: Readonly<Record<EngineName, Database>>): Database {
  const all = engineNames.map((engine) => readers[engine]);
  return {
    read: async (target) => {
      const engine = engineOfUri(target.uri);
      if (engine !== undefined) return withEngine(engine, await readers[engine].read(target));
      const message = `the connection URI is not a ${enginesInWords} one`;
      return { kind: "failed", reason: "InvalidConnectionUri", message };
    },
    lookAtWork: async (target) => {
      const engine = engineOfUri(target.uri);
      const seen = engine && (await readers[engine].lookAtWork?.(target));
      return seen ?? { clients: undefined, busyMs: 0 };
    },
    forget: async (server) => {
      await Promise.all(all.map((reader) => reader.forget(server)));
    },
    close: async () => {
      await Promise.all(all.map((reader) => reader.close()));
    },
  };
}

/** Whatever a server says of itself, it is none of another engine. */
function withEngine(engine: EngineName, outcome: DatabaseOutcome): DatabaseOutcome {
  if (outcome.kind !== "read" || outcome.reading.systemIdentifier === undefined) return outcome;
  const systemIdentifier = `${engine} ${outcome.reading.systemIdentifier}`;
  return { ...outcome, reading: { ...outcome.reading, systemIdentifier } };
}
