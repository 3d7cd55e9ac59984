// How long pools keep their connections, beside what MySQL allows to those that do nothing: as the
// template says it, or as the library does where nothing says it.

import { expect, it, test } from "vitest";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { app, env, findingsOf, hikari } from "../support/situation.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";
import { rawWorkload } from "../unit/adapters/kubernetes/raw-objects.ts";

const mysql = "db.shop.svc:3306";
const { Deployment: deployment } = createProjections();
const hikariLifetime = "SPRING_DATASOURCE_HIKARI_MAXLIFETIME";
const idleLifetime = "DB_POOL_MAX_INACTIVE_CONNECTION_LIFETIME";
const sqlAlchemy = { env: { maxSize: "DB_POOL_SIZE", overflow: "DB_MAX_OVERFLOW" } };

interface Fleet {
  readonly name: string;
  readonly entry?: object;
  readonly spec?: object;
  readonly podSpec?: object;
  readonly idleTimeoutSeconds?: number;
  readonly uri?: string;
  readonly data?: Readonly<Record<string, string>>;
}

async function play({
  entry = {},
  spec = {},
  podSpec = app({}),
  ...more
}: Fleet): Promise<MemoryWorld> {
  const { idleTimeoutSeconds = 600, data = {}, uri = `mysql://app:secret@${mysql}/orders` } = more;
  const world = new MemoryWorld();
  world.cluster.data.set("Secret/shop/db", { uri });
  world.cluster.data.set("ConfigMap/shop/web", data);
  const said = { maxConnections: 100, idleTimeoutSeconds };
  const readNow = (): void => {
    for (const name of [mysql, "db.shop.svc:5432"]) world.read(said, name);
  };
  readNow();
  world.policy("orders", { ...spec, workloads: [{ name: "web", ...entry }] });
  const { containers = [] } = deployment(rawWorkload({ template: { spec: podSpec } })) ?? {};
  world.deployment("web", { containers, replicas: 2 });
  await world.pass(minuteMs, 10_000);
  return world;
}

