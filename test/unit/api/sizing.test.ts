// What a policy means once presets, profiles and defaults are filled in, and which entries a pod
// gets for a size.
import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { poolPolicySpec, type PoolPolicySpec } from "../../../src/api/poolpolicy.ts";
import { namesOfPreset, presets } from "../../../src/api/presets.ts";
import { entriesFor, sizingOf } from "../../../src/api/sizing.ts";

function specOf(more: object, entry: object): PoolPolicySpec {
  return poolPolicySpec.parse({
    database: { secretRef: { name: "db" } },
    workloads: [{ name: "web", ...entry }],
    ...more,
  });
}

function entryOf(spec: PoolPolicySpec): PoolPolicySpec["workloads"][number] {
  const entry = spec.workloads[0];
  if (entry === undefined) throw new Error("a spec has at least one entry");
  return entry;
}

const sizings = [
  {
    name: "nothing said: production's bounds and the generic names",
    spec: {},
    entry: {},
    want: {
      floor: 2,
      ceiling: 50,
      minSizePercent: 20,
      unmanagedPoolSize: 10,
      processesPerPod: 1,
      extraConnectionsPerPod: 0,
      weight: 1,
      minSizeName: "DB_POOL_MIN_SIZE",
      maxSizeName: "DB_POOL_MAX_SIZE",
      maxSizeAliases: [],
    },
  },
  {
    name: "development",
    spec: { profile: "development" },
    entry: {},
    want: { floor: 2, ceiling: 20, minSizePercent: 25 },
  },
  {
    name: "test",
    spec: { profile: "test" },
    entry: {},
    want: { floor: 2, ceiling: 5, minSizePercent: 40 },
  },
  {
    name: "own bounds win over the profile",
    spec: { profile: "test" },
    entry: { poolSize: { min: 3, max: 9, minSizePercent: 0 } },
    want: { floor: 3, ceiling: 9, minSizePercent: 0 },
  },
  {
    name: "a floor above the profile's ceiling lifts the ceiling",
    spec: { profile: "test" },
    entry: { poolSize: { min: 8 } },
    want: { floor: 8, ceiling: 8 },
  },
  {
    name: "a ceiling below the default floor lowers the floor",
    spec: {},
    entry: { poolSize: { max: 1 } },
    want: { floor: 1, ceiling: 1 },
  },
  {
    name: "hikari",
    spec: {},
    entry: { preset: "hikari" },
    want: {
      unmanagedPoolSize: 10,
      minSizeName: "SPRING_DATASOURCE_HIKARI_MINIMUMIDLE",
      maxSizeName: "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE",
      maxSizeAliases: [
        "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
        "SPRING_DATASOURCE_HIKARI_MAXIMUM-POOL-SIZE",
        "spring.datasource.hikari.maximum-pool-size",
      ],
    },
  },
  {
    name: "tomcat holds 100 when nothing is set",
    spec: {},
    entry: { preset: "tomcat" },
    want: { unmanagedPoolSize: 100, maxSizeName: "SPRING_DATASOURCE_TOMCAT_MAXACTIVE" },
  },
  {
    name: "dbcp2 holds 8 when nothing is set",
    spec: {},
    entry: { preset: "dbcp2" },
    want: { unmanagedPoolSize: 8, maxSizeName: "SPRING_DATASOURCE_DBCP2_MAXTOTAL" },
  },
  {
    name: "PgBouncer opens 20 to each pair of a database and a user, and no reserve",
    spec: {},
    entry: { preset: "pgbouncer", processesPerPod: 2, poolsPerProcess: 3 },
    want: {
      unmanagedPoolSize: 20,
      minSizeName: "MIN_POOL_SIZE",
      maxSizeName: "DEFAULT_POOL_SIZE",
      overflowName: "RESERVE_POOL_SIZE",
      usualOverflow: 0,
      processesPerPod: 6,
    },
  },
  {
    name: "Zalando's pooler is bounded for each database, whoever its users are",
    spec: {},
    entry: { preset: "pgbouncer-zalando" },
    want: { unmanagedPoolSize: 30, maxSizeName: "CONNECTION_POOLER_MAX_DB_CONN" },
  },
  {
    name: "a further pool of Spring Boot, under its prefix",
    spec: {},
    entry: { pool: "reports", preset: "hikari", prefix: "spring.second-datasource.hikari" },
    want: {
      unmanagedPoolSize: 10,
      minSizeName: "SPRING_SECONDDATASOURCE_HIKARI_MINIMUMIDLE",
      maxSizeName: "SPRING_SECONDDATASOURCE_HIKARI_MAXIMUMPOOLSIZE",
      maxSizeAliases: [
        "SPRING_SECOND_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
        "SPRING_SECOND-DATASOURCE_HIKARI_MAXIMUM-POOL-SIZE",
        "spring.second-datasource.hikari.maximum-pool-size",
      ],
      bindsProperties: true,
    },
  },
  {
    name: "Druid under the names of Tomcat JDBC",
    spec: {},
    entry: { preset: "tomcat", prefix: "spring.datasource.druid" },
    want: { unmanagedPoolSize: 8, refusesLargeMinimum: true },
  },
  {
    name: "own names without a minimum",
    spec: {},
    entry: { env: { maxSize: "POOL" }, unmanagedPoolSize: 33 },
    want: {
      unmanagedPoolSize: 33,
      minSizeName: undefined,
      maxSizeName: "POOL",
      maxSizeAliases: [],
    },
  },
  {
    name: "what a pod holds beside one pool",
    spec: {},
    entry: { processesPerPod: 4, extraConnectionsPerPod: 2, weight: 7 },
    want: { processesPerPod: 4, extraConnectionsPerPod: 2, weight: 7 },
  },
];

