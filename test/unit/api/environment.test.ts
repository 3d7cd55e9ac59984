// Which names speak of the size of a pool, by the pattern that the API server reads and by our own
// look at a template, which must not take longer for a longer name than in proportion.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isForbiddenEnvironment,
  isSizeName,
  ownerNames,
  sizeWordPattern,
} from "../../../src/api/environment.ts";
import { matches } from "../../../src/api/rules.ts";
import { allowedNames, forbiddenNames, retiredNames } from "../../support/environment-names.ts";
import { expectCpuBelow } from "../../support/cpu-time.ts";

const words = [
  ...["POOL", "CONN", "CONNS", "CONNECTIONS", "SIZE", "MAX", "IDLE", "LIMIT", "MIN", "MINIMUM"],
  ...["_", "__", "X", "db", "max", "DBX", "MYSQLALCHEMY", "JDBCP", ...ownerNames],
];
const aName = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

test("a name of a template is that of a size where a policy may name it", () => {
  const isSaid = (name: string): boolean => matches(name, sizeWordPattern);
  for (const name of [...allowedNames, ...forbiddenNames, ...retiredNames]) {
    expect([name, isSizeName(name)]).toEqual([name, isSaid(name)]);
  }
  fc.assert(
    fc.property(aName, (name) => isSizeName(name) === isSaid(name)),
    { numRuns: 3_000 },
  );
});

test("no policy can name a variable of more than 128 characters", () => {
  const name = "DB_POOL_SIZE".padStart(129, "X");
  expect([name.slice(1), name].map(isSizeName)).toEqual([true, false]);
  expect([name.slice(1), name].map(isForbiddenEnvironment)).toEqual([false, true]);
});

test("whatever a name is, the square of its length is nobody's time", () => {
  for (const word of ["MAX", "DATABASE", "_DB", "IDLE_", "_MIN", "SQL"]) {
    const long = word.repeat(200_000);
    const ask = (): boolean => isSizeName(long) || matches(long, sizeWordPattern);
    expectCpuBelow(20, ask);
  }
});
