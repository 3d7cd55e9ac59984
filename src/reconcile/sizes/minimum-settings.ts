// The least that a pool keeps, where it is set by an argument, a property or a connection URL. A
// variable of the entry does not win over these, and a pool that opens with a size below its
// minimum does not start: asyncpg, Agroal (Quarkus, Keycloak), Npgsql.

import { numberIn } from "../../api/size-text.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { FoundSetting, ObservedContainer } from "../../observed.ts";
import { isMinimumName, stemOf } from "./pool-names.ts";
import { referredName, referredValue, type Resolve } from "./variable-values.ts";

/** A variable of the same pool, and the number that it holds. */
export interface Beside {
  readonly container: string;
  readonly name: string;
  readonly number: number;
  /** Where it stands, if not in a variable of that name. */
  readonly place?: string;
  /** What its owner can do, if not what helps of any minimum. */
  readonly fix?: string;
}

/** A template may have hundreds. */
const settingsMax = 10;

export function minimumsElsewhere(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): Beside[] {
  const { settings = [] } = container;
  const minimums = settings.filter((one) => isMinimumName(one.name) && isOfSamePool(one, sizing));
  return minimums.slice(0, settingsMax).flatMap(({ name, place, value = "" }): Beside[] => {
    const referred = referredName(value);
    const text = referred === undefined ? value : referredValue(container, referred, resolve)?.text;
    const number = numberIn(text ?? "");
    return number === undefined ? [] : [{ container: container.name, name, place, number }];
  });
}

/** A variable has the program's prefix before what an argument says: KC_DB_POOL_MAX_SIZE. */
function isOfSamePool({ kind, name }: FoundSetting, { readsUrl, maxSizeName }: Sizing): boolean {
  if (kind === "url") return readsUrl;
  const [stem, ofVariable] = [stemOf(name), stemOf(maxSizeName)];
  if (stem === ofVariable) return true;
  return kind === "argument" && stem !== "" && ofVariable.endsWith(stem);
}
