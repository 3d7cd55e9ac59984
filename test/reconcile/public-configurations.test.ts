// How public programs are told the size of their pool, as their manifests and documents have it:
// each name can be given in a policy, its value is the size, and what stands beside it is seen.

import { expect, it } from "vitest";
import { parseSpec } from "../../src/api/poolpolicy.ts";
import { env, expectOf, url } from "../support/situation.ts";
import type { Situation, Want } from "../support/situation.ts";

it.each([
  ...["MM_SQLSETTINGS_MAXOPENCONNS", "MM_SQLSETTINGS_MAXIDLECONNS", "GF_DATABASE_MAX_OPEN_CONN"],
  ...["DATABASE_POOL_MAX", "EVENT_DB_MAX_CONNECTIONS", "EVENT_DB_MIN_IDLE", "MAX_DB_CONNECTIONS"],
  ...["DB_MAXPOOLSIZE", "DB_MAX_CONNS", "QUARKUS_DATASOURCE_USERS_JDBC_MAX_SIZE"],
  ...["HASURA_GRAPHQL_PG_CONNECTIONS", "PGRST_DB_POOL", "DB_POOL__MAX", "DB_POSTGRESDB_POOL_SIZE"],
  ...["GITEA__database__MAX_OPEN_CONNS", "ZITADEL_DATABASE_POSTGRES_MAXOPENCONNS"],
  ...["MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE", "DATASOURCES_DEFAULT_MAXIMUM_POOL_SIZE"],
  ...["SRC_PGSQL_MAX_OPEN", "PHP_FPM_PM_MAX_CHILDREN", "SERVER_WORKER_AMOUNT", "DB_MAXCONN"],
  "SUPERBLOCKS_CONNECTION_CACHE_MAX_CONNECTIONS_PER_DATASOURCE",
  "SPRING_DATASOURCE_DYNAMIC_DATASOURCE_MASTER_HIKARI_MAXPOOLSIZE",
])("a policy may name %s", (maxSize) => {
  const workloads = [{ name: "web", env: { maxSize } }];
  const read = parseSpec({ database: { secretRef: { name: "db" } }, workloads });
  expect(read).toHaveProperty("spec");
});

it.each<Situation & { readonly want: Want }>([
  {
    name: "a limit of open connections of 0 is none",
    entry: { env: { maxSize: "GF_DATABASE_MAX_OPEN_CONN" } },
    podSpec: env(["GF_DATABASE_MAX_OPEN_CONN", "0"]),
    want: { grant: 14, rolls: 1 },
  },
  {
    name: "a pool in the URL of a chart wins over the variable",
    entry: { env: { maxSize: "DB_POOL" } },
    podSpec: env(["DB_POOL", "12"], ["DATABASE_URL", `${url}?pool=5`]),
    want: { finding: ["SizeOverridden", "DATABASE_URL sets pool"], rolls: 0 },
  },
  {
    // ThingsBoard reads its size from a variable of its own, beside that of Spring Boot.
    name: "what Spring Boot binds by itself is counted beside a variable of the program's own",
    entry: { env: { maxSize: "SPRING_DATASOURCE_MAXIMUM_POOL_SIZE" } },
    podSpec: env(
      ["SPRING_DATASOURCE_MAXIMUM_POOL_SIZE", "4"],
      ["SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "6"],
    ),
    want: {
      finding: ["PoolBesideSize", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE=6", "Spring Boot"],
      grant: 8,
    },
  },
  {
    name: "a minimum beside a maximum of another order of words",
    entry: { env: { maxSize: "DATABASE_POOL_MAX" } },
    podSpec: env(["DATABASE_POOL_MAX", "40"], ["DATABASE_POOL_MIN", "20"]),
    want: { finding: ["MinimumInTemplate", "DATABASE_POOL_MIN=20"] },
  },
  {
    name: "a second named data source of Quarkus is none of the first",
    entry: { env: { maxSize: "QUARKUS_DATASOURCE_JDBC_MAX_SIZE" } },
    further: [{ pool: "users", env: { maxSize: "QUARKUS_DATASOURCE_USERS_JDBC_MAX_SIZE" } }],
    podSpec: env(
      ["QUARKUS_DATASOURCE_JDBC_MAX_SIZE", "13"],
      ["QUARKUS_DATASOURCE_USERS_JDBC_MAX_SIZE", "11"],
      ["QUARKUS_DATASOURCE_USERS_JDBC_MIN_SIZE", "1"],
    ),
    want: { withoutFinding: "ClaimedTwice", ready: "True" },
  },
])("$name", async ({ want, ...situation }) => {
  await expectOf(situation, want);
});
