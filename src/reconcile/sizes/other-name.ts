// A container that does not set the variable of the policy, but another one that reads like the
// size of the same pool: DB_POOL_SIZE=40 where the policy says DB_MAX_POOL. Most likely the policy
// names a variable that nobody reads. What we wrote into it would be in vain, and the pool would
// count as the default of its library.

import { largestOf, poolSizeIn } from "./said-size.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { OwnSize } from "../../domain/facts/facts.ts";
import type { ObservedContainer } from "../../observed.ts";
import { isMaximumName, namesMax, namesOfPool, stemOf } from "./pool-names.ts";
import { entryNamed } from "./variable-values.ts";

/** The largest of them; undefined where the variable may be set all the same. */
export function sizeUnderOtherName(
  container: ObservedContainer,
  { maxSizeName, maxSizeAliases, otherNames }: Sizing,
): OwnSize | undefined {
  const { envFrom, isCut } = container;
  const isKnownWhole = envFrom.length === 0 && isCut !== true;
  if (!isKnownWhole || stemOf(maxSizeName) === "") return undefined;
  if (entryNamed(container, [maxSizeName, ...maxSizeAliases])) return undefined;
  const names = namesOfPool(container, maxSizeName).filter((name) => {
    return isMaximumName(name) && !otherNames.includes(name);
  });
  return largestOf(names.slice(0, namesMax).flatMap((name) => sizeOf(container, name)));
}

/** Of a literal: one that refers to ours takes it over, and is no other size. */
function sizeOf(container: ObservedContainer, name: string): OwnSize[] {
  const poolSize = poolSizeIn(entryNamed(container, [name])?.value ?? "");
  if (poolSize === undefined) return [];
  const setElsewhere = `container ${container.name} sets ${name}`;
  return [{ poolSize, source: "setting", setElsewhere, isOtherName: true }];
}
