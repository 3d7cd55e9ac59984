// The prefix of a further pool: how it stands in variables, and which prefixes a policy may give.

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { handedOut } from "../../../src/api/granted-names.ts";
import { parseSpec, poolPolicySpec } from "../../../src/api/poolpolicy.ts";
import { isPrefix, propertyPrefix, variablePrefix } from "../../../src/api/prefixes.ts";
import { isSizeUnderPrefix, presetOfSize, presetUnder } from "../../../src/api/preset-names.ts";
import { presets } from "../../../src/api/presets.ts";
import type { PresetName } from "../../../src/api/presets.ts";
import { entriesFor } from "../../../src/api/sizing.ts";

test.each([
  ["spring.datasource.reports.hikari", "SPRING_DATASOURCE_REPORTS_HIKARI_"],
  ["spring.second-datasource", "SPRING_SECONDDATASOURCE_"],
  ["app.dataSources.first", "APP_DATASOURCES_FIRST_"],
  ["APP_REPORTS", "APP_REPORTS_"],
])("%s is %s in variables", (prefix, want) => {
  expect(isPrefix(prefix)).toBe(true);
  expect(variablePrefix(prefix)).toBe(want);
});

test("a prefix as it stands in variables is one of properties, too", () => {
  expect(propertyPrefix("SPRING_DATASOURCE_REPORTS")).toBe("spring.datasource.reports");
  expect(propertyPrefix("spring.second-datasource")).toBe("spring.second-datasource");
});

test.each(["", "1st", "a..b", "spring.datasource.", "a b", "a/b", "$(A)", "x".repeat(101)])(
  "%j is none",
  (prefix) => {
    expect(isPrefix(prefix)).toBe(false);
  },
);

test.each(["ld", "node.options", "JAVA_TOOL", "kube.proxy", "npm.config", "app.conn-string"])(
  "%s is refused: a process reads more than sizes under it",
  (prefix) => {
    expect(isPrefix(prefix)).toBe(false);
  },
);

test.each([
  [
    { preset: "tomcat", prefix: "spring.datasource.reports.tomcat" },
    [
      "SPRING_DATASOURCE_REPORTS_TOMCAT_MINIDLE=1",
      "SPRING_DATASOURCE_REPORTS_TOMCAT_MAXACTIVE=7",
      "SPRING_DATASOURCE_REPORTS_TOMCAT_MAXIDLE=7",
    ],
  ],
  [
    { preset: "dbcp2", prefix: "APP_R" },
    ["APP_R_MINIDLE=1", "APP_R_MAXTOTAL=7", "APP_R_MAXIDLE=7"],
  ],
  // The profile's settings are of the usual one.
  [{ prefix: "reports" }, ["REPORTS_POOL_MIN_SIZE=1", "REPORTS_POOL_MAX_SIZE=7"]],
])("%j writes %j", (entry, want) => {
  expect(entriesOf(entry).map(({ name, value }) => `${name}=${value}`)).toEqual(want);
});

function entriesOf(entry: object): ReturnType<typeof entriesFor> {
  const database = { secretRef: { name: "db" } };
  const workloads = [{ name: "web", ...entry }];
  const spec = poolPolicySpec.parse({ database, profile: "production", workloads });
  const [first] = spec.workloads;
  if (!first) throw new Error("the policy has an entry");
  return entriesFor(spec, first, 7);
}

describe("whatever a policy may give as a prefix", () => {
  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/);
  const prefix = fc
    .tuple(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom(".", "-", "_"))
    .map(([words, between]) => words.join(between))
    .filter(isPrefix);
  const preset = fc.constantFrom(
    ...(Object.keys(presets) as PresetName[]).filter((name) => presets[name].prefix !== undefined),
  );

  it("is handed out, with each of its variables", () => {
    fc.assert(
      fc.property(prefix, preset, (given, name) => {
        const env = [...entriesOf({ preset: name, prefix: given })];
        const grants = { "Deployment/web": { container: "app", poolSize: 7, env } };
        expect(handedOut(grants)).toEqual(grants);
      }),
    );
  });

  it("is read back from the variable of the size", () => {
    fc.assert(
      fc.property(prefix, preset, (given, name) => {
        const { maxSize, bindsProperties } = presetUnder(name, given);
        const read = presetOfSize(maxSize);
        if (!bindsProperties) return;
        if (!read) throw new Error(`${maxSize} is of no preset`);
        expect(presetUnder(read.preset, read.prefix).maxSize).toBe(maxSize);
        expect(isSizeUnderPrefix(maxSize.toLowerCase().replaceAll("_", "."))).toBe(true);
      }),
    );
  });
});

test.each([
  [{ env: { maxSize: "POOL" } }, "prefix goes with a preset"],
  [{ preset: "pgbouncer" }, "a pooler's image fixes the names of its variables"],
])("a prefix is refused beside %j", (beside, want) => {
  const workloads = [{ name: "web", prefix: "app.reports", ...beside }];
  const read = parseSpec({ database: { secretRef: { name: "db" } }, workloads });
  expect(read).toEqual({ problem: expect.stringContaining(want) as string });
});

test.each(["LD_MAXACTIVE", "NODE_OPTIONS_MAXACTIVE", "MAXACTIVE", "A-B_MAXACTIVE", "A_MAXACTIVES"])(
  "a grant of %s is handed out by nobody",
  (name) => {
    const env = [{ name, value: "7" }];
    expect(handedOut({ "Deployment/web": { container: "app", poolSize: 7, env } })).toEqual({});
  },
);
