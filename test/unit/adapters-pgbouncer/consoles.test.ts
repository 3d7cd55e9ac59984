// Consoles that lie, say too much or fall silent, each on a real socket: whatever they do, a look
// ends as a value within its time, nothing is believed that is no number, and no session is left.

import { expect, test } from "vitest";
import { createConsoles } from "../../../src/adapters/pgbouncer/consoles.ts";
import type { ConsoleOutcome } from "../../../src/console-port.ts";
import { startHostileConsoles, tableOf } from "../../support/hostile-consoles.ts";

const address = "127.0.0.9";
const usual: Readonly<Record<string, string>> = {
  ...{ default_pool_size: "20", reserve_pool_size: "0", reserve_pool_timeout: "5" },
  pool_mode: "transaction",
};

type Answers = Readonly<Record<string, Buffer>>;

function config(settings: Readonly<Record<string, string>> = {}): Buffer {
  const all = Object.entries({ ...usual, ...settings });
  return tableOf(all.map(([key, value]) => ({ key, value })));
}

const good: Answers = {
  "SHOW CONFIG": config(),
  "SHOW DATABASES": tableOf([{ name: "orders", pool_size: "20" }]),
  "SHOW USERS": tableOf([{ name: "app" }]),
  "SHOW POOLS": tableOf([{ database: "orders", user: "app", sv_active: "20" }]),
};

interface Look {
  readonly outcome: ConsoleOutcome;
  readonly heard: readonly string[];
  readonly tookMs: number;
}

/** `mayReconnect`, and a size of 5 unless a case says otherwise. */
async function lookAt(answers: Answers, poolSize = 5): Promise<Look> {
  const heard: string[] = [];
  await using consoles = await startHostileConsoles([
    {
      address,
      answer: (command) => {
        heard.push(command);
        return answers[command] ?? good[command] ?? tableOf([]);
      },
    },
  ]);
  const startMs = performance.now();
  const outcome = await createConsoles({ timeoutMs: 500 }).follow({
    ...{ address, ca: undefined, poolSize, mayReconnect: true, mayChange: () => true },
    uri: `postgresql://boss:b@pgbouncer.shop.svc:${consoles.port}/?sslmode=disable`,
  });
  const tookMs = performance.now() - startMs;
  await expect.poll(() => consoles.openAt(address)).toBe(0);
  return { outcome, heard, tookMs };
}

const orders = ["SET default_pool_size = 5", "RECONNECT"];

test("what answers SET and changes nothing is not believed", async () => {
  const { outcome, heard } = await lookAt({});
  expect(heard).toContain(orders[0]);
  expect(outcome).toMatchObject({ kind: "answered", foundSize: 20, poolSize: 20, openMost: 20 });
});

test("at the look at which a size is set nothing has to be given back yet", async () => {
  const { heard } = await lookAt({});
  expect(heard.join(" ")).not.toContain("RECONNECT");
});

test("only databases whose pools are too large are asked to give connections back", async () => {
  const pools = [
    { database: "orders", user: "app", sv_active: "9" },
    { database: "billing", user: "app", sv_active: "5" },
  ];
  const { heard, outcome } = await lookAt({
    "SHOW CONFIG": config({ default_pool_size: "5" }),
    "SHOW POOLS": tableOf(pools),
  });
  expect(heard).toContain("RECONNECT orders");
  expect(heard.join(" ")).not.toContain("billing");
  expect(outcome).toMatchObject({ reconnected: true });
});

test("a name that is no plain word is not sent back: all are asked", async () => {
  const { heard } = await lookAt({
    "SHOW CONFIG": config({ default_pool_size: "5" }),
    "SHOW POOLS": tableOf([{ database: "a; SHUTDOWN", user: "app", sv_active: "9" }]),
  });
  expect(heard.filter((one) => one.startsWith("RECONNECT"))).toEqual(["RECONNECT"]);
});

test("of several processes on one port none is told anything", async () => {
  const { heard, outcome } = await lookAt({ "SHOW CONFIG": config({ so_reuseport: "1" }) });
  expect(heard.filter((one) => !one.startsWith("SHOW "))).toEqual([]);
  expect(JSON.stringify(outcome)).toContain("set so_reuseport = 0");
});

test("in session mode nothing is sent but looks", async () => {
  const { heard, outcome } = await lookAt({ "SHOW CONFIG": config({ pool_mode: "session" }) });
  expect(heard.filter((one) => !one.startsWith("SHOW "))).toEqual([]);
  expect(outcome).toMatchObject({ sessionMode: "for all (pool_mode)" });
});

test.each<readonly [string, Answers]>([
  ["no size at all", { "SHOW CONFIG": tableOf([{ key: "pool_mode", value: "session" }]) }],
  ["a size that is none", { "SHOW CONFIG": config({ default_pool_size: "-3" }) }],
  [
    "too much",
    { "SHOW POOLS": tableOf(Array.from({ length: 20_000 }, () => ({ database: "a" }))) },
  ],
  ["nothing", { "SHOW USERS": Buffer.alloc(0) }],
])("what says %s is a failed look, within its time", async (_, answers) => {
  const { outcome, tookMs } = await lookAt(answers);
  expect(outcome.kind).toBe("failed");
  expect(tookMs).toBeLessThan(2_500);
});

test("a URI that is none is said without a packet", async () => {
  const outcome = await createConsoles().follow({
    ...{ address, ca: undefined, poolSize: 5, mayReconnect: true, mayChange: () => true },
    uri: "mysql://boss:secret@pgbouncer/",
  });
  expect(outcome.kind).toBe("failed");
  expect(JSON.stringify(outcome)).not.toContain("secret");
});
