// What is believed of a console's answers: rows of 1.18 as they were recorded, the columns that
// newer versions have beside them, and what no PgBouncer says.

import { describe, expect, test } from "vitest";
import { answerOf, readPod, type PodReading } from "../../../src/adapters/pgbouncer/answer.ts";
import type { Console } from "../../../src/adapters/pgbouncer/console.ts";
import { TooOld } from "../../../src/adapters/pgbouncer/failures.ts";
import { BusyTime } from "../../../src/adapters/database/busy-time.ts";
import { LongAnswers } from "../../../src/adapters/database/long-answers.ts";
import { parsePoolerUri } from "../../../src/domain/supply/pooler-uri.ts";

const parsed = parsePoolerUri("pgbouncer://watcher:w@pooler.shop.svc:6432/pgbouncer");
if (parsed.kind === "problem") throw new Error(parsed.message);
const { uri } = parsed;
const applicationName = "poolwarden-1";

type Row = Readonly<Record<string, unknown>>;
type Answers = Partial<Record<Parameters<Console["run"]>[0], unknown>>;

function client(more: Row = {}): Row {
  return {
    ...{ type: "C", user: "app", database: "orders", state: "active", addr: "10.0.0.1" },
    ...{ port: "38134", local_addr: "10.0.9.1", local_port: "6432", wait: "0", tls: "" },
    ...{ application_name: "web", ...more },
  };
}

const reader = client({
  user: "watcher",
  database: "pgbouncer",
  application_name: applicationName,
});

function settings(more: Readonly<Record<string, string>> = {}): readonly Row[] {
  const all = { admin_users: "", max_client_conn: "100", so_reuseport: "0", ...more };
  return Object.entries(all).map(([key, value]) => ({ key, value, changeable: "yes" }));
}

const asking = {
  ...{ uri, applicationName, roles: ["app"], databases: ["orders"] },
  pairs: [{ role: "app", database: "orders" }],
};

const usual: Answers = {
  "SHOW VERSION": [{ version: "PgBouncer 1.18.0" }],
  "SHOW CONFIG": settings(),
  "SHOW LISTS": [
    { list: "used_clients", items: "3" },
    { list: "login_clients", items: "0" },
  ],
  "SHOW CLIENTS": [reader, client(), client()],
  "SHOW USERS": [{ name: "app", pool_mode: null }],
  "SHOW DATABASES": [
    { ...{ name: "orders", host: "10.0.8.1", port: "5432" }, max_connections: "0", paused: "0" },
  ],
  "SHOW POOLS": [{ database: "orders", user: "app", sv_idle: "1" }],
};

function consoleWith(answers: Answers, remoteAddress = "10.0.9.1"): Console {
  return {
    remoteAddress,
    isOpen: () => true,
    run: (command) => Promise.resolve({ ...usual, ...answers }[command]),
    close: () => Promise.resolve(),
  };
}

async function readOne(
  answers: Answers = {},
  dialed?: string,
  long = new LongAnswers({ monotonicMs: () => 0 }),
): Promise<PodReading> {
  const limits = { timeoutMs: 1_000, signal: new AbortController().signal };
  return await readPod(
    consoleWith(answers, dialed),
    { ...asking, busy: new BusyTime(), long },
    limits,
  );
}

const answerOne = async (
  ...told: Parameters<typeof readOne>
): Promise<ReturnType<typeof answerOf>> => answerOf([await readOne(...told)], asking);

const size = ({ length }: string): number => length;

