// What every Database does, whoever it is: run against the real adapters on real servers and
// against the fake, so that what is tested on the fake holds in production.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type {
  DatabaseReading,
  OwnSessions,
  SessionGroup,
} from "../../../src/domain/facts/facts.ts";
import type { Database, DatabaseOutcome, DatabaseTarget } from "../../../src/ports.ts";

/**
 * One server with few slots. Roles `app` (password `app`), `guest` and `watcher`, which may see all
 * sessions and all limits; a database `orders`.
 */
export interface DatabaseWorld {
  readonly database: Database;
  readonly server: string;
  readonly limits: Pick<DatabaseReading, "maxConnections" | "withheld">;
  /** Slots of max_connections that the roles can have. */
  readonly ordinarySlots: number;
  readonly leastVersion: number;
  readonly identity: RegExp;
  /** A server that was started anew says that it is another one. */
  readonly forgetsIdentity?: true;
  /** Of all sessions, as the server shows it. */
  readonly sessionDatabase: string;
  /** Of the operator's own, where that is another. */
  readonly ownDatabase?: string;
  /** It shows everybody how sessions call themselves. */
  readonly showsNames: boolean;
  /** One of `app` and one of `guest`, as `app` is shown them, which may not see them all. */
  readonly withoutSight: readonly Partial<SessionGroup>[];
  /** What is read of the limits of these roles once `app` was given one. */
  roleLimits(asked: readonly string[], limit: number): Readonly<Record<string, number>>;
  /** What is read of the limits of these databases once `orders` was given one. */
  databaseLimits(asked: readonly string[], limit: number): Readonly<Record<string, number>>;
  /** A parameter that asks for TLS which cannot be had without a CA. */
  readonly weakTls: string;
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

/** What a server of the engine does not have. */
export interface Lacks {
  /** It does not say since when it runs. */
  readonly start?: true;
  /** Its users and databases have no limits of their own. */
  readonly limits?: true;
  /** It shows everything to a login, or lets it not in. */
  readonly partialSight?: true;
  /** The operator gets in also when no slot is left. */
  readonly refusal?: true;
}

/** What is so of every PostgreSQL here, and of what plays one. */
export const ofPostgres = {
  ordinarySlots: 5,
  leastVersion: 130_000,
  identity: /^\d{16,20}$/,
  sessionDatabase: "orders",
  showsNames: true,
  withoutSight: [
    { user: "app", address: "127.0.0.1", count: 1 },
    { user: "guest", address: undefined, count: 1 },
  ],
  roleLimits: (_asked: readonly string[], limit: number) => ({ app: limit, watcher: -1 }),
  databaseLimits: (_asked: readonly string[], limit: number) => ({ orders: limit }),
  weakTls: "sslmode=verify-ca",
} satisfies Partial<DatabaseWorld>;

/** Declares the suite. `openWorld` is called once. */
export function describeDatabase(
  name: string,
  openWorld: () => Promise<DatabaseWorld>,
  lacks: Lacks = {},
): void {
  describe(name, () => {
    let world: DatabaseWorld;
    let own: OwnSessions;
    beforeAll(async () => {
      world = await openWorld();
      const database = world.ownDatabase ?? world.sessionDatabase;
      own = { user: "watcher", database, count: 1 };
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
      expect(read.versionNumber).toBeGreaterThanOrEqual(world.leastVersion);
      expect(read.systemIdentifier).toMatch(world.identity);
      expect(read.atMs).toBeGreaterThan(0);
    });

    if (lacks.start !== true)
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
        const isSame = after.systemIdentifier === before.systemIdentifier;
        expect(isSame).toBe(world.forgetsIdentity !== true);
        expect(after.startedAtMicroseconds).not.toBe(before.startedAtMicroseconds);
      });

    if (lacks.limits !== true)
      test("reads the limits of the asked roles and databases, and of no others", async () => {
        await world.setRoleLimit("app", 7);
        await world.setDatabaseLimit("orders", 8);
        const asked = { roles: ["app", "watcher", "nobody"], databases: ["orders", "nowhere"] };
        const read = await reading(asked);
        expect({ ...read.roleLimits }).toEqual(world.roleLimits(asked.roles, 7));
        expect({ ...read.databaseLimits }).toEqual(world.databaseLimits(asked.databases, 8));
        await world.setRoleLimit("app", -1);
        await world.setDatabaseLimit("orders", -1);
        const later = await reading(asked);
        expect({ ...later.roleLimits }).toEqual(world.roleLimits(asked.roles, -1));
        expect({ ...later.databaseLimits }).toEqual(world.databaseLimits(asked.databases, -1));
      });

    test("groups sessions that look alike, and leaves out its own", async () => {
      const close = [
        await world.openSession("app", "web"),
        await world.openSession("app", "web"),
        await world.openSession("guest", "psql"),
      ];
      const read = await reading();
      const group = { database: world.sessionDatabase, address: "127.0.0.1" };
      expect(read.seesAllSessions).toBe(true);
      const named = (applicationName: string): string => (world.showsNames ? applicationName : "");
      expect(read.sessions).toEqual([
        { ...group, user: "app", applicationName: named("web"), count: 2 },
        { ...group, user: "guest", applicationName: named("psql"), count: 1 },
      ]);
      await Promise.all(close.map((end) => end()));
      expect((await reading()).sessions).toEqual([]);
    });

    if (lacks.partialSight !== true)
      test("counts sessions of others without the right to see them, but not where they come from", async () => {
        const close = [
          await world.openSession("app", "web"),
          await world.openSession("guest", "psql"),
        ];
        const read = await reading({ uri: world.uri("app") });
        expect(read.seesAllSessions).toBe(false);
        expect(read.sessions.map(({ user, address, count }) => ({ user, address, count }))).toEqual(
          world.withoutSight,
        );
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

    if (lacks.partialSight !== true)
      test("logs in anew when the URI has changed, and as whom it says", async () => {
        const close = await world.openSession("guest", "psql");
        expect((await reading()).seesAllSessions).toBe(true);
        expect((await reading({ uri: world.uri("app") })).seesAllSessions).toBe(false);
        await close();
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

    if (lacks.refusal !== true)
      test("says that no slot is left, keeps the one it has, and gets in when one is free", async () => {
        await reading();
        const open = (): ReturnType<typeof world.openSession> => world.openSession("app", "web");
        const close = [];
        while (close.length < world.ordinarySlots - 1) close.push(await open());
        expect((await reading()).sessions).toMatchObject([{ count: world.ordinarySlots - 1 }]);
        await world.database.forget(world.server);
        // A server may take a moment to free the slot of a session that has ended.
        close.push(await vi.waitFor(open, 5_000));
        expect(await reasonOf()).toBe("TooManyConnections");
        await close.pop()?.();
        await vi.waitFor(reading, 5_000);
        expect((await reading()).sessions).toMatchObject([{ count: world.ordinarySlots - 1 }]);
        for (const end of close) await end();
      });

    test("says that a URI cannot be used", async () => {
      expect(await reasonOf({ uri: "s3cr3t" })).toBe("InvalidConnectionUri");
      expect(await reasonOf({ uri: `${world.uri("watcher")}?${world.weakTls}` })).toBe(
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
