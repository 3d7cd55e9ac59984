// A policy that names a host which is not on the operator's list: it is told, it keeps what it has,
// and nobody is asked anything on its behalf.
import { describe, expect, it } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { type HostPattern, parseHostPattern } from "../../src/domain/supply/allowed-hosts.ts";
import type { Database } from "../../src/ports.ts";
import { createReconcilers, type Reconcilers } from "../../src/reconcilers.ts";
import { aReading, settleTimeMs } from "../support/builders.ts";
import { MemoryWorld } from "../support/memory-world/world.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { constantRandom } from "../support/prng.ts";

const list = ["*.shop.svc", "10.0.0.0/8:5432"];

/** The operator with a database that notes every login that it is given. */
class Bench {
  readonly world: MemoryWorld;
  readonly asked: string[] = [];
  #operator: Reconcilers;
  readonly #log = new MemoryLog();

  constructor(world: MemoryWorld = new MemoryWorld()) {
    this.world = world;
    this.#operator = this.#start();
  }

  /** A new process with another list. */
  restart(...hosts: readonly string[]): void {
    this.#operator = this.#start(hosts);
  }

  /** Each policy, each database and each server once. */
  async look(): Promise<void> {
    const { policies, databases, servers, book } = this.#operator;
    for (const { key } of this.world.stores.policies.values()) await policies.reconcile(key);
    for (const server of book.servers()) await databases.reconcile(server);
    for (const server of book.servers()) {
      const signal = new AbortController().signal;
      await servers.reconcile(server, { log: this.#log, signal });
    }
    this.world.controller.run(this.world.nowMs);
    this.world.nowMs += 10_000;
  }

  secret(name: string, uri: string): void {
    this.world.cluster.data.set(`Secret/shop/${name}`, { uri });
  }

  #start(hosts: readonly string[] = list): Reconcilers {
    const { stores, cluster, clock } = this.world;
    return createReconcilers({
      ...{ caches: stores.caches, cluster, clock, log: this.#log },
      config: {
        ...{ databaseIntervalMs: 30_000, settleTimeMs, admissionWarmUpMs: 35_000 },
        allowedDatabaseHosts: patterns(hosts),
      },
      database: this.#database(),
      random: constantRandom(0.5),
      metrics: {
        count: ignore,
        gauge: ignore,
        observe: ignore,
        reset: ignore,
        forgetServer: ignore,
      },
      ...{ enqueueServer: ignore, enqueueDatabase: ignore, enqueueLook: ignore },
    });
  }

  #database(): Database {
    return {
      read: ({ uri }) => {
        this.asked.push(uri);
        const reading = aReading({ atMs: this.world.nowMs });
        return Promise.resolve({ kind: "read", reading });
      },
      forget: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }
}

const ignore = (): void => undefined;

function patterns(hosts: readonly string[]): HostPattern[] {
  return hosts.flatMap((host) => {
    const pattern = parseHostPattern(host);
    return "kind" in pattern ? [] : [pattern];
  });
}

function conditionIn({ conditions }: PoolPolicyStatus, type: string): object | undefined {
  return conditions?.find((condition) => condition.type === type);
}

const uriOf = (host: string): string => `postgresql://app:hunter2@${host}/orders`;

describe("a policy from the start", () => {
  it.each<{ readonly name: string; readonly uri: string; readonly wantHost: string }>([
    { name: "another host", uri: uriOf("db.bank.svc"), wantHost: "db.bank.svc:5432" },
    { name: "upper case", uri: uriOf("DB.Bank.SVC."), wantHost: "db.bank.svc:5432" },
    { name: "percent-encoded", uri: uriOf("%64b.bank"), wantHost: "db.bank:5432" },
    { name: "another port", uri: uriOf("10.1.1.1:6432"), wantHost: "10.1.1.1:6432" },
    { name: "a whole number", uri: uriOf("2130706433"), wantHost: "127.0.0.1:5432" },
    { name: "IPv4 as IPv6", uri: uriOf("[::ffff:127.0.0.1]"), wantHost: "[::ffff:7f00:1]:5432" },
    { name: "the second host", uri: uriOf("a.shop.svc,evil"), wantHost: "evil:5432" },
    { name: "host=", uri: `${uriOf("a.shop.svc")}?host=evil`, wantHost: "evil:5432" },
    { name: "hostaddr=", uri: `${uriOf("a.shop.svc")}?hostaddr=11.0.0.1`, wantHost: "11.0.0.1" },
    { name: "port=", uri: `${uriOf("10.1.1.1")}?port=22`, wantHost: "10.1.1.1:22" },
    {
      name: "a socket second",
      uri: uriOf("a.shop.svc,%2Ftmp"),
      wantHost: "a host without a network address",
    },
  ])("is refused: $name", async ({ uri, wantHost }) => {
    const bench = new Bench();
    bench.secret("db", uri);
    bench.world.policy("orders");
    bench.world.deployment("web");

    await bench.look();
    await bench.look();

    expect(bench.asked).toEqual([]);
    const status = bench.world.status("orders");
    for (const type of ["Ready", "DatabaseReachable"]) {
      expect(conditionIn(status, type)).toMatchObject({
        status: "False",
        reason: "HostNotAllowed",
      });
    }
    const { message } = conditionIn(status, "Ready") as { message: string };
    expect(message).toContain("secret db, key uri");
    expect(message).toContain(wantHost);
    expect(message).toContain("--allowed-database-hosts");
    expect(message).not.toContain("hunter2");
    expect(status.grants).toBe(undefined);
  });

  it("is refused by its address, which nobody would ask anyway", async () => {
    const bench = new Bench();
    bench.world.policy("orders", { database: { address: "db.bank.svc:5432", maxConnections: 9 } });
    bench.world.deployment("web");

    await bench.look();

    expect(conditionIn(bench.world.status("orders"), "Ready")).toMatchObject({
      reason: "HostNotAllowed",
      message: expect.stringMatching(
        /^spec.database.address: db.bank.svc:5432 is not in/,
      ) as string,
    });
  });

  it.each(["127.0.0.1", "localhost:6379", "[::1]", "169.254.169.254:80", "0x7f.1"])(
    "is refused without any list where nobody keeps a database for others: %s",
    async (host) => {
      const bench = new Bench();
      bench.restart();
      bench.secret("db", uriOf(host));
      bench.world.policy("orders");
      bench.world.deployment("web");

      await bench.look();

      expect(bench.asked).toEqual([]);
      expect(conditionIn(bench.world.status("orders"), "Ready")).toMatchObject({
        reason: "HostNotAllowed",
        message: expect.stringMatching(/set --allowed-database-hosts=\*,\S+ on the op/) as string,
      });
    },
  );

  it.each(["DB.shop.svc", "10.9.9.9", "a.shop.svc,b.shop.svc:1", "[::ffff:10.1.2.3]"])(
    "is read where all its hosts are listed: %s",
    async (host) => {
      const bench = new Bench();
      bench.secret("db", uriOf(host));
      bench.world.policy("orders");
      bench.world.deployment("web");

      await bench.look();

      expect(bench.asked).toEqual([uriOf(host)]);
      expect(bench.world.grant("orders", "web")).toBeGreaterThan(0);
    },
  );
});

describe("a policy that was good before", () => {
  async function settled(): Promise<Bench> {
    const bench = new Bench();
    bench.world.policy("orders");
    bench.world.deployment("web");
    for (let looks = 0; looks < 5; looks++) await bench.look();
    bench.asked.length = 0;
    return bench;
  }

  /** Nothing was asked but the old server, and nothing has changed for the fleet. */
  function expectKept({ world }: Bench, grants: unknown): void {
    const status = world.status("orders");
    expect(conditionIn(status, "Ready")).toMatchObject({ reason: "HostNotAllowed" });
    expect(status.grants).toEqual(grants);
    expect(status.server).toBe("db.shop.svc:5432");
    expect(status.workloads?.[0]).toMatchObject({ decision: "Unmanaged", poolSize: 31 });
    expect(status.ledger?.join("\n")).toContain("Deployment/web: 3 pods x 31");
  }

  it("keeps its sizes and its place on the ledger when its secret names a forbidden host", async () => {
    const bench = await settled();
    const { grants } = bench.world.status("orders");

    bench.secret("db", uriOf("evil"));
    for (let looks = 0; looks < 3; looks++) await bench.look();

    expect(new Set(bench.asked)).toEqual(
      new Set([uriOf("db.shop.svc:5432").replace("hunter2", "secret")]),
    );
    expectKept(bench, grants);
  });

  it("the same where its address is a forbidden one now", async () => {
    const bench = await settled();
    const { grants } = bench.world.status("orders");

    bench.world.policy("orders", { database: { address: "evil:1", maxConnections: 1 } });
    for (let looks = 0; looks < 3; looks++) await bench.look();

    expect(bench.asked.join()).not.toContain("evil");
    expectKept(bench, grants);
  });

  it("keeps its grants when its own host is struck off the list, and asks nobody any more", async () => {
    const bench = await settled();
    const { grants } = bench.world.status("orders");

    bench.restart("other.example");
    for (let looks = 0; looks < 3; looks++) await bench.look();

    expect(bench.asked).toEqual([]);
    const status = bench.world.status("orders");
    expect(conditionIn(status, "Ready")).toMatchObject({ reason: "HostNotAllowed" });
    expect(status.grants).toEqual(grants);
    expect(bench.world.podSizes("web")).toEqual([31, 31, 31]);
  });

  it("goes on as before when it names an allowed host again", async () => {
    const bench = await settled();
    bench.secret("db", uriOf("evil"));
    await bench.look();

    bench.secret("db", uriOf("db.shop.svc"));
    await bench.look();
    await bench.look();

    expect(conditionIn(bench.world.status("orders"), "Ready")).toMatchObject({ status: "True" });
  });
});
