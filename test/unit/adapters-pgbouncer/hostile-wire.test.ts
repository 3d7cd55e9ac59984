// Pods of a pooler that fail one by one, or say more than anybody reads, each on a real socket:
// whatever they do, no session is left behind, and a reading takes neither memory nor the thread.

import { beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createPgbouncerDatabase } from "../../../src/adapters/pgbouncer/database.ts";
import type { Database, DatabaseOutcome } from "../../../src/ports.ts";
import {
  goodAnswer,
  type HostileConsole,
  type HostileConsoles,
  startHostileConsoles,
  tableOf,
} from "../../support/hostile-consoles.ts";

const addressOf = (place: number): string => `127.0.0.${place + 1}`;

function good(place: number, more: Partial<HostileConsole> = {}): HostileConsole {
  return { address: addressOf(place), answer: goodAnswer, ...more };
}

interface Pooler extends AsyncDisposable {
  readonly consoles: HostileConsoles;
  readonly database: Database;
  readonly read: (roles?: readonly string[]) => Promise<DatabaseOutcome>;
}

/** Its name leads to all of these, and to others at which nobody listens. */
async function poolerOf(
  pods: readonly HostileConsole[],
  nobodyAt: readonly string[] = [],
): Promise<Pooler> {
  const consoles = await startHostileConsoles(pods);
  const addresses = [...pods.map(({ address }) => address), ...nobodyAt];
  const database = createPgbouncerDatabase({
    clock: systemClock,
    lookUp: (_host, _options, answer) => {
      answer(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    },
  });
  const server = `pooler.shop.svc:${consoles.port}`;
  const uri = `pgbouncer://watcher:w@${server}/pgbouncer?sslmode=disable`;
  return {
    consoles,
    database,
    read: (roles = ["app"]) => database.read({ server, uri, ca: undefined, roles, databases: [] }),
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await consoles[Symbol.asyncDispose]();
    },
  };
}

const longClient = { user: "t1", database: "d", addr: "10.0.0.1", application_name: "n" };
const orders = { name: "orders", host: "db", port: "5432", pool_size: "20" };

function messageOf(outcome: DatabaseOutcome): string {
  return outcome.kind === "read" ? "read" : `${outcome.reason}: ${outcome.message}`;
}

describe("of a pooler with several pods", () => {
  beforeEach((context) => {
    context.skip(process.platform !== "linux", "on Linux all of 127.0.0.0/8 is this machine");
  });

  test("each is read where all are in order", async () => {
    await using pooler = await poolerOf([good(0), good(1)]);
    const outcome = await pooler.read();
    if (outcome.kind !== "read") throw new Error(outcome.message);
    expect(outcome.reading.maxConnections).toBe(500_000);
    expect(outcome.reading.roleLimits).toEqual({ app: 14 });
  });

  test("one that refuses leaves no session behind on those that are slower", async () => {
    const slow = [1, 2].map((place) => good(place, { loginDelayMs: 30 }));
    await using pooler = await poolerOf([good(0), ...slow], [addressOf(9)]);
    for (let round = 0; round < 3; round += 1) {
      expect(messageOf(await pooler.read())).toContain("ECONNREFUSED 127.0.0.10");
    }
    const places = [0, 1, 2].map(addressOf);
    await expect
      .poll(() => places.map((address) => pooler.consoles.openAt(address)))
      .toEqual([0, 0, 0]);
  });

  test("what they say together has a limit", async () => {
    const padding = "x".repeat(900);
    const rows = Array.from({ length: 5_000 }, () => ({ ...{ key: "k", value: "v" }, padding }));
    const long = tableOf(rows);
    const answer = (command: string): Buffer =>
      command === "SHOW CONFIG" ? long : goodAnswer(command);
    await using pooler = await poolerOf([0, 1, 2, 3].map((place) => good(place, { answer })));
    expect(messageOf(await pooler.read())).toContain("more than 10240 KiB");
  });

  test("the rows of all of them have a limit, however short they are", async () => {
    const rows = Array.from({ length: 15_000 }, () => ({ list: "x", items: "1" }));
    const long = tableOf(rows);
    const answer = (command: string): Buffer =>
      command === "SHOW LISTS" ? long : goodAnswer(command);
    await using pooler = await poolerOf([0, 1, 2, 3].map((place) => good(place, { answer })));
    expect(messageOf(await pooler.read())).toContain("more than 48000 messages");
    await using some = await poolerOf([0, 1, 2].map((place) => good(place, { answer })));
    expect(messageOf(await some.read())).toBe("read");
    // The next reading has as much room again.
    expect(messageOf(await some.read())).toBe("read");
  });

  test("the kinds of their clients have a limit", async () => {
    const clientsOf = (pod: number): Buffer =>
      tableOf(
        Array.from({ length: 6_000 }, (_, place) => ({
          ...{ user: "app", database: "orders", addr: "10.0.0.1", local_addr: "127.0.0.1" },
          application_name: `${pod}-${place}`,
        })),
      );
    const pods = [0, 1].map((place) => {
      const clients = clientsOf(place);
      return good(place, {
        answer: (command) => (command === "SHOW CLIENTS" ? clients : goodAnswer(command)),
      });
    });
    await using pooler = await poolerOf(pods);
    const outcome = await pooler.read();
    if (outcome.kind !== "read") throw new Error(outcome.message);
    const { sessions, seesAllSessions } = outcome.reading;
    expect(seesAllSessions).toBe(true);
    expect(sessions.filter(({ applicationName: name }) => name !== "")).toHaveLength(5_000);
    expect(sessions.find(({ applicationName: name }) => name === "")?.count).toBe(7_000);
  });

  test.each([
    { command: "SHOW POOLS", row: { database: "d", user: "t1" }, sees: true, may: -1 },
    { command: "SHOW CLIENTS", row: longClient, sees: false, may: 20 },
  ])("a $command that is too long is left out for ten minutes", async (one) => {
    const long = tableOf(Array.from({ length: 24_500 }, () => one.row));
    const asked: string[] = [];
    const answer = (command: string): Buffer => {
      asked.push(command);
      if (command === "SHOW DATABASES") return tableOf([{ ...orders, max_connections: "0" }]);
      return command === one.command ? long : goodAnswer(command);
    };
    await using pooler = await poolerOf([good(0, { answer })]);
    for (let reading = 0; reading < 2; reading++) {
      const outcome = await pooler.read();
      if (outcome.kind !== "read") throw new Error(outcome.message);
      expect(outcome.reading.seesAllSessions).toBe(one.sees);
      expect(outcome.reading.behind).toMatchObject([{ maySlots: one.may }]);
    }
    expect(asked.filter((command) => command === one.command)).toHaveLength(1);
  });

  test("the limits of 2,000 roles among 12,000 users are found at once", async () => {
    const users = tableOf(
      Array.from({ length: 12_000 }, (_, place) => {
        return { name: `user-${place}`, max_user_client_connections: "7" };
      }),
    );
    const answer = (command: string): Buffer =>
      command === "SHOW USERS" ? users : goodAnswer(command);
    await using pooler = await poolerOf([0, 1].map((place) => good(place, { answer })));
    const roles = Array.from({ length: 2_000 }, (_, place) => `user-${11_999 - place}`);
    const before = process.threadCpuUsage();
    const outcome = await pooler.read(roles);
    const { user } = process.threadCpuUsage(before);
    if (outcome.kind !== "read") throw new Error(outcome.message);
    expect(outcome.reading.roleLimits["user-11999"]).toBe(14);
    // It took 48 million comparisons: about ten seconds.
    expect(user / 1_000).toBeLessThan(3_000);
  });
});
