// After what time a real MariaDB closes sessions that do nothing, as it is read and as it happens.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMysqlDatabase } from "../../src/adapters/mysql/database.ts";
import { longestLifetimeMs } from "../../src/api/lifetimes.ts";
import {
  findMariaDb,
  noMariaDb,
  openMysql,
  startMariaDb,
  type MariaDb,
  type MariaDbPrograms,
} from "../support/mariadb.ts";
import { outcomeBy } from "../support/one-reading.ts";
import { waitUntil } from "../support/processes.ts";

const programs = await findMariaDb();

function describeServer(found: MariaDbPrograms): void {
  let server: MariaDb;
  beforeAll(async () => {
    server = await startMariaDb(found, { flags: { wait_timeout: "600" } });
  });
  afterAll(() => server.stop());

  async function idleTimeout(): Promise<number | undefined> {
    const outcome = await outcomeBy(createMysqlDatabase, server.uri());
    return outcome.kind === "read" ? outcome.reading.idleTimeoutSeconds : undefined;
  }

  test("the limit of the file, and the one that somebody sets later", async () => {
    expect(await idleTimeout()).toBe(600);
    await server.query("SET GLOBAL wait_timeout = 120");
    expect(await idleTimeout()).toBe(120);
  });

  test("a session that does nothing is closed after it, and is there at 90 % of it", async () => {
    await server.query("SET GLOBAL wait_timeout = 2");
    const session = await openMysql(server.uri());
    const openedMs = performance.now();
    const idleMs = (): number => performance.now() - openedMs;
    session.on("error", () => undefined);
    const isThere = async (): Promise<boolean> => {
      const all = await server.query("SELECT ID FROM information_schema.PROCESSLIST");
      return all.some(({ ID: id }) => Number(id) === session.threadId);
    };
    await waitUntil("90 % of the limit", () => Promise.resolve(idleMs() > longestLifetimeMs(2)));
    expect(await isThere()).toBe(true);
    await waitUntil("the server to close it", async () => !(await isThere()));
    expect(idleMs()).toBeGreaterThan(longestLifetimeMs(2));
    session.destroy();
  });
}

describe("the idle limit of MariaDB", () => {
  if (programs) describeServer(programs);
  else {
    test("is read", (context) => {
      context.skip(noMariaDb);
    });
  }
});
