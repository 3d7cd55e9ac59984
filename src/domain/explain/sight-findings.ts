// What is told where not all sessions of a server are seen: by a right that is missing, by what the
// server shows, or by what its clients do.

import type { Engine } from "../../api/engines.ts";
import type { Finding, ServerWord } from "../facts/facts.ts";

export function cannotSeeSessions(
  { role, account = role, isInPart }: ServerWord,
  { isOwn, engine }: { readonly isOwn: boolean; readonly engine: Engine },
): Finding {
  if (isInPart) return tooMuchSaid(engine);
  const who = isOwn ? `role ${role}` : "the role that reads the server";
  const statement = engine.grantSight(isOwn ? account : undefined);
  const message = `${who} ${engine.withoutSight}. For an exact account: ${statement}`;
  return { reason: "CannotSeeSessions", severity: "degraded", message };
}

/** Nobody's right is missing: a client of the server says or holds more than is read. */
function tooMuchSaid({ name, listClients }: Engine): Finding {
  const message =
    `what ${name} says of its clients is longer than what is read: those that are left out count ` +
    "as the fleet's, up to what its pods can hold, and the rest as foreign. For an exact account: " +
    `look for clients with a very long name, or very many of them (${listClients})`;
  return { reason: "CannotSeeSessions", severity: "degraded", message };
}

/** MySQL looks the client's address up, and shows the name that it found instead. */
export function showsNames(): Finding {
  const message =
    "the server shows the names of clients' machines in place of their addresses: those of the " +
    "applications' roles count as the fleet's, up to what its pods can hold, and all others as " +
    "foreign. For an exact account: start the server with skip_name_resolve=ON";
  return { reason: "CannotSeeSessions", severity: "degraded", message };
}
