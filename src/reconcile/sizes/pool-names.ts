// Which variables of a container speak of one pool, told by their names alone: APP_PG_POOL_MIN_SIZE
// goes with APP_PG_POOL_MAX_SIZE. What is left of both without the words that say which of a pool's
// numbers it is, is the same.

import { isForbiddenEnvironment, isSizeName } from "../../api/environment.ts";
import { plainName } from "../../api/relaxed-names.ts";
import { oncePer, oncePerText } from "../../domain/once-per.ts";
import type { ObservedContainer } from "../../observed.ts";
import { referableIn } from "./variable-values.ts";

type Env = ObservedContainer["env"];

type Container = Pick<ObservedContainer, "env" | "envOfAllPools">;

/** Names in its entries that may be numbers of the pool whose size `maxSizeName` is. */
export function namesOfPool(container: Container, maxSizeName: string): readonly string[] {
  // Of all pools at once: to tell what a name means costs more than to leave out those of others.
  const names = namesByStem(referableIn(container)).get(stemOf(maxSizeName)) ?? none;
  return container.envOfAllPools === undefined ? names : namesLeftIn(container.env)(names);
}

const none: readonly string[] = [];

const namesLeftIn = oncePer((env: Env) =>
  oncePer((names: readonly string[]): readonly string[] => {
    const own = new Set(env.map(({ name }) => name));
    return names.filter((name) => own.has(name));
  }),
);

/** No pool has more numbers; each may refer to something that has to be looked up. */
export const namesMax = 10;

/** Worked out once for a template, not at each decision. */
const namesByStem = oncePer((env: Env): ReadonlyMap<string, readonly string[]> => {
  const names = [...new Set(env.map(({ name }) => name))];
  return Map.groupBy(names.filter(isOfSomePool), stemOf);
});

/** Distinct variable names in a fleet are a few dozen; a tenant may write any number. */
export const namesKept = 1_000;

const isOfSomePool = oncePerText(
  namesKept,
  (name) => isSizeName(name) && !isForbiddenEnvironment(name),
);

/** Empty for a name that says no more than that it is a size: POOL_SIZE. */
export const stemOf = oncePerText(namesKept, (name) => plainName(name).replaceAll(kindWords, ""));

const kindWords = new RegExp(
  [
    ...["maximum", "minimum", "initial", "overflow", "connections", "active", "total", "conns"],
    ...["limit", "idle", "size", "pool", "conn", "open", "init", "max", "min"],
  ].join("|"),
  "g",
);

export function isMinimumName(name: string): boolean {
  return /min|init/i.test(name) && !/max/i.test(name.replaceAll(/maximum/gi, "max"));
}

export function isOverflowName(name: string): boolean {
  return /overflow/i.test(name);
}

/** It can only be the most that the pool opens. */
export function isMaximumName(name: string): boolean {
  return /pool|conn/i.test(name) && !/min|init|idle|overflow/i.test(name);
}
