// The variable of the policy in another spelling, beside which ours may be read by nobody: tried
// with pydantic-settings 2.16 (the last entry wins) and Spring Boot 3.4.5 (MAXIMUMPOOLSIZE wins
// over MAXIMUM_POOL_SIZE, and that over MAXIMUM-POOL-SIZE).

import { describe, expect, it } from "vitest";
import { sizingOf } from "../../src/api/sizing.ts";
import { poolPolicySpec } from "../../src/api/poolpolicy.ts";
import { sizeInOtherSpelling } from "../../src/reconcile/sizes/other-spelling.ts";
import { env, expectOf } from "../support/situation.ts";

describe("a size in another spelling is counted, and no roll is wasted", () => {
  it.each([
    ["db_pool_max_size", {}],
    ["Db_Pool_Max_Size", {}],
    [
      "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE",
      { env: { maxSize: "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE" } },
    ],
    ["quarkus.datasource.jdbc.max-size", { env: { maxSize: "QUARKUS_DATASOURCE_JDBC_MAX_SIZE" } }],
  ])("%s", async (name, entry) => {
    const podSpec = env([name, "40"]);
    await expectOf(
      { name, entry, podSpec },
      {
        finding: ["SizeOverridden", `container app sets ${name}, another spelling`, "as 40"],
        ...{ grant: undefined, heldSlots: 120, rolls: 0, ready: "False" },
      },
    );
  });

  it("also beside the variable itself", async () => {
    const podSpec = env(["DB_POOL_MAX_SIZE", "10"], ["db_pool_max_size", "40"]);
    await expectOf({ name: "both", podSpec }, { heldSlots: 120, rolls: 0 });
  });

  it("but it is the size where the entry names it", async () => {
    const entry = { env: { maxSize: "db_pool_max_size" } };
    const podSpec = env(["db_pool_max_size", "40"]);
    await expectOf(
      { name: "named", entry, podSpec },
      {
        withoutFinding: "SizeOverridden",
        grant: 14,
      },
    );
  });

  it("nor where it takes ours over", async () => {
    const podSpec = env(["DB_POOL_MAX_SIZE", "10"], ["db_pool_max_size", "$(DB_POOL_MAX_SIZE)"]);
    await expectOf({ name: "reference", podSpec }, { withoutFinding: "SizeOverridden", grant: 14 });
  });

  it("nor where the entry names the spelling of Spring Boot that wins over all others", async () => {
    const entry = { env: { maxSize: "REPORTS_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE" } };
    const podSpec = env(["REPORTS_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "40"]);
    const want = { withoutFinding: "SizeOverridden", grant: 14, rolls: 1 } as const;
    await expectOf({ name: "legacy", entry, podSpec }, want);
  });
});

it("the largest of several counts, and one that says no size as the library's default", () => {
  const spec = poolPolicySpec.parse({
    ...{ database: { secretRef: { name: "db" } }, workloads: [{ name: "web" }] },
  });
  const [entry] = spec.workloads;
  if (!entry) throw new Error("the policy has an entry");
  const sizing = sizingOf(spec, entry);
  const sizeOf = (...entries: readonly [string, string][]): number | undefined => {
    const own = entries.map(([name, value]) => ({ name, value }));
    const container = { name: "app", env: own, envFrom: [] };
    return sizeInOtherSpelling(container, sizing, () => undefined)?.poolSize;
  };
  expect(sizeOf(["db_pool_max_size", "4"], ["DB_POOLMAXSIZE", "6"])).toBe(6);
  expect(sizeOf(["db_pool_max_size", "many"])).toBe(10);
  expect(sizeOf(["DB_POOL_SIZE", "4"])).toBeUndefined();
});