it.each<Fleet & { readonly want: string | undefined }>([
  {
    name: "HikariCP's default of 30 min is above 90 % of 600 s",
    entry: hikari,
    want:
      "Deployment/web: keeps connections for 1800 s (HikariCP's maxLifetime, its default: no other " +
      "one is seen in the template), and the server closes connections that are idle for 600 s " +
      `(wait_timeout). To fix: set ${hikariLifetime} to 540000`,
  },
  { name: "it is below that of MySQL", entry: hikari, idleTimeoutSeconds: 28_800, want: undefined },
  {
    name: "90 % itself is good",
    entry: hikari,
    podSpec: env([hikariLifetime, "540000"]),
    want: undefined,
  },
  {
    name: "and a moment more is not",
    entry: hikari,
    podSpec: env([hikariLifetime, "540001"]),
    want: "keeps connections for 540.001 s (HikariCP's maxLifetime), and",
  },
  {
    name: "in the other spelling",
    entry: hikari,
    podSpec: env(["SPRING_DATASOURCE_HIKARI_MAX_LIFETIME", "120000"]),
    want: undefined,
  },
  {
    name: "as a property",
    entry: hikari,
    podSpec: env(["JAVA_TOOL_OPTIONS", "-Dspring.datasource.hikari.max-lifetime=120000"]),
    want: undefined,
  },
  {
    name: "from a ConfigMap",
    entry: hikari,
    podSpec: app({ envFrom: [{ configMapRef: { name: "web" } }] }),
    data: { [hikariLifetime]: "120000" },
    want: undefined,
  },
  {
    name: "what cannot be read is not guessed",
    entry: hikari,
    podSpec: app({
      env: [{ name: hikariLifetime, valueFrom: { secretKeyRef: { name: "none", key: "k" } } }],
    }),
    want: undefined,
  },
  {
    name: "what HikariCP takes for its default, as it is below 30 s",
    entry: hikari,
    podSpec: env([hikariLifetime, "20000"]),
    want: "keeps connections for 1800 s",
  },
  {
    name: "a limit so short that HikariCP cannot go below it",
    entry: hikari,
    idleTimeoutSeconds: 20,
    want: `To fix: set wait_timeout to 34 or more, and ${hikariLifetime} to 30000`,
  },
  {
    name: "a second data source",
    entry: { ...hikari, prefix: "spring.datasource.reports.hikari" },
    want: "set SPRING_DATASOURCE_REPORTS_HIKARI_MAXLIFETIME to 540000",
  },
  {
    name: "Tomcat JDBC keeps them for ever",
    entry: { preset: "tomcat" },
    idleTimeoutSeconds: 28_800,
    want: "keeps connections for ever (Tomcat JDBC's maxAge, its default: no other one is seen",
  },
  {
    name: "and so does DBCP2",
    entry: { preset: "dbcp2" },
    want: "set SPRING_DATASOURCE_DBCP2_MAXCONNLIFETIMEMILLIS to 540000",
  },
  {
    name: "and SQLAlchemy, which an overflow tells",
    entry: sqlAlchemy,
    want: "(SQLAlchemy's pool_recycle, its default: no other one is seen in the template), and",
  },
  {
    name: "SQLAlchemy by a variable of any name",
    entry: sqlAlchemy,
    podSpec: env(["SQLALCHEMY_POOL_RECYCLE", "900"]),
    want: "set SQLALCHEMY_POOL_RECYCLE to 540",
  },
  {
    name: "one that is below",
    entry: sqlAlchemy,
    podSpec: env(["SQLALCHEMY_POOL_RECYCLE", "500"]),
    want: undefined,
  },
  { name: "of a library that nobody names nothing is known", want: undefined },
  {
    name: "unless its template says it",
    podSpec: env([idleLifetime, "900"]),
    want: `keeps connections for 900 s (the pool's idle lifetime), and`,
  },
  {
    name: "0 is for ever",
    podSpec: env([idleLifetime, "0"]),
    want: `keeps connections for ever (the pool's idle lifetime), and`,
  },
  {
    name: "what the profile writes is below it",
    spec: { profile: "production" },
    podSpec: env([idleLifetime, "900"]),
    want: undefined,
  },
  {
    name: "which it does not in Observe",
    spec: { profile: "production", mode: "Observe" },
    podSpec: env([idleLifetime, "900"]),
    want: `set ${idleLifetime} to 540`,
  },
  {
    name: "a pooler has no such setting",
    entry: { preset: "pgbouncer" },
    want: undefined,
  },
  {
    name: "PostgreSQL closes nothing",
    entry: hikari,
    uri: "postgresql://app:secret@db.shop.svc:5432/orders",
    want: undefined,
  },
])("$name", async ({ want, ...fleet }) => {
  const world = await play(fleet);
  const [told] = findingsOf(world.status("orders"), "LifetimeTooLong");
  if (want === undefined) expect(told).toBeUndefined();
  else expect(told).toContain(want);
});

test.each([
  { idleTimeoutSeconds: 28_800, want: "300" },
  { idleTimeoutSeconds: 200, want: "180" },
  { idleTimeoutSeconds: 1, want: "1" },
])(
  "of $idleTimeoutSeconds s the profile writes an idle lifetime of $want s",
  async ({ idleTimeoutSeconds, want }) => {
    const world = await play({ name: "", spec: { profile: "production" }, idleTimeoutSeconds });
    const { env: written = [] } = world.status("orders").grants?.["Deployment/web"] ?? {};
    expect(written).toContainEqual({ name: idleLifetime, value: want });
  },
);

test("in templates too, which are whole with it: no pod is replaced twice", async () => {
  const spec = { profile: "production", delivery: "Template" };
  const world = await play({ name: "", spec, idleTimeoutSeconds: 200 });
  await world.pass(15 * minuteMs, 5_000);
  const [container] = world.stores.Deployment.get("shop/web")?.containers ?? [];
  expect(container?.env).toContainEqual({ name: idleLifetime, value: "180" });
  expect(world.rolls.length).toBe(1);
});
