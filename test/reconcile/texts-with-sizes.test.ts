// Sizes within longer texts, as public manifests have them: connection strings in quotes, behind
// arguments and in configurations, options of one letter, variables that a command sets itself, and
// what is taken where a variable is not set. Each wins over the variable that we would write.
// (Sources: Langfuse, Dify, Celery, gunicorn, Sidekiq and Npgsql by their manuals.)

import { describe, expect, test } from "vitest";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { sizingOf } from "../../src/api/sizing.ts";
import { ownSizeOf } from "../../src/reconcile/sizes/own-size.ts";
import { sizeFacts } from "../../src/reconcile/sizes/size-facts.ts";
import { aSpec } from "../support/builders.ts";
import { app, env, hikari, hikariProperty, url } from "../support/situation.ts";
import { rawWorkload } from "../unit/adapters/kubernetes/raw-objects.ts";

const { Deployment: project } = createProjections();
const resolve = (): undefined => undefined;

interface Told {
  readonly size: number;
  readonly where: string | undefined;
  readonly findings: readonly string[];
}

function told(entryOf: object, podSpec: object): Told {
  const spec = aSpec({ workloads: [{ name: "web", ...entryOf }] });
  const [entry] = spec.workloads;
  const { containers = [] } = project(rawWorkload({ template: { spec: podSpec } })) ?? {};
  const [container] = containers;
  if (!entry || !container) throw new Error("there is one of each");
  const { poolSize, setElsewhere } = ownSizeOf(container, sizingOf(spec, entry), {
    ...{ annotation: undefined, resolve },
  });
  const { findings } = sizeFacts({ spec, entry, containers, container, pods: [], resolve });
  const said = findings.map(({ reason, message }) => `${reason}: ${message}`);
  return { size: poolSize, where: setElsewhere, findings: said };
}

const named = (maxSize: string): object => ({ env: { maxSize } });
const command = (...words: readonly string[]): object => app({ command: words });
const json = '{"spring": {"datasource": {"hikari": {"maximum-pool-size": 40}}}}';

interface Row {
  readonly name: string;
  readonly entry?: object;
  readonly podSpec: object;
  readonly where: string;
}

