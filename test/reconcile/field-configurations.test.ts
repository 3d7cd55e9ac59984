// Pools as people have configured them, from public bug reports and manuals (own wording, neutral
// names): how many connections a pod may open, and what its owner is told.

import { describe, expect, test } from "vitest";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { sizingOf } from "../../src/api/sizing.ts";
import { slotsPerPod } from "../../src/domain/demand/slots.ts";
import { ownSizeOf } from "../../src/reconcile/sizes/own-size.ts";
import { saidFindings, sizeFacts } from "../../src/reconcile/sizes/size-facts.ts";
import { aSpec } from "../support/builders.ts";
import { app, env, hikari } from "../support/situation.ts";
import { rawWorkload } from "../unit/adapters/kubernetes/raw-objects.ts";

const { Deployment: project } = createProjections();
const resolve = (): undefined => undefined;

interface Told {
  readonly slots: number;
  readonly reasons: readonly string[];
  readonly messages: string;
}

/** Of one pod that its template starts. */
function told(entryOf: object, podSpec: object): Told {
  const spec = aSpec({ workloads: [{ name: "web", ...entryOf }] });
  const [entry] = spec.workloads;
  const { containers = [] } = project(rawWorkload({ template: { spec: podSpec } })) ?? {};
  const [container] = containers;
  if (!entry || !container) throw new Error("there is one of each");
  const template = ownSizeOf(container, sizingOf(spec, entry), { annotation: undefined, resolve });
  const sources = { spec, entry, containers, container, pods: [], resolve };
  const { sizing, findings } = sizeFacts(sources);
  const all = [...saidFindings({ template, pods: [] }, sizing), ...findings];
  return {
    slots: slotsPerPod(sizing, template.poolSize),
    reasons: all.map(({ reason }) => reason),
    messages: all.map(({ message }) => message).join("\n"),
  };
}

interface Row {
  readonly name: string;
  readonly entry: object;
  readonly podSpec: object;
  readonly slots: number;
  readonly reasons?: readonly string[];
}

const gateway = env(["DB_POOL_SIZE", "15"], ["DB_MAX_OVERFLOW", "30"], ["GUNICORN_WORKERS", "4"]);

