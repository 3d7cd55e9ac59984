// Which kind of server it is, as the policies say that name it: whose words its limits are told in,
// and what it keeps from applications where nobody has read it.

import { type Engine, engines, usualEngine } from "../../api/engines.ts";
import type { Snapshot } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";

export const engineOf = oncePer(({ policies }: Pick<Snapshot, "policies">): Engine => {
  const named = policies.map(({ engine, spec }) => engine ?? spec.database.engine);
  // The usual one may be there because nobody said anything.
  return engines[named.find((engine) => engine !== usualEngine) ?? usualEngine];
});
