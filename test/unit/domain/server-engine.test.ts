// Which kind of server it is, as the policies say.

import { expect, test } from "vitest";
import { engineNames, engines, usualEngine } from "../../../src/api/engines.ts";
import { engineOf } from "../../../src/domain/supply/server-engine.ts";
import { aPolicy } from "../../support/builders.ts";

test.each(engineNames)("a server whose policies say %s is one", (engine) => {
  const policy = aPolicy("a");
  const { spec } = policy;
  const policies = [{ ...policy, spec: { ...spec, database: { ...spec.database, engine } } }];
  expect(engineOf({ policies })).toBe(engines[engine]);
});

test("a server that no policy names is taken for the usual one", () => {
  expect(engineOf({ policies: [] })).toBe(engines[usualEngine]);
});

test("the beginning of a URI decides, and the usual engine gives way to one that was named", () => {
  const policies = [aPolicy("a"), { ...aPolicy("b"), engine: "MySQL" as const }];
  expect(engineOf({ policies })).toBe(engines.MySQL);
});
