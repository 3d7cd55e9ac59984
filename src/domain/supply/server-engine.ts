// Which kind of server it is, as the policies say that name it: whose words its limits are told in,
// and what it keeps from applications where nobody has read it.

import { type Engine, engines, usualEngine } from "../../api/engines.ts";
import type { Snapshot } from "../facts/facts.ts";

export function engineOf({ policies }: Pick<Snapshot, "policies">): Engine {
  return engines[policies[0]?.spec.database.engine ?? usualEngine];
}