describe("sizingOf", () => {
  test.each(sizings)("$name", ({ spec, entry, want }) => {
    const parsed = specOf(spec, entry);
    expect(sizingOf(parsed, entryOf(parsed))).toMatchObject(want);
  });
});

const entries = [
  {
    name: "generic without a profile: the two sizes, nothing else",
    spec: {},
    entry: {},
    poolSize: 12,
    want: ["DB_POOL_MIN_SIZE=2", "DB_POOL_MAX_SIZE=12"],
  },
  {
    name: "generic in the production profile",
    spec: { profile: "production" },
    entry: {},
    poolSize: 50,
    want: [
      "DB_POOL_MIN_SIZE=10",
      "DB_POOL_MAX_SIZE=50",
      "DB_ENV=production",
      "DB_POOL_COMMAND_TIMEOUT=60",
      "DB_POOL_MAX_QUERIES=50000",
      "DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME=300",
    ],
  },
  {
    name: "generic in the development profile",
    spec: { profile: "development" },
    entry: {},
    poolSize: 20,
    want: [
      "DB_POOL_MIN_SIZE=5",
      "DB_POOL_MAX_SIZE=20",
      "DB_ENV=development",
      "DB_POOL_COMMAND_TIMEOUT=60",
      "DB_POOL_MAX_QUERIES=50000",
      "DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME=300",
    ],
  },
  {
    name: "generic in the test profile",
    spec: { profile: "test" },
    entry: { preset: "generic" },
    poolSize: 5,
    want: [
      "DB_POOL_MIN_SIZE=2",
      "DB_POOL_MAX_SIZE=5",
      "DB_ENV=test",
      "DB_POOL_COMMAND_TIMEOUT=30",
      "DB_POOL_MAX_QUERIES=10000",
      "DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME=60",
    ],
  },
  {
    name: "hikari does not read the profile's settings, so it does not get them",
    spec: { profile: "production" },
    entry: { preset: "hikari" },
    poolSize: 10,
    want: ["SPRING_DATASOURCE_HIKARI_MINIMUMIDLE=2", "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE=10"],
  },
  {
    name: "tomcat keeps as many idle as it may open",
    spec: {},
    entry: { preset: "tomcat" },
    poolSize: 10,
    want: [
      "SPRING_DATASOURCE_TOMCAT_MINIDLE=2",
      "SPRING_DATASOURCE_TOMCAT_MAXACTIVE=10",
      "SPRING_DATASOURCE_TOMCAT_MAXIDLE=10",
    ],
  },
  {
    name: "dbcp2 keeps as many idle as it may open",
    spec: {},
    entry: { preset: "dbcp2", poolSize: { minSizePercent: 100 } },
    poolSize: 3,
    want: [
      "SPRING_DATASOURCE_DBCP2_MINIDLE=3",
      "SPRING_DATASOURCE_DBCP2_MAXTOTAL=3",
      "SPRING_DATASOURCE_DBCP2_MAXIDLE=3",
    ],
  },
  {
    name: "own names without a minimum",
    spec: { profile: "test" },
    entry: { env: { maxSize: "POOL" } },
    poolSize: 3,
    want: ["POOL=3"],
  },
  {
    name: "the minimum is rounded down: 20 % of 14 is 2.8",
    spec: {},
    entry: {},
    poolSize: 14,
    want: ["DB_POOL_MIN_SIZE=2", "DB_POOL_MAX_SIZE=14"],
  },
  {
    name: "own names with a minimum",
    spec: {},
    entry: { env: { minSize: "POOL_MIN", maxSize: "POOL_MAX" } },
    poolSize: 1,
    want: ["POOL_MIN=0", "POOL_MAX=1"],
  },
];

describe("entriesFor", () => {
  test.each(entries)("$name", ({ spec, entry, poolSize, want }) => {
    const parsed = specOf(spec, entry);
    const found = entriesFor(parsed, entryOf(parsed), poolSize);
    expect(found.map((one) => `${one.name}=${one.value}`)).toEqual(want);
  });

  test("the minimum never passes the maximum, whatever the percentage", () => {
    const size = fc.integer({ min: 1, max: 10_000 });
    const percent = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(size, percent, (poolSize, minSizePercent) => {
        const spec = specOf({}, { poolSize: { minSizePercent } });
        const [min, max] = entriesFor(spec, entryOf(spec), poolSize);
        expect(Number(min?.value)).toBeLessThanOrEqual(Number(max?.value));
        expect(Number(max?.value)).toBe(poolSize);
      }),
    );
  });
});

describe("presets", () => {
  test.each(Object.entries(presets))("%s writes no variable twice", (_name, preset) => {
    const names = namesOfPreset(preset);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain(preset.maxSizeAliases[0]);
  });
});
