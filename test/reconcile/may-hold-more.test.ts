// What a template says beside the size that is counted: another pool, or several processes. Its
// owner is told, because a pod may hold more than the ledger says.
// (SpiceDB, Concourse, Temporal and Dify by their manuals.)

import { describe, expect, test } from "vitest";
import { app, env, expectOf, findingsOf, hikari, play } from "../support/situation.ts";
import { toldOn } from "../support/told-on.ts";

const named = (maxSize: string, more: object = {}): object => ({ env: { maxSize }, ...more });
const both = env(["SQL_MAX_CONNS", "20"], ["SQL_VIS_MAX_CONNS", "10"]);

test.each([
  {
    name: "another pool of the same program",
    entry: named("SPICEDB_DATASTORE_CONN_POOL_READ_MAX_OPEN"),
    podSpec: env(
      ["SPICEDB_DATASTORE_CONN_POOL_READ_MAX_OPEN", "20"],
      ["SPICEDB_DATASTORE_CONN_POOL_WRITE_MAX_OPEN", "10"],
    ),
    says: ["SPICEDB_DATASTORE_CONN_POOL_WRITE_MAX_OPEN=10", "in a further entry with pool"],
  },
  {
    name: "the pool of another database",
    ...{ entry: named("SQL_MAX_CONNS"), podSpec: both, says: ["SQL_VIS_MAX_CONNS=10"] },
  },
  {
    name: "processes by a variable",
    entry: named("SQLALCHEMY_POOL_SIZE", { env: { maxSize: "SQLALCHEMY_POOL_SIZE" } }),
    podSpec: env(["SQLALCHEMY_POOL_SIZE", "5"], ["SERVER_WORKER_AMOUNT", "4"]),
    says: ["starts 4 processes (SERVER_WORKER_AMOUNT)", "set processesPerPod: 4"],
  },
  {
    name: "processes by an argument",
    entry: {},
    podSpec: app({
      command: ["uvicorn", "app:app", "--workers", "4"],
      env: [{ name: "DB_POOL_MAX_SIZE", value: "5" }],
    }),
    says: ["starts 4 processes (command sets workers)"],
  },
  {
    name: "a pool whose name begins the one that the own size is taken from",
    entry: named("APP_POOL_MAX"),
    podSpec: env(
      ["REPORTS_POOL_SIZE", "7"],
      ["APP_POOL_MAX", "$(REPORTS_POOL_SIZE)"],
      ["REPORTS_POOL", "20"],
    ),
    says: ["also sets REPORTS_POOL=20. If"],
  },
  {
    name: "each of many pools",
    entry: named("SQL_MAX_CONNS"),
    podSpec: env(
      ["SQL_MAX_CONNS", "20"],
      ...["A", "B", "C", "D", "E"].map((name) => [`${name}_POOL_MAX`, "5"] as const),
    ),
    says: ["also sets A_POOL_MAX=5, B_POOL_MAX=5, C_POOL_MAX=5 and 2 more. If"],
  },
  ...[
    { words: ["celery", "worker", "--concurrency=4"], what: "processes or threads" },
    { words: ["celery", "worker", "-c", "4"], what: "processes or threads" },
    { words: ["uwsgi", "--processes", "4"], what: "processes" },
    { words: ["uwsgi", "-p", "4"], what: "processes" },
  ].map(({ words, what }) => ({
    name: `what ${words.join(" ")} starts`,
    entry: {},
    podSpec: app({ command: words, env: [{ name: "DB_POOL_MAX_SIZE", value: "5" }] }),
    says: [`starts 4 ${what} (command sets`, "set processesPerPod: 4"],
  })),
  {
    name: "what may be threads",
    entry: {},
    podSpec: app({
      command: ["sidekiq", "-c", "25"],
      env: [{ name: "DB_POOL_MAX_SIZE", value: "5" }],
    }),
    says: ["Threads, as of Sidekiq, share one pool: nothing is to do."],
  },
  {
    name: "more processes than the policy says",
    entry: { processesPerPod: 2 },
    podSpec: env(["DB_POOL_MAX_SIZE", "5"], ["WEB_CONCURRENCY", "4"]),
    says: ["starts 4 processes (WEB_CONCURRENCY), and processesPerPod is 2", "processesPerPod: 4"],
  },
  {
    name: "processes of uWSGI by a variable",
    entry: {},
    podSpec: env(["DB_POOL_MAX_SIZE", "5"], ["UWSGI_PROCESSES", "4"]),
    says: ["starts 4 processes (UWSGI_PROCESSES)"],
  },
])("$name is told of, and the pool is sized", async ({ says, ...situation }) => {
  await expectOf(situation, { finding: ["MayHoldMore", ...says], ready: "True" });
});

