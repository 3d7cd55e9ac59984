// Sizes that are set where nobody looks: in arguments, properties, connection URLs, or in another
// spelling. Each is the size, or wins over ours and is counted.
import { describe, it } from "vitest";
import { app, env, expectOf, hikari, hikariProperty, url } from "../support/situation.ts";
import type { Situation, Want } from "../support/situation.ts";

describe("a size that is set where it wins over the variable is counted, and no roll is wasted", () => {
  it.each<Situation & Want & { readonly says: string }>([
    {
      name: "JAVA_TOOL_OPTIONS",
      entry: hikari,
      podSpec: env(["JAVA_TOOL_OPTIONS", `-Xmx1g -D${hikariProperty}=40`]),
      says: `JAVA_TOOL_OPTIONS sets ${hikariProperty}`,
    },
    {
      name: "an argument",
      entry: hikari,
      podSpec: app({ args: ["-jar", "app.jar", `--${hikariProperty}=40`] }),
      says: `args sets ${hikariProperty}`,
    },
    {
      name: "an argument within a shell command, in the other spelling",
      entry: hikari,
      podSpec: app({
        command: [
          "sh",
          "-c",
          "exec java -jar app.jar --spring.datasource.hikari.maximumPoolSize=40",
        ],
      }),
      says: "command sets spring.datasource.hikari.maximumPoolSize",
    },
    {
      name: "SPRING_APPLICATION_JSON with dots",
      entry: hikari,
      podSpec: env(["SPRING_APPLICATION_JSON", `{"${hikariProperty}":40}`]),
      says: `SPRING_APPLICATION_JSON sets ${hikariProperty}`,
    },
    {
      name: "SPRING_APPLICATION_JSON, nested",
      entry: hikari,
      podSpec: env([
        "SPRING_APPLICATION_JSON",
        `{"spring":{"datasource":{"hikari":{"maximumPoolSize":40}}}}`,
      ]),
      says: "SPRING_APPLICATION_JSON sets spring.datasource.hikari.maximumPoolSize",
    },
    {
      name: "an argument of Keycloak's",
      entry: { env: { maxSize: "KC_DB_POOL_MAX_SIZE" } },
      podSpec: app({ args: ["start", "--db-pool-max-size", "40"] }),
      says: "args sets db-pool-max-size",
    },
    {
      name: "a property of Quarkus'",
      entry: { env: { maxSize: "QUARKUS_DATASOURCE_JDBC_MAX_SIZE" } },
      podSpec: env(["JAVA_OPTS_APPEND", "-Dquarkus.datasource.jdbc.max-size=40"]),
      says: "JAVA_OPTS_APPEND sets quarkus.datasource.jdbc.max-size",
    },
    ...["connection_limit=40", "pool=40", "pool_size=40", "pool_max_conns=40"].map((parameter) => ({
      name: `a connection URL with ${parameter}`,
      podSpec: env(["DATABASE_URL", `${url}?sslmode=require&${parameter}`]),
      says: `DATABASE_URL sets ${parameter.split("=")[0] ?? ""}`,
    })),
    {
      name: "the workers of gunicorn, which one variable of them counts",
      entry: { env: { maxSize: "GUNICORN_WORKERS" } },
      podSpec: app({ args: ["--workers", "40", "app:app"] }),
      says: "args sets workers",
    },
    {
      name: "a connection string of .NET",
      podSpec: env(["Store__Connection", "Host=db;Password=x;Maximum Pool Size=40"]),
      says: "Store__Connection sets Maximum Pool Size",
    },
    {
      name: "another variable that an argument refers to",
      entry: hikari,
      podSpec: app({
        args: [`--${hikariProperty}=$(SIZE)`],
        env: [{ name: "SIZE", value: "40" }],
      }),
      says: `args sets ${hikariProperty}`,
    },
  ])("$name", async ({ says, ...situation }) => {
    await expectOf(situation, {
      finding: ["SizeOverridden", says, "counted as 40"],
      ...{ grant: undefined, heldSlots: 120, rolls: 0, ready: "False" },
    });
  });

  it.each<Situation>([
    {
      name: "what takes our variable over is no other size",
      podSpec: env(["DATABASE_URL", `${url}?connection_limit=$(DB_POOL_MAX_SIZE)`]),
    },
    {
      name: "what takes it over as a shell does is none",
      entry: { env: { maxSize: "KC_DB_POOL_MAX_SIZE" } },
      podSpec: app({
        command: ["sh", "-c", "exec kc.sh start --db-pool-max-size $KC_DB_POOL_MAX_SIZE"],
      }),
    },
    {
      name: "a client of another server has a pool of its own",
      podSpec: env(["MONGO_URL", "mongodb://db:27017/app?maxPoolSize=100"]),
    },
    {
      name: "HikariCP reads no parameter of the URL",
      entry: hikari,
      podSpec: env(["SPRING_DATASOURCE_URL", `jdbc:${url}?maximumPoolSize=40`]),
    },
    {
      name: "a property behind the program is an argument of it, which Spring Boot does not read",
      entry: hikari,
      podSpec: app({ args: ["-jar", "app.jar", `-D${hikariProperty}=40`] }),
    },
    {
      name: "a property in the arguments of a command that names the program is none",
      entry: hikari,
      podSpec: app({ command: ["java", "-jar", "app.jar"], args: [`-D${hikariProperty}=40`] }),
    },
    {
      name: "fields of a text that names no host are of no connection",
      podSpec: env(["CACHE_SETTINGS", "name=shop;pool size=40;max=60"]),
    },
    {
      name: "a parameter behind a second question mark, which Prisma does not read either",
      podSpec: env(["DATABASE_URL", `${url}?sslmode=prefer?connection_limit=40`]),
    },
    {
      name: "an argument of Keycloak's for another of its data sources",
      entry: { env: { maxSize: "KC_DB_POOL_MAX_SIZE" } },
      podSpec: app({ args: ["start", "--db-pool-max-size-archive=40"] }),
    },
    {
      name: "a time that speaks of the pool",
      entry: { env: { maxSize: "KC_DB_POOL_MAX_SIZE" } },
      podSpec: app({ args: ["start", "--db-pool-max-lifetime=40"] }),
    },
    {
      name: "a property of another pool",
      entry: hikari,
      podSpec: env(["JAVA_TOOL_OPTIONS", "-Dspring.data.redis.lettuce.pool.max-active=40"]),
    },
  ])("but $name", async (situation) => {
    await expectOf(situation, { withoutFinding: "SizeOverridden", ready: "True" });
  });
});