describe("a size of 40 that wins over the variable", () => {
  test.each<Row>([
    {
      name: "a connection URL in quotes",
      podSpec: env(["DATABASE_URL", `"${url}?connection_limit=40"`]),
      where: "DATABASE_URL sets connection_limit",
    },
    {
      name: "parameters behind a URL that another variable holds",
      podSpec: env(["DATABASE_URL", "$(BASE_URL)?sslmode=require&connection_limit=40"]),
      where: "DATABASE_URL sets connection_limit",
    },
    {
      name: "parameters of a URL whose scheme another variable holds",
      podSpec: env(["DATABASE_URL", "$(SCHEME)://db.t.svc/orders?pool=40"]),
      where: "DATABASE_URL sets pool",
    },
    {
      name: "fields behind a string that another variable holds",
      podSpec: env(["ConnectionStrings__Orders", "$(BASE);Maximum Pool Size=40"]),
      where: "ConnectionStrings__Orders sets Maximum Pool Size",
    },
    {
      name: "a connection URL in an argument",
      podSpec: app({ args: [`--database-url=${url}?pool_max_conns=40`] }),
      where: "args sets pool_max_conns",
    },
    {
      name: "a connection URL in a configuration as JSON, written by Go",
      podSpec: env(["CONFIG", `{"db":{"url":"${url}?sslmode=require\\u0026pool_max_conns=40"}}`]),
      where: "CONFIG sets pool_max_conns",
    },
    {
      name: "a connection URL in a configuration as YAML",
      podSpec: env(["CONFIG", `db: {url: ${url}?pool_size=40}\nlog: debug\n`]),
      where: "CONFIG sets pool_size",
    },
    {
      name: "a connection URL that a shell command exports",
      podSpec: command("sh", "-c", `export DATABASE_URL='${url}?pool=40'; exec bundle exec puma`),
      where: "command sets pool",
    },
    {
      name: "a connection string in a configuration",
      podSpec: env(["CONFIG", 'Default: "Host=db;Database=a;Maximum Pool Size=40"\n']),
      where: "CONFIG sets Maximum Pool Size",
    },
    {
      name: "a connection string that calls its host a data source",
      podSpec: env(["ConnectionStrings__Default", "Data Source=db;Password=x;Max Pool Size=40"]),
      where: "ConnectionStrings__Default sets Max Pool Size",
    },
    {
      name: "a connection string of keywords in an argument",
      podSpec: app({ args: ["--dsn", "host=db user=app dbname=a pool_max_conns=40"] }),
      where: "args sets pool_max_conns",
    },
    {
      name: "parameters that a program puts behind its URL",
      podSpec: env(["DATABASE_URL", url], ["DATABASE_ARGS", "connection_limit=40&pool_timeout=30"]),
      where: "DATABASE_ARGS sets connection_limit",
    },
    {
      name: "options of SQLAlchemy as JSON, with their overflow",
      podSpec: env(["SQLALCHEMY_ENGINE_OPTIONS", '{"pool_size": 30, "max_overflow": 10}']),
      where: "SQLALCHEMY_ENGINE_OPTIONS sets pool_size",
    },
    {
      name: "the same without an overflow, of which there are 10",
      podSpec: env(["DB_ENGINE_ARGS", '{"connect_args": {}, "pool_size": 30}']),
      where: "DB_ENGINE_ARGS sets pool_size",
    },
    {
      name: "the workers of gunicorn by their letter",
      entry: named("WEB_CONCURRENCY"),
      podSpec: command("/venv/bin/gunicorn", "-w", "40", "app:app"),
      where: "command sets workers",
    },
    {
      name: "the same without a space",
      entry: named("GUNICORN_WORKERS"),
      podSpec: command("sh", "-c", "exec gunicorn -b :80 -w40 app:app"),
      where: "command sets workers",
    },
    {
      name: "the same among the options of gunicorn",
      entry: named("WEB_CONCURRENCY"),
      podSpec: env(["GUNICORN_CMD_ARGS", "-w 40 --threads 2"]),
      where: "GUNICORN_CMD_ARGS sets workers",
    },
    {
      name: "the children of Celery by their letter",
      entry: named("CELERY_WORKER_CONCURRENCY"),
      podSpec: command("celery", "-A", "shop", "worker", "-c", "40"),
      where: "command sets concurrency",
    },
    {
      name: "the threads of Sidekiq by their letter",
      entry: named("SIDEKIQ_CONCURRENCY"),
      podSpec: command("bundle", "exec", "sidekiq", "-c", "40"),
      where: "command sets concurrency",
    },
    {
      name: "the variable itself, which the command sets anew",
      podSpec: command("sh", "-c", "export DB_POOL_MAX_SIZE=40; exec node app.js"),
      where: "command sets DB_POOL_MAX_SIZE",
    },
    {
      name: "the same by env",
      podSpec: command("env", "DB_POOL_MAX_SIZE=40", "node", "app.js"),
      where: "command sets DB_POOL_MAX_SIZE",
    },
    {
      name: "spring.application.json with spaces in a shell command",
      entry: hikari,
      podSpec: command("sh", "-c", `java -Dspring.application.json='${json}' -jar app.jar`),
      where: `command sets ${hikariProperty}`,
    },
    {
      name: "the same behind a path that reads like -jar",
      entry: hikari,
      podSpec: command(
        ...["sh", "-c"],
        `java -cp /opt/my-jars -Dspring.application.json='${json}' -jar app.jar`,
      ),
      where: `command sets ${hikariProperty}`,
    },
    {
      name: "the same within double quotes",
      entry: hikari,
      podSpec: command(
        ...["sh", "-c"],
        `SPRING_APPLICATION_JSON="${json.replaceAll('"', '\\"')}" java -jar app.jar`,
      ),
      where: `command sets ${hikariProperty}`,
    },
    {
      name: "what a shell takes where a variable is not set",
      entry: hikari,
      podSpec: env(["JAVA_OPTS", `-D${hikariProperty}=\${DB_POOL_OF_THE_APP:-40}`]),
      where: `JAVA_OPTS sets ${hikariProperty}`,
    },
  ])("$name", ({ entry = {}, podSpec, where }) => {
    const found = told(entry, podSpec);
    expect([found.size, found.where]).toEqual([40, where]);
  });

  test.each([
    [
      "what a shell takes over",
      command("sh", "-c", "export DB_POOL_MAX_SIZE=${DB_POOL_MAX_SIZE:-40}"),
    ],
    ["a letter of another program", command("memcached", "-c", "40")],
    ["parameters of something else than a database", env(["CACHE_ARGS", "pool_size=40&ttl=5"])],
    ["options as JSON of something else", env(["CACHE_OPTIONS", '{"pool_size": 30}'])],
    ["a URL of a page", env(["HELP", "https://example.com/?pool_size=40"])],
    [
      "spring.application.json behind the program",
      command("java", "-jar", "a.jar", `-Dspring.application.json=${json}`),
    ],
  ])("but not %s", (_, podSpec) => {
    expect(told({}, podSpec).where).toBeUndefined();
  });
});

