// Sizes that win over the variable that we write: Spring Boot takes arguments, -D properties and
// SPRING_APPLICATION_JSON before the environment (measured with 3.4.5), and a client that reads
// its pool's size from the connection URL reads no variable at all. What we wrote would be in
// vain.

import { isArgumentOf, isSameName } from "../../api/relaxed-names.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { OwnSize } from "../../domain/facts/facts.ts";
import type { FoundSetting, ObservedContainer } from "../../observed.ts";
import { isMinimumName } from "./pool-names.ts";
import { largestOf, saidSize } from "./said-size.ts";
import { referredValue, type Resolve } from "./variable-values.ts";

type ValueIn = (name: string) => string | undefined;

/** The largest of them; undefined where there is none. */
export function overridingSize(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  const { standing, referring } = overridingIn(sizing)(container);
  if (referring.length === 0) return standing;
  const valueIn: ValueIn = (name) => referredValue(container, name, resolve)?.text;
  const referred = referring.flatMap((setting) => sizeOf(setting, sizing, valueIn));
  return largestOf([...(standing ? [standing] : []), ...referred]);
}

interface Overriding {
  /** The largest of those that say a size themselves. */
  readonly standing: OwnSize | undefined;
  readonly referring: readonly FoundSetting[];
}

/** Of one container; what others refer to is not known. Each pod may have read something else. */
const referencesMax = 10;

/** Worked out once: a container may have hundreds, and each pod of a template asks. */
const overridingIn = oncePer((sizing: Sizing) =>
  oncePer(({ settings = [] }: ObservedContainer): Overriding => {
    const own = settings.filter((setting) => setsSizeOf(setting, sizing));
    const referring = own.filter((setting) => referredIn(setting) !== undefined);
    const followed = new Set(referring.slice(0, referencesMax));
    const others = own.filter((setting) => !followed.has(setting));
    const sizes = others.flatMap((setting) => sizeOf(setting, sizing, () => undefined));
    return { standing: largestOf(sizes), referring: [...followed] };
  }),
);

/** It is a size of this pool, and of no other one. */
export function setsSizeOf({ kind, name }: FoundSetting, sizing: Sizing): boolean {
  const { maxSizeName, readsUrl, bindsProperties } = sizing;
  if (kind === "url") return readsUrl && !isMinimumName(name);
  if (isSameName(name, maxSizeName)) return true;
  return kind === "argument" && !bindsProperties && isArgumentOf(name, maxSizeName);
}

/** None of one that takes ours over: --max-size=$(DB_POOL_MAX_SIZE), or as a shell writes it. */
function sizeOf(setting: FoundSetting, sizing: Sizing, valueIn: ValueIn): OwnSize[] {
  const { place, name, value = "" } = setting;
  const referred = referredIn(setting);
  if (referred === sizing.maxSizeName) return [];
  const text = referred === undefined ? value : (valueIn(referred) ?? usualIn(value));
  const setElsewhere = `${place} sets ${name}`;
  const said = saidSize(text, sizing);
  if (!said) return [{ poolSize: sizing.unmanagedPoolSize, source: "setting", setElsewhere }];
  const { poolSize, unlimited } = said;
  return [{ poolSize, source: "setting", setElsewhere, ...(unlimited && { unlimited }) }];
}

/** What is taken where nothing has the name: ${POOL:-40} of a shell, ${POOL:40} of Spring Boot. */
function usualIn(value: string): string {
  return /:-?([0-9]+)\}$/.exec(value)?.[1] ?? "";
}

/** Whoever fills it in: $(NAME), ${NAME:40}, $NAME. */
export function referredIn({ value = "" }: Pick<FoundSetting, "value">): string | undefined {
  return /^\$[({]?([A-Za-z0-9_.-]+)/.exec(value.trim())?.[1];
}
