// What the names of a container's variables mean is worked out once, however many pools ask.

import { expect, test } from "vitest";
import type { EnvEntry } from "../../src/observed.ts";
import { namesOfPool } from "../../src/reconcile/sizes/pool-names.ts";

const names = Array.from({ length: 21 }, (_, place) => `P${place}_POOL_SIZE`);

/** Entries that count how often somebody asks for a name. */
function watched(): { readonly env: readonly EnvEntry[]; readonly looks: () => number } {
  let looks = 0;
  const env = names.map((name) =>
    Object.defineProperty({ name, value: "1" }, "name", {
      get: (): string => {
        looks += 1;
        return name;
      },
    }),
  );
  return { env, looks: () => looks };
}

/** What is left where the others are of other pools. */
const own = names.map((name) => [{ name, value: "1" }]);

test("once for all pools of a container, whose entries are not the same", () => {
  const { env, looks } = watched();
  const found = names.map((name, place) => {
    return namesOfPool({ env: own[place] ?? [], envOfAllPools: env }, name);
  });
  expect(found).toEqual(names.map((name) => [name]));
  expect(looks()).toBe(names.length);
});

test("names of other pools are left out", () => {
  const env = ["P_POOL_SIZE", "P_POOL_MIN"].map((name) => ({ name, value: "1" }));
  const container = { env: env.slice(0, 1), envOfAllPools: env };
  expect(namesOfPool(container, "P_POOL_SIZE")).toEqual(["P_POOL_SIZE"]);
  expect(namesOfPool({ env }, "P_POOL_SIZE")).toEqual(["P_POOL_SIZE", "P_POOL_MIN"]);
});