describe("a connection URL beside the variable", () => {
  const variable = ["DB_POOL_MAX_SIZE", "50"] as const;
  const to = (text: string): object => env(variable, ["REPORTING_URL", text]);

  it.each([
    "postgresql://r:x@reporting.other.svc/r?pool_size=5",
    "postgresql+asyncpg://r:p%40x@reporting:6432/r?pool_size=5",
    "jdbc:postgresql://reporting.example.com:5432/r?user=r&maxPoolSize=5",
    "Host=reporting;Password=x;Maximum Pool Size=5",
  ])("that leads to another server stops nothing: %s", async (text) => {
    const situation = { name: text, podSpec: to(text) };
    await expectOf(situation, { withoutFinding: "SizeOverridden", grant: 14, ready: "True" });
  });

  it.each([
    ["to the policy's server, by a shorter name", "postgresql://r:x@db.shop/r?pool_size=5"],
    ["to the policy's server, by a longer name", "postgresql://db.shop.svc.cluster.local/r?pool=5"],
    ["to an address, which may be the server's", "postgresql://r:x@10.0.0.7/r?pool_size=5"],
    ["to a proxy in the pod", "postgresql://r:x@localhost:6432/r?pool_size=5"],
    ["to what a variable says", "postgresql://r:x@$(DB_HOST):5432/r?pool_size=5"],
    ["to several hosts", "postgresql://r:x@reporting,other/r?pool_size=5"],
    ["to the host of a parameter", "postgresql://r:x@reporting/r?host=db&pool_size=5"],
    ["nobody knows where: its password may end it", "postgresql://r:1/2@db/r?pool_size=5"],
  ])("may win where it leads %s", async (name, text) => {
    const situation = { name, podSpec: to(text) };
    await expectOf(situation, {
      finding: ["SizeOverridden", "REPORTING_URL sets"],
      ready: "False",
    });
  });

  it.each([
    "jdbc:mariadb://db/r?pool=true&maxPoolSize=5",
    "mysql://r:x@$(DB_HOST)/r?connectionLimit=5",
    "redis://:x@localhost:6379/0?max_connections=5",
  ])("of another kind of server stops nothing: %s", async (text) => {
    const situation = { name: text, podSpec: to(text) };
    await expectOf(situation, { withoutFinding: "SizeOverridden", grant: 14, ready: "True" });
  });

  it("may be what sizes the pool where the variable is not set", async () => {
    const podSpec = env(["REPORTING_URL", "postgresql://r:x@reporting/r?pool_size=5"]);
    const want = { finding: ["SizeOverridden", "counted as 5"], ready: "False" } as const;
    await expectOf({ name: "alone", podSpec }, want);
  });
});

describe("a size in another spelling is the size", () => {
  it.each([
    "SPRING_DATASOURCE_HIKARI_MAXIMUM-POOL-SIZE",
    "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
    "spring_datasource_hikari_maximumpoolsize",
    hikariProperty,
  ])("%s", async (name) => {
    const podSpec = env([name, "30"]);
    const situation = { name, entry: hikari, replicas: 4, podSpec };
    // Pods without our size are replaced by ones of 10, where ours wins.
    await expectOf(situation, { grant: 10, rolls: 1, withoutFinding: "SizeOverridden" });
  });
});

it("a URL that takes its size from the variable is of our pool, whatever its host is called", async () => {
  const primary = "postgres://u@orders-primary/x?min_size=20&max_size=$(DB_POOL_MAX_SIZE)";
  const podSpec = env(["DB_POOL_MAX_SIZE", "50"], ["DATABASE_URL", primary]);
  const finding = ["MinimumInTemplate", "min_size=20 in DATABASE_URL"] as const;
  await expectOf({ name: "another name of the server", podSpec }, { finding: [...finding] });
});