test.each([
  {
    name: "of what may be threads, where the policy says how many processes there are",
    entry: { processesPerPod: 2 },
    podSpec: app({
      command: ["sidekiq", "-c", "25"],
      env: [{ name: "DB_POOL_MAX_SIZE", value: "5" }],
    }),
  },
  {
    name: "that an entry names",
    ...{ entry: named("SQL_MAX_CONNS"), podSpec: both },
    further: [{ pool: "visibility", ...named("SQL_VIS_MAX_CONNS") }],
  },
  {
    name: "of the same data source, by the library that the process does not have",
    entry: hikari,
    podSpec: env(
      ["SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "10"],
      ["SPRING_DATASOURCE_TOMCAT_MAXACTIVE", "10"],
    ),
  },
  {
    name: "whose number the own one takes",
    entry: hikari,
    podSpec: env(
      ["SQL_POOL_SIZE", "10"],
      ["SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "$(SQL_POOL_SIZE)"],
    ),
  },
  {
    name: "of something else in the process",
    entry: hikari,
    podSpec: app({
      env: [{ name: "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", value: "10" }],
      args: [
        ...["-Dreactor.netty.pool.maxConnections=500", "--spring.task.execution.pool.max-size=16"],
        ...["--spring.data.redis.lettuce.pool.max-active=8", "--max-connections=90"],
      ],
    }),
  },
  {
    name: "that is counted as what Spring Boot reads by itself",
    podSpec: env(["DB_POOL_MAX_SIZE", "5"], ["SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "40"]),
  },
  {
    name: "that bounds the same pooler",
    entry: named("CONNECTION_POOLER_MAX_DB_CONN"),
    podSpec: env(
      ["CONNECTION_POOLER_MAX_DB_CONN", "30"],
      ["CONNECTION_POOLER_DEFAULT_SIZE", "15"],
      ["CONNECTION_POOLER_RESERVE_SIZE", "7"],
    ),
  },
  {
    name: "that the policy adds",
    ...{ entry: named("SQL_MAX_CONNS", { extraConnectionsPerPod: 10 }), podSpec: both },
  },
  {
    name: "of a cache",
    podSpec: env(["DB_POOL_MAX_SIZE", "5"], ["REDIS_POOL_SIZE", "50"]),
  },
  {
    name: "under another name of the same pool",
    podSpec: env(["DB_POOL_MAX_SIZE", "5"], ["DB_MAX_CONNS", "5"]),
  },
  {
    name: "whose processes the policy knows",
    entry: { processesPerPod: 4 },
    podSpec: env(["DB_POOL_MAX_SIZE", "5"], ["WEB_CONCURRENCY", "4"]),
  },
  {
    name: "of a pooler, which has several bounds",
    entry: named("MAX_DB_CONNECTIONS"),
    podSpec: env(["MAX_DB_CONNECTIONS", "20"], ["DEFAULT_POOL_SIZE", "30"]),
  },
  {
    name: "of one process",
    podSpec: env(["DB_POOL_MAX_SIZE", "5"], ["WEB_CONCURRENCY", "1"]),
  },
  {
    name: "whose size the processes are",
    entry: named("WEB_CONCURRENCY"),
    podSpec: env(["WEB_CONCURRENCY", "4"], ["GUNICORN_WORKERS", "4"]),
  },
  {
    name: "that is only counted",
    entry: named("SQL_MAX_CONNS", { manage: "Count" }),
    podSpec: both,
  },
])("nothing is told of a pool $name", async (situation) => {
  const status = (await play(situation)).status("orders");
  expect(findingsOf(status, "MayHoldMore")).toEqual([]);
});

describe("a connection URL from a Secret, of a server that nobody reads", () => {
  const secret = { secretKeyRef: { name: "web", key: "uri" } };
  const url = { name: "DATABASE_URL", valueFrom: secret };
  const size = { name: "DB_POOL_MAX_SIZE", value: "5" };

  const declared = { address: "db.example.com:5432", maxConnections: 100 };

  test("is told of where the variable is not set", () => {
    expect(toldOn(declared, {}, app({ env: [url] }))).toEqual([
      "container app takes DATABASE_URL from Secret/web, which is not read, and does not set DB_POOL_MAX_SIZE. " +
        "If the URL says a size (connection_limit, pool, Maximum Pool Size), the pool has that size, whatever is " +
        "counted: let it say $(DB_POOL_MAX_SIZE), or set unmanagedPoolSize",
    ]);
  });

  test.each([
    ["its sessions are read", { secretRef: { name: "db" } }, {}, { env: [url] }],
    ["the variable is set", declared, {}, { env: [url, size] }],
    [
      "a ConfigMap may set it",
      declared,
      {},
      { env: [url], envFrom: [{ configMapRef: { name: "c" } }] },
    ],
    ["the policy says what is assumed", declared, { unmanagedPoolSize: 40 }, { env: [url] }],
    ["the library reads no URL", declared, { preset: "hikari" }, { env: [url] }],
    ["it is the URL of something else", declared, {}, { env: [{ ...url, name: "REDIS_URL" }] }],
  ])("is not told of where %s", (_, database, entry, container) => {
    expect(toldOn(database, entry, app(container))).toEqual([]);
  });
});