describe("of one pod", () => {
  test("its limit, and its clients but the one that asks", async () => {
    const answer = await answerOne();
    expect(answer).toMatchObject({
      ...{ role: "watcher", versionNumber: 11_800, maxConnections: 100, withheld: [] },
      ...{ systemIdentifier: "10.0.9.1:6432", isStandby: false, seesAllSessions: true },
    });
    expect(answer.sessions).toEqual([
      { user: "app", database: "orders", applicationName: "web", address: "10.0.0.1", count: 2 },
    ]);
    expect([{ ...answer.roleLimits }, { ...answer.databaseLimits }]).toEqual([
      { app: -1 },
      { orders: -1 },
    ]);
    expect(answer).not.toHaveProperty("mayBePart");
  });

  test("a client that logs in holds a slot, and is nobody's yet", async () => {
    const lists = [{ list: "login_clients", items: "2" }];
    const { sessions } = await answerOne({ "SHOW LISTS": lists });
    expect(sessions[0]).toEqual({
      ...{ user: "", database: "", applicationName: "", address: "", count: 2 },
    });
  });

  test("more that log in than are let in count as many as are let in", async () => {
    const lists = [{ list: "login_clients", items: "2000" }];
    const { sessions } = await answerOne({ "SHOW LISTS": lists });
    expect(sessions[0]).toMatchObject({ user: "", count: 100 });
  });

  test("where the list of clients is too long, each pool says how many it has", async () => {
    const noted = new LongAnswers({ monotonicMs: () => 0 });
    noted.note(uri.server, "SHOW CLIENTS");
    const lists = [{ list: "used_clients", items: "9" }];
    const ofConsole = { database: "pgbouncer", user: "pgbouncer", cl_active: "2" };
    const ofApp = { database: "orders", user: "app", cl_active: "3", cl_waiting: "2" };
    const answers = { "SHOW LISTS": lists, "SHOW POOLS": [ofConsole, ofApp] };
    const pod = await readOne(answers, undefined, noted);
    const unseen = { applicationName: "", address: undefined };
    expect(answerOf([pod], asking)).toMatchObject({
      ...{ seesAllSessions: false, isInPart: true },
      sessions: [
        { user: "", database: "", ...unseen, count: 3 },
        { user: "app", database: "orders", ...unseen, count: 5 },
      ],
    });
  });

  test.each([
    { addr: "unix", want: "" },
    { addr: "unix(991)", want: "" },
    { addr: "2001:db8::1", want: "2001:db8::1" },
  ])("a client from $addr", async ({ addr, want }) => {
    const { sessions } = await answerOne({ "SHOW CLIENTS": [reader, client({ addr })] });
    expect(sessions.map(({ address }) => address)).toEqual([want]);
  });

  test("what a client says of itself is cut, however long it is", async () => {
    const name = "n".repeat(4_000);
    const long = { user: name, database: name, application_name: name };
    const answers = {
      "SHOW CLIENTS": [reader, client({ application_name: name }), client(long)],
      "SHOW POOLS": [{ database: name, user: name }],
      "SHOW DATABASES": [{ name, host: "10.0.8.1", port: "5432" }],
      "SHOW USERS": [{ name, pool_mode: null }],
    };
    const { sessions } = await answerOne(answers);
    const lengths = sessions.map((one) => [one.user, one.database, one.applicationName].map(size));
    expect(lengths).toEqual([
      [3, 6, 64],
      [128, 128, 64],
    ]);
  });

  test("what another session of the operator's has is no client of somebody else", async () => {
    const { sessions } = await answerOne({ "SHOW CLIENTS": [reader, reader, client()] });
    expect(sessions.map(({ applicationName: name, count }) => [name, count])).toEqual([
      ["web", 1],
      [applicationName, 1],
    ]);
  });

  test.each([
    { user: "7", setting: "0", want: 7 },
    { user: "", setting: "9", want: 9 },
    { user: "0", setting: "9", want: -1 },
    { user: "", setting: "0", want: -1 },
  ])("from 1.24 on, a user's limit $user where all have $setting", async (one) => {
    const { roleLimits } = await answerOne({
      "SHOW VERSION": [{ version: "PgBouncer 1.26.1" }],
      "SHOW CONFIG": settings({ max_user_client_connections: one.setting }),
      "SHOW USERS": [{ name: "app", pool_size: "", max_user_client_connections: one.user }],
    });
    expect({ ...roleLimits }).toEqual({ app: one.want });
  });

  test("from 1.24 on, a database's limit, also of one that nobody has used yet", async () => {
    const row = { ...{ name: "billing", port: "5432" }, max_client_connections: "3" };
    const config = settings({ max_db_client_connections: "8" });
    const { databaseLimits } = await answerOne({ "SHOW CONFIG": config, "SHOW DATABASES": [row] });
    expect({ ...databaseLimits }).toEqual({ orders: 8 });
    const known = { "SHOW CONFIG": config, "SHOW DATABASES": [{ ...row, name: "orders" }] };
    expect({ ...(await answerOne(known)).databaseLimits }).toEqual({ orders: 3 });
  });

  test("a pod behind the address of a Service may be one of several", async () => {
    expect(await answerOne({}, "10.96.0.7")).toMatchObject({
      ...{ mayBePart: "OnePod", systemIdentifier: "10.96.0.7:6432" },
    });
  });

  test("a limit beyond all reason counts as the most", async () => {
    const config = settings({ max_client_conn: "2147483647" });
    expect(await answerOne({ "SHOW CONFIG": config })).toHaveProperty("maxConnections", 262_143);
  });

  test("a process that shares its port may be one of several", async () => {
    const config = settings({ so_reuseport: "1" });
    expect(await answerOne({ "SHOW CONFIG": config })).toHaveProperty("mayBePart", "OneProcess");
  });
});