describe("a variable whose value a framework fills in", () => {
  const [maxSize] = ["SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE"];
  test.each([
    { name: "counts as the number beside it", env: env([maxSize, "${POOL_SIZE_OF_ALL_PODS:40}"]) },
    { name: "counts as what it refers to", env: env([maxSize, "${SIZE:4}"], ["SIZE", "40"]) },
    { name: "also where that stands before it", env: env(["SIZE", "40"], [maxSize, "${SIZE}"]) },
  ])("$name, and is never written over", ({ env: podSpec }) => {
    const found = told(hikari, podSpec);
    expect(found.size).toBe(40);
    expect(found.findings.join()).toContain("NotANumber");
  });
});

test("options as JSON without a limit count as without one", () => {
  const options = '{"pool_size": 5, "max_overflow": -1}';
  expect(told({}, env(["SQLALCHEMY_ENGINE_OPTIONS", options])).size).toBe(51);
});

test("an overflow of another prefix than DB goes with its size (onyx)", () => {
  const found = told(
    named("POSTGRES_API_SERVER_POOL_SIZE"),
    env(["POSTGRES_API_SERVER_POOL_SIZE", "40"], ["POSTGRES_API_SERVER_POOL_OVERFLOW", "10"]),
  );
  expect(found.findings.join()).toContain("POSTGRES_API_SERVER_POOL_OVERFLOW=10");
});

const keycloak = named("KC_DB_POOL_MAX_SIZE");

describe("a minimum of 20 that no variable wins over is what no size is below", () => {
  test.each<Omit<Row, "where"> & { readonly says: string }>([
    {
      name: "as an argument",
      entry: keycloak,
      podSpec: app({ args: ["start", "--db-pool-min-size=20"] }),
      says: "db-pool-min-size=20 in args",
    },
    {
      name: "also where the policy names the variable",
      entry: { env: { maxSize: "KC_DB_POOL_MAX_SIZE", minSize: "KC_DB_POOL_MIN_SIZE" } },
      podSpec: app({ args: ["start", "--db-pool-min-size", "20"] }),
      says: "remove it there",
    },
    {
      name: "as an initial size, which Keycloak opens at once",
      entry: keycloak,
      podSpec: app({ args: ["start", "--db-pool-initial-size=20"] }),
      says: "db-pool-initial-size=20 in args",
    },
    {
      name: "as a property of Quarkus'",
      entry: named("QUARKUS_DATASOURCE_JDBC_MAX_SIZE"),
      podSpec: env(["JAVA_OPTS_APPEND", "-Dquarkus.datasource.jdbc.min-size=20"]),
      says: "quarkus.datasource.jdbc.min-size=20 in JAVA_OPTS_APPEND",
    },
    {
      name: "in a connection string whose maximum is ours",
      podSpec: env([
        "ConnectionStrings__Default",
        "Host=db;Minimum Pool Size=20;Maximum Pool Size=$(DB_POOL_MAX_SIZE)",
      ]),
      says: "Minimum Pool Size=20 in ConnectionStrings__Default",
    },
    {
      name: "in a URL, from another variable",
      podSpec: env(["LEAST", "20"], ["DSN", `${url}?minsize=$(LEAST)&maxsize=$(DB_POOL_MAX_SIZE)`]),
      says: "minsize=20 in DSN",
    },
  ])("$name", ({ entry = {}, podSpec, says }) => {
    const { findings, where } = told(entry, podSpec);
    const [finding = ""] = findings;
    expect(where).toBeUndefined();
    expect(finding).toContain("MinimumInTemplate");
    expect(finding).toContain(says);
  });

  test.each([
    ["of another pool", keycloak, app({ args: ["start", "--cache-pool-min-size=20"] })],
    ["that is ours", keycloak, app({ args: ["--db-pool-min-size=$(KC_DB_POOL_MAX_SIZE)"] })],
    [
      "of HikariCP, which lowers it",
      hikari,
      app({ args: ["--spring.datasource.hikari.minimum-idle=20"] }),
    ],
  ])("but not one %s", (_, entry, podSpec) => {
    expect(told(entry, podSpec).findings).toEqual([]);
  });
});
