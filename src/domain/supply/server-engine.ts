// Which kind of server it is, as the policies say that name it: whose words its limits are told in,
// and what it keeps from applications where nobody has read it.

import { type Engine, type EngineName, engines, usualEngine } from "../../api/engines.ts";
import type { PolicyFacts, Snapshot } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";

export const engineOf = oncePer(({ policies }: Pick<Snapshot, "policies">): Engine => {
  const named = policies.map(engineNameOf);
  // The usual one may be there because nobody said anything.
  return engines[named.find((engine) => engine !== usualEngine) ?? usualEngine];
});

/** Of a policy: as its URI begins, or as it says. */
export function engineNameOf({
  engine,
  spec,
}: Pick<PolicyFacts, "engine"> & {
  readonly spec: { readonly database: Pick<PolicyFacts["spec"]["database"], "engine"> };
}): EngineName {
  return engine ?? spec.database.engine;
}