describe("of several pods", () => {
  test("limits and clients add up, and each of ours but the first is one beside", async () => {
    const clients = [reader, client(), client({ user: "guest" })];
    const other = { "SHOW CONFIG": settings({ max_client_conn: "30" }), "SHOW CLIENTS": clients };
    const pods = [await readOne(), await readOne(other, "10.0.9.2")];
    const answer = answerOf(pods, asking);
    expect(answer).toMatchObject({
      ...{ maxConnections: 130, systemIdentifier: "10.0.9.1:6432 10.0.9.2:6432" },
    });
    expect(answer.sessions.map(({ user, count }) => [user, count])).toEqual([
      ["app", 3],
      ["guest", 1],
      ["watcher", 1],
    ]);
  });

  test("a user that one of them does not limit has no limit", async () => {
    const limited = { "SHOW CONFIG": settings({ max_user_client_connections: "5" }) };
    const [one, other, free] = [await readOne(limited), await readOne(limited), await readOne()];
    const limitOf = (...pods: readonly PodReading[]): object => ({
      ...answerOf(pods, asking).roleLimits,
    });
    expect([limitOf(one, other), limitOf(one, free)]).toEqual([{ app: 10 }, { app: -1 }]);
  });
});

test.each<{ name: string; answers: Answers }>([
  { name: "no version", answers: { "SHOW VERSION": [] } },
  { name: "another's version", answers: { "SHOW VERSION": [{ version: "PgCat 1.2.0" }] } },
  { name: "an answer of several parts", answers: { "SHOW CONFIG": undefined } },
  { name: "rows that are none", answers: { "SHOW CLIENTS": ["x"] } },
  { name: "no limit", answers: { "SHOW CONFIG": [] } },
  { name: "a limit below 0", answers: { "SHOW CONFIG": settings({ max_client_conn: "-1" }) } },
  { name: "an address that is none", answers: { "SHOW CLIENTS": [client({ addr: "pod-7" })] } },
  { name: "a user without a name", answers: { "SHOW CLIENTS": [client({ user: null })] } },
  {
    name: "a pool of a negative size",
    answers: { "SHOW DATABASES": [{ name: "orders", host: "db", port: "5432", pool_size: "-1" }] },
  },
  {
    name: "a port that is none",
    answers: { "SHOW DATABASES": [{ name: "orders", host: "db", port: "0x" }] },
  },
  {
    name: "more clients than there is room for",
    answers: {
      "SHOW CONFIG": settings({ max_client_conn: "1" }),
      "SHOW CLIENTS": Array.from({ length: 1_030 }, () => client()),
    },
  },
])("an answer with $name is no reading", async ({ answers }) => {
  await expect(answerOne(answers)).rejects.toThrow();
});

test("a version whose console does not name the programs of clients is too old", async () => {
  const of = (version: string): Promise<unknown> =>
    answerOne({ "SHOW VERSION": [{ version: `PgBouncer ${version}` }] });
  await expect(of("1.17.0")).rejects.toThrow(TooOld);
  await expect(of("1.18.0")).resolves.toBeDefined();
});