describe("the pool is what its variables say", () => {
  test.each<Row>([
    {
      name: "SQLAlchemy in four workers, each with a pool and an overflow (IBM/mcp-context-forge#4645)",
      entry: { env: { maxSize: "DB_POOL_SIZE", overflow: "DB_MAX_OVERFLOW" }, processesPerPod: 4 },
      ...{ podSpec: gateway, slots: 180 },
    },
    {
      name: "the same where the policy names the size alone",
      entry: { env: { maxSize: "DB_POOL_SIZE" }, processesPerPod: 4 },
      ...{ podSpec: gateway, slots: 180, reasons: ["PoolBesideSize"] },
    },
    {
      name: "SQLAlchemy without a word of its overflow (safe-global/safe-decoder-service#296)",
      entry: { env: { maxSize: "DATABASE_POOL_SIZE", overflow: "DATABASE_POOL_MAX_OVERFLOW" } },
      ...{ podSpec: env(["DATABASE_POOL_SIZE", "10"]), slots: 20 },
    },
    {
      name: "Airflow with a pool of a thousand (airflow-helm/charts#227)",
      entry: {
        env: {
          maxSize: "AIRFLOW__CORE__SQL_ALCHEMY_POOL_SIZE",
          overflow: "AIRFLOW__CORE__SQL_ALCHEMY_MAX_OVERFLOW",
        },
      },
      ...{ podSpec: env(["AIRFLOW__CORE__SQL_ALCHEMY_POOL_SIZE", "1000"]), slots: 1_010 },
    },
    {
      name: "Keycloak with a pool that is opened whole (uselagoon/lagoon#3522)",
      entry: { env: { maxSize: "KEYCLOAK_DS_MAX_POOL_SIZE" } },
      podSpec: env(
        ["KEYCLOAK_DS_MAX_POOL_SIZE", "40"],
        ["KEYCLOAK_DS_MIN_POOL_SIZE", "40"],
        ["KEYCLOAK_DS_POOL_PREFILL", "true"],
      ),
      ...{ slots: 40, reasons: ["MinimumInTemplate"] },
    },
    {
      name: "Spring Boot in the spelling with underscores (teamg4it/g4it#19)",
      entry: hikari,
      podSpec: env(
        ["SPRING_DATASOURCE_HIKARI_MINIMUM_IDLE", "1"],
        ["SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "3"],
      ),
      slots: 3,
    },
    {
      name: "pgx with a minimum (uberswe/createmod.com#1482)",
      entry: { env: { maxSize: "DB_MAX_CONNS", minSize: "DB_MIN_CONNS" } },
      podSpec: env(["DB_MAX_CONNS", "25"], ["DB_MIN_CONNS", "5"]),
      slots: 25,
    },
    {
      name: "Mattermost with a plugin that opens as many again (mattermost-community/focalboard#616)",
      entry: { env: { maxSize: "MM_SQLSETTINGS_MAXOPENCONNS" }, processesPerPod: 2 },
      podSpec: env(["MM_SQLSETTINGS_MAXOPENCONNS", "50"], ["MM_SQLSETTINGS_MAXIDLECONNS", "20"]),
      slots: 100,
    },
    {
      name: "GitLab: two workers with two databases, four threads and a headroom of ten (its manual)",
      entry: {
        env: { maxSize: "PUMA_THREADS_MAX" },
        processesPerPod: 4,
        extraConnectionsPerPod: 40,
      },
      podSpec: env(
        ["PUMA_THREADS_MAX", "4"],
        ["WORKER_PROCESSES", "2"],
        ["DB_POOL_HEADROOM", "10"],
      ),
      slots: 56,
    },
  ])("$name", ({ entry, podSpec, slots, reasons = [] }) => {
    const found = told(entry, podSpec);
    expect([found.slots, found.reasons]).toEqual([slots, reasons]);
  });
});

const webConcurrency = { env: { maxSize: "WEB_CONCURRENCY" } };

describe("a variable that nobody reads is not sized, and the pool counts as what is read", () => {
  test.each<Row & { readonly says: string }>([
    {
      name: "the limit of the connection URL beside the variable, which counts for less",
      entry: {},
      podSpec: env(
        ["DB_POOL_MAX_SIZE", "10"],
        ["DATABASE_URL", "postgresql://app:x@db:5432/app?connection_limit=40"],
      ),
      ...{ slots: 40, says: "DATABASE_URL sets connection_limit" },
    },
    {
      name: "Ory Hydra reads its own parameter of the URL (ory/hydra#1327)",
      entry: {},
      podSpec: env([
        "DSN",
        "postgres://db:5432/hydra?sslmode=disable&max_conns=20&max_idle_conns=4",
      ]),
      ...{ slots: 20, says: "DSN sets max_conns" },
    },
    {
      name: "pgx reads the form of libpq, too (pgxpool)",
      entry: {},
      podSpec: env([
        "DATABASE_DSN",
        "host=db port=5432 user=app password='a b' dbname=app pool_max_conns=25",
      ]),
      ...{ slots: 25, says: "DATABASE_DSN sets pool_max_conns" },
    },
    {
      name: "Tortoise names its client in the URL (its manual)",
      entry: {},
      podSpec: env(["DB_URL", "asyncpg://app:x@db:5432/app?minsize=1&maxsize=30"]),
      ...{ slots: 30, says: "DB_URL sets maxsize" },
    },
    {
      name: "Rails with PostGIS",
      entry: { env: { maxSize: "RAILS_MAX_THREADS" } },
      podSpec: env(["DATABASE_URL", "postgis://app:x@db/app?pool=25"]),
      ...{ slots: 25, says: "DATABASE_URL sets pool" },
    },
    {
      name: "Npgsql with quotes and a semicolon in the password (npgsql/npgsql#5269)",
      entry: {},
      podSpec: env(["Store__Db", '"Host=db;Username=a;Password=x;Maximum Pool Size=40"']),
      ...{ slots: 40, says: "Store__Db sets Maximum Pool Size" },
    },
    {
      name: "workers on the command line win over WEB_CONCURRENCY (the manual of gunicorn)",
      entry: webConcurrency,
      podSpec: app({ args: ["gunicorn", "--workers", "8", "app:app"] }),
      ...{ slots: 8, says: "args sets workers" },
    },
    {
      name: "so do those in GUNICORN_CMD_ARGS, without any other sign in it",
      entry: webConcurrency,
      podSpec: env(["WEB_CONCURRENCY", "2"], ["GUNICORN_CMD_ARGS", "--workers 8 --threads 2"]),
      ...{ slots: 8, says: "GUNICORN_CMD_ARGS sets workers" },
    },
    {
      name: "the size under another name than the policy's",
      entry: { env: { maxSize: "DB_MAX_POOL" } },
      podSpec: env(["DB_POOL_SIZE", "40"]),
      ...{ slots: 40, says: "sets DB_POOL_SIZE, but not DB_MAX_POOL: it is counted as 40" },
    },
    {
      name: "the largest of two under other names (uberswe/createmod.com#1482)",
      entry: {},
      podSpec: env(["DB_CONN_LIMIT", "5"], ["DB_MAX_CONNS", "25"], ["DB_MIN_CONNS", "5"]),
      ...{ slots: 25, says: "name it in spec.workloads[].env.maxSize" },
    },
  ])("$name", ({ entry, podSpec, slots, says }) => {
    const found = told(entry, podSpec);
    expect([found.slots, found.reasons[0]]).toEqual([slots, "SizeOverridden"]);
    expect(found.messages).toContain(says);
  });

  const maxPool = { env: { maxSize: "DB_MAX_POOL" } };

  test.each<Omit<Row, "slots"> & { readonly slots?: number }>([
    {
      name: "that takes ours over",
      entry: maxPool,
      podSpec: env(["DB_POOL_SIZE", "$(DB_MAX_POOL)"]),
    },
    {
      name: "beside ours",
      entry: maxPool,
      podSpec: env(["DB_MAX_POOL", "12"], ["DB_POOL_SIZE", "40"]),
      slots: 12,
    },
    { name: "that counts what is idle", entry: maxPool, podSpec: env(["DB_POOL_IDLE_SIZE", "40"]) },
    { name: "of another pool", entry: maxPool, podSpec: env(["CACHE_POOL_SIZE", "40"]) },
    { name: "that is no number", entry: maxPool, podSpec: env(["DB_POOL_SIZE", "large"]) },
    {
      name: "that the policy names too",
      entry: { env: { maxSize: "DB_MAX_POOL", minSize: "DB_POOL_SIZE" } },
      podSpec: env(["DB_POOL_SIZE", "40"]),
    },
    {
      name: "beside a name that is of no pool in particular",
      entry: { env: { maxSize: "POOL_SIZE" } },
      podSpec: env(["MAX_CONNECTIONS", "1000"]),
    },
    {
      name: "where a ConfigMap may set ours",
      entry: maxPool,
      podSpec: app({
        env: [{ name: "DB_POOL_SIZE", value: "40" }],
        envFrom: [{ configMapRef: { name: "settings" } }],
      }),
    },
    {
      name: "of words that no login stands beside",
      entry: {},
      podSpec: env(["CACHE", "host=cache pool_size=40"]),
    },
  ])("but not by a variable $name", ({ entry, podSpec, slots = 10 }) => {
    const found = told(entry, podSpec);
    expect(found.reasons).not.toContain("SizeOverridden");
    expect(found.slots).toBe(slots);
  });
});
