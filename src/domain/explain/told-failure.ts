// Who is told why a server cannot be read. What it says of a login names its role, its database and
// where we come from: that is for those whose login it was. Whoever shares the server hears that
// there was one, and the reason.

import type { DatabaseFailure, ServerKey } from "../facts/facts.ts";

export function failureToldTo(
  namespace: string,
  failure: DatabaseFailure,
  server: ServerKey,
): Pick<DatabaseFailure, "reason" | "message"> {
  const { reason, message, toldTo } = failure;
  if (!toldTo || toldTo.includes(namespace)) return { reason, message };
  const tried = `${server} could not be read with a login of another namespace`;
  return { reason, message: `${tried}: see its policy, or name a secret with one that works` };
}
