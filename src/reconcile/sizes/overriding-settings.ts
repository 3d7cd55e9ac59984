// Sizes that win over the variable that we write: Spring Boot takes arguments, -D properties and
// SPRING_APPLICATION_JSON before the environment (measured with 3.4.5), and a client that reads
// its pool's size from the connection URL reads no variable at all. What we wrote would be in
// vain.

import { isArgumentOf, isSameName } from "../../api/relaxed-names.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { OwnSize } from "../../domain/facts/facts.ts";
import type { FoundSetting, ObservedContainer } from "../../observed.ts";
import { saidSize } from "./said-size.ts";
import { type Resolve, valueOf } from "./variable-values.ts";

type ValueIn = (name: string) => string | undefined;

/** The largest of them; undefined where there is none. */
export function overridingSize(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  const valueIn: ValueIn = (name) => valueOf(container, [name], resolve)?.text;
  const sizes = (container.settings ?? [])
    .filter((setting) => isOfPool(setting, sizing))
    .flatMap((setting) => sizeOf(setting, sizing, valueIn));
  const [first, ...others] = sizes;
  return first && others.reduce((a, b) => (b.poolSize > a.poolSize ? b : a), first);
}

function isOfPool({ kind, name }: FoundSetting, { maxSizeName, readsUrl }: Sizing): boolean {
  if (kind === "url") return readsUrl;
  if (isSameName(name, maxSizeName)) return true;
  return kind === "argument" && isArgumentOf(name, maxSizeName);
}

/** None of one that takes ours over: --max-size=$(DB_POOL_MAX_SIZE), or as a shell writes it. */
function sizeOf(setting: FoundSetting, sizing: Sizing, valueIn: ValueIn): OwnSize[] {
  const { place, name, value = "" } = setting;
  const referred = /^\$[({]?([A-Za-z0-9_.-]+)/.exec(value)?.[1];
  if (referred === sizing.maxSizeName) return [];
  const text = referred === undefined ? value : (valueIn(referred) ?? "");
  const setElsewhere = `${place} sets ${name}`;
  const said = saidSize(text, sizing);
  if (!said) return [{ poolSize: sizing.unmanagedPoolSize, source: "setting", setElsewhere }];
  const { poolSize, unlimited } = said;
  return [{ poolSize, source: "setting", setElsewhere, ...(unlimited && { unlimited }) }];
}
