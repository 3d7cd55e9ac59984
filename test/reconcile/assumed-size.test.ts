// Templates that set another variable than the policy names: a size that is assumed in silence is
// wrong for every pod, and so is each size that is assigned.
import { describe, expect, test } from "vitest";
import type { ObservedContainer } from "../../src/observed.ts";
import { sizingOf } from "../../src/api/sizing.ts";
import { assumedFindings } from "../../src/reconcile/sizes/assumed-size.ts";
import { ownSizeOf } from "../../src/reconcile/sizes/own-size.ts";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { rawWorkload } from "../unit/adapters/kubernetes/raw-objects.ts";
import { aSpec } from "../support/builders.ts";
import { app, env } from "../support/situation.ts";

const { Deployment: project } = createProjections();

function told(entryOf: object, podSpec: object): string[] {
  const spec = aSpec({ workloads: [{ name: "web", ...entryOf }] });
  const [entry] = spec.workloads;
  const { containers = [] } = project(rawWorkload({ template: { spec: podSpec } })) ?? {};
  const [container]: readonly ObservedContainer[] = containers;
  if (!entry || !container) throw new Error("there is one of each");
  const sizing = sizingOf(spec, entry);
  const nothing = { annotation: undefined, resolve: (): undefined => undefined };
  const template = ownSizeOf(container, sizing, nothing);
  return assumedFindings(entry, { container, template, sizing }).map(({ message }) => message);
}

interface Row {
  readonly name: string;
  readonly entry?: object;
  readonly podSpec?: object;
}

describe("a pool whose size is assumed", () => {
  test.each([
    "POOL_MAX",
    "POOL_SIZE",
    "MAX_POOL_SIZE",
    "DATABASE_POOL_SIZE",
    "DB_POOL_MAX_SZIE",
    "PGPOOL_MAX",
    "PG_MAX_CONNECTIONS",
    "KNEX_POOL_MAX",
    "DEFAULT_POOL_SIZE",
  ])("is told of, beside %s", (name) => {
    expect(told({}, env([name, "25"]))).toEqual([
      "container app does not set DB_POOL_MAX_SIZE, so its pool is counted as 10. " +
        `If the pool reads ${name}=25, name that variable in spec.workloads[].env.maxSize; ` +
        "otherwise set unmanagedPoolSize to the size of the pool",
    ]);
  });

  test.each([
    ["hunter2", ""],
    ["${DB_POOL:-hunter2}", ""],
    ["$ecret", ""],
    ["${DB_POOL:20}", "=${DB_POOL:20}"],
    ["20.0", "=20.0"],
  ])("is told of beside a data source of %s, whose value may be a password", (value, says) => {
    const name = "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE";
    const [message] = told({}, env([name, value]));
    expect(message).toContain(`If the pool reads ${name}${says}, name that variable in`);
  });

  test("is told of each that it may be, as a policy names it", () => {
    const property = "spring.datasource.hikari.maximum-pool-size";
    const names = ["POOL_MAX", property, "PG_POOL_MAX", "MAX_POOL_SIZE", "POOL_SIZE"];
    const [message] = told({}, env(...names.map((name) => [name, "20"] as const)));
    expect(message).toContain(
      `reads one of POOL_MAX=20, ${property}=20 (write SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE), ` +
        "PG_POOL_MAX=20 and 2 more, name that variable in",
    );
  });

  test.each<Row>([
    { name: "the variable is set", podSpec: env(["DB_POOL_MAX_SIZE", "20"], ["POOL_MAX", "25"]) },
    { name: "nothing like it is set", podSpec: env(["LOG_LEVEL", "25"], ["DB_HOST", "db"]) },
    { name: "a pool of something else", podSpec: env(["REDIS_POOL_SIZE", "25"]) },
    ...[
      "SQLALCHEMY_POOL_RECYCLE",
      "AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT",
      "SERVER_TOMCAT_MAX_CONNECTIONS",
      "SPRING_TASK_EXECUTION_POOL_MAX_SIZE",
      "CELERY_BROKER_POOL_LIMIT",
      "GUNICORN_WORKER_CONNECTIONS",
      "THREAD_POOL_SIZE",
      "WEBSOCKET_MAX_CONNECTIONS",
      "PGBOUNCER_MAX_CLIENT_CONN",
      "CONNECTION_RETRY",
      "CONNECTOR_REPLICAS",
      "POOL_PRE_PING",
    ].map((name) => ({ name, podSpec: env([name, "25"]) })),
    { name: "a minimum", podSpec: env(["POOL_MIN", "2"]) },
    { name: "no number", podSpec: env(["POOL_MAX", "many"]) },
    { name: "a time", podSpec: env(["POOL_TIMEOUT_SECONDS", "25"]) },
    {
      name: "a ConfigMap that may set it",
      podSpec: app({
        env: [{ name: "POOL_MAX", value: "25" }],
        envFrom: [{ configMapRef: { name: "settings" } }],
      }),
    },
    { name: "the policy says what is assumed", entry: { unmanagedPoolSize: 25 } },
    { name: "nothing is written", entry: { manage: "Count", unmanagedPoolSize: 25 } },
  ])("is not told of: $name", ({ entry = {}, podSpec = env(["POOL_MAX", "25"]) }) => {
    expect(told(entry, podSpec)).toEqual([]);
  });
});
