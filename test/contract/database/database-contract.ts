// What every Database does, whoever it is: run against the real adapter on a real PostgreSQL and
// against the fake, so that what is tested on the fake holds in production.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DatabaseReading } from "../../../src/domain/facts/facts.ts";
import type { Database, DatabaseOutcome, DatabaseTarget } from "../../../src/ports.ts";

/**
 * One server with five ordinary slots. Roles `app` (password `app`), `guest` and `watcher` (with
 * pg_monitor), and the superuser `postgres`; databases `orders` and `postgres`.
 */
export interface DatabaseWorld {
  readonly database: Database;
  readonly server: string;
  readonly limits: Pick<DatabaseReading, "maxConnections" | "withheld">;
  uri(user: string, password?: string): string;
  /** Opens a session over TCP; the returned function closes it, and returns when it is gone. */
  openSession(user: string, applicationName: string): Promise<() => Promise<void>>;
  setRoleLimit(role: string, limit: number): Promise<void>;
  setDatabaseLimit(database: string, limit: number): Promise<void>;
  setPassword(role: string, password: string): Promise<void>;
  /** Sessions that the Database under test holds on the server. */
  countOwnSessions(): Promise<number>;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const ordinarySlots = 5;
const own = { user: "watcher", database: "orders", count: 1 };

/** Declares the suite. `openWorld` is called once. */
export function describeDatabase(name: string, openWorld: () => Promise<DatabaseWorld>): void {
  describe(name, () => {
    let world: DatabaseWorld;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => world.close());
    beforeEach(() => world.database.forget(world.server));

    const target = (changes: Partial<DatabaseTarget> = {}): DatabaseTarget => ({
      server: world.server,
      uri: world.uri("watcher"),
      ca: undefined,
      roles: [],
      databases: [],
      ...changes,
    });
    const outcome = (changes?: Partial<DatabaseTarget>): Promise<DatabaseOutcome> =>
      world.database.read(target(changes));
    const reading = async (changes?: Partial<DatabaseTarget>): Promise<DatabaseReading> =>
      readingOf(await outcome(changes));
    const reasonOf = async (changes?: Partial<DatabaseTarget>): Promise<string> => {
      const result = await outcome(changes);
      return result.kind === "failed" ? result.reason : result.kind;
    };

    test("reads the limits that only a restart changes", async () => {
      const read = await reading();
      expect(read).toMatchObject({
        ...world.limits,
        isStandby: false,
        ownSessions: [own],
        sessions: [],
      });
      expect(read.versionNumber).toBeGreaterThanOrEqual(130_000);
      expect(read.systemIdentifier).toMatch(/^\d{16,20}$/);
      expect(read.atMs).toBeGreaterThan(0);
    });

    test("says who reads, and since when the server runs: another time after a restart", async () => {
      const before = await reading();
      expect(before.role).toBe("watcher");
      expect(before.startedAtMicroseconds).toBeGreaterThan(0);
      const same = await reading({ uri: world.uri("app") });
      expect(same.startedAtMicroseconds).toBe(before.startedAtMicroseconds);
      expect(same.role).toBe("app");
      await world.stop();
      await world.start();
      const after = await reading();
      expect(after.systemIdentifier).toBe(before.systemIdentifier);
      expect(after.startedAtMicroseconds).not.toBe(before.startedAtMicroseconds);
    });

    test("reads the limits of the asked roles and databases, and of no others", async () => {
      await world.setRoleLimit("app", 7);
      await world.setDatabaseLimit("orders", 8);
      const asked = { roles: ["app", "watcher", "nobody"], databases: ["orders", "nowhere"] };
      const read = await reading(asked);
      expect({ ...read.roleLimits }).toEqual({ app: 7, watcher: -1 });
      expect({ ...read.databaseLimits }).toEqual({ orders: 8 });
      await world.setRoleLimit("app", -1);
      await world.setDatabaseLimit("orders", -1);
      const later = await reading(asked);
      expect({ ...later.roleLimits }).toEqual({ app: -1, watcher: -1 });
      expect({ ...later.databaseLimits }).toEqual({ orders: -1 });
    });

    test("groups sessions that look alike, and leaves out its own", async () => {
      const close = [
        await world.openSession("app", "web"),
        await world.openSession("app", "web"),
        await world.openSession("guest", "psql"),
      ];
      const read = await reading();
      const group = { database: "orders", address: "127.0.0.1" };
      expect(read.seesAllSessions).toBe(true);
      expect(read.sessions).toEqual([
        { ...group, user: "app", applicationName: "web", count: 2 },
        { ...group, user: "guest", applicationName: "psql", count: 1 },
      ]);
      await Promise.all(close.map((end) => end()));
      expect((await reading()).sessions).toEqual([]);
    });

    test("counts sessions of others without pg_monitor, too, but not where they come from", async () => {
      const close = [
        await world.openSession("app", "web"),
        await world.openSession("guest", "psql"),
      ];
      const read = await reading({ uri: world.uri("app") });
      expect(read.seesAllSessions).toBe(false);
      expect(read.sessions.map(({ user, address, count }) => ({ user, address, count }))).toEqual([
        { user: "app", address: "127.0.0.1", count: 1 },
        { user: "guest", address: undefined, count: 1 },
      ]);
      await Promise.all(close.map((end) => end()));
    });

    test("holds one session, however often it is asked, and none once told to forget", async () => {
      for (let time = 0; time < 3; time++) await reading();
      await Promise.all([reading(), reading({ roles: ["app"] }), reading({ roles: ["guest"] })]);
      expect(await world.countOwnSessions()).toBe(1);
      await world.database.forget(world.server);
      expect(await world.countOwnSessions()).toBe(0);
      await reading();
      expect(await world.countOwnSessions()).toBe(1);
    });

    test("knows its session by another name of the server as its own", async () => {
      await reading();
      const byOtherName = await reading({ server: "another-name:5432" });
      expect(byOtherName).toMatchObject({ ownSessions: [own, own], sessions: [] });
      await world.database.forget("another-name:5432");
      await expect.poll(() => world.countOwnSessions(), { timeout: 60_000 }).toBe(1);
      expect(await reading()).toMatchObject({ ownSessions: [own], sessions: [] });
    });

    test("answers equal questions of the same moment with one reading, others with theirs", async () => {
      const [one, same, other] = await Promise.all([
        reading({ roles: ["app"] }),
        reading({ roles: ["app"] }),
        reading({ roles: ["guest"] }),
      ]);
      expect(same).toBe(one);
      expect({ ...other.roleLimits }).toEqual({ guest: -1 });
      expect(await reading({ roles: ["app"] })).not.toBe(one);
    });

    test("says that a password is wrong, and takes the right one at the next reading", async () => {
      const result = await outcome({ uri: world.uri("watcher", "s3cr3t") });
      expect(result).toMatchObject({ kind: "failed", reason: "AuthenticationFailed" });
      expect(JSON.stringify(result)).not.toContain("s3cr3t");
      expect(await reasonOf()).toBe("read");
    });

    test("takes a rotated secret up, on the same one session", async () => {
      await reading();
      await world.setPassword("watcher", "rotated");
      expect(await reasonOf()).toBe("read");
      expect(await reasonOf({ uri: world.uri("watcher", "rotated") })).toBe("read");
      expect(await world.countOwnSessions()).toBe(1);
      await world.setPassword("watcher", "watcher");
      expect(await reasonOf({ uri: world.uri("watcher", "rotated") })).toBe("read");
      await world.database.forget(world.server);
      expect(await reasonOf({ uri: world.uri("watcher", "rotated") })).toBe("AuthenticationFailed");
    });

    test("logs in anew when the URI has changed, and as whom it says", async () => {
      expect((await reading()).seesAllSessions).toBe(true);
      expect((await reading({ uri: world.uri("app") })).seesAllSessions).toBe(false);
      expect(await reasonOf({ uri: world.uri("app", "s3cr3t") })).toBe("AuthenticationFailed");
      expect((await reading()).seesAllSessions).toBe(true);
      expect(await world.countOwnSessions()).toBe(1);
    });

    test("says that a server is down, and reads again when it is up", async () => {
      await reading();
      await world.stop();
      expect(await reasonOf()).toBe("DatabaseUnreachable");
      expect(await reasonOf()).toBe("DatabaseUnreachable");
      await world.start();
      expect(await reasonOf()).toBe("read");
    });

    test("survives a restart that falls between two readings", async () => {
      await reading();
      await world.stop();
      await world.start();
      expect(await reasonOf()).toBe("read");
      expect(await world.countOwnSessions()).toBe(1);
    });

    test("says that no slot is left, keeps the one it has, and gets in when one is free", async () => {
      await reading();
      const close: (() => Promise<void>)[] = [];
      while (close.length < ordinarySlots - 1) close.push(await world.openSession("app", "web"));
      expect((await reading()).sessions).toMatchObject([{ count: ordinarySlots - 1 }]);
      await world.database.forget(world.server);
      close.push(await world.openSession("app", "web"));
      expect(await reasonOf()).toBe("TooManyConnections");
      await close.pop()?.();
      expect((await reading()).sessions).toMatchObject([{ count: ordinarySlots - 1 }]);
      await Promise.all(close.map((end) => end()));
    });

    test("says that a URI cannot be used", async () => {
      expect(await reasonOf({ uri: "s3cr3t" })).toBe("InvalidConnectionUri");
      expect(await reasonOf({ uri: `${world.uri("watcher")}?sslmode=verify-ca` })).toBe(
        "InvalidConnectionUri",
      );
    });

    test("forgets a server that it never knew", async () => {
      await world.database.forget("nowhere:5432");
    });
  });
}

function readingOf(outcome: DatabaseOutcome): DatabaseReading {
  if (outcome.kind === "failed") throw new Error(`${outcome.reason}: ${outcome.message}`);
  return outcome.reading;
}
