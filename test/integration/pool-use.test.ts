// Real sessions of a known load on a real PostgreSQL, as pods at addresses of their own: what the
// adapter sees at work, and the pool size that is recommended for it. The operator lives in the
// memory world, and its clock runs ahead, so that a quarter of an hour takes seconds.

import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import type { ClientsAtWork } from "../../src/domain/facts/facts.ts";
import { lookEveryMs } from "../../src/reconcile/work-looks.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { openSession, readingOf, targetOf } from "../support/postgres-readings.ts";

const podAddresses = ["127.7.8.1", "127.7.8.2"];

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 60 });
  await postgres.query(`CREATE ROLE app LOGIN PASSWORD 'x'`);
});
afterAll(() => postgres.stop());
beforeEach((context) => {
  context.skip(process.platform !== "linux", "elsewhere than on Linux 127.7.8.1 is nobody");
});

type Client = pg.Client & AsyncDisposable;

function open(localAddress: string): Promise<Client> {
  const stream = (): Socket => {
    const socket = connect({ port: postgres.port, host: "127.0.0.1", localAddress });
    return Object.assign(socket, { connect: () => socket });
  };
  return openSession(postgres.uri("app", "postgres", "x"), { stream });
}

class Scene implements AsyncDisposable {
  readonly world = new MemoryWorld();
  readonly #database = createPostgresDatabase({
    clock: { ...this.world.clock, after: (delayMs, run) => systemClock.after(delayMs, run) },
  });
  readonly looks: (readonly ClientsAtWork[])[] = [];

  constructor() {
    this.world.policy("web", { workloads: [{ name: "web" }] });
    this.world.deployment("web", { replicas: 2, containers: [aContainer(10)] });
  }

  async start(): Promise<void> {
    await this.world.pass(5 * minuteMs);
    const { pods } = this.world.stores;
    for (const [at, pod] of [...pods.values()].entries()) {
      pods.set({ ...pod, addresses: [podAddresses[at] ?? ""] });
    }
    await this.world.look();
  }

  /** Each look comes 10 ms after the one before, and five seconds of the world are over. */
  async watch(minutes: number): Promise<void> {
    const untilMs = this.world.nowMs + minutes * minuteMs;
    const target = targetOf(postgres.uri());
    this.world.read(readingOf(await this.#database.read(target)));
    while (this.world.nowMs < untilMs) {
      await delay(10);
      this.world.nowMs += lookEveryMs;
      const { clients = [] } = (await this.#database.lookAtWork?.(target)) ?? {};
      this.looks.push(clients);
      this.world.operator.lookAtWork(server, clients);
    }
    await this.world.look();
  }

  get row(): object {
    const [row] = this.world.status("web").workloads ?? [];
    return row ?? {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }
}

describe("the use of pools", () => {
  it("is what is active and what is within a transaction, of each pod", async () => {
    await using sessions = new AsyncDisposableStack();
    const [one, other] = await Promise.all(
      podAddresses.map((from) => Promise.all(Array.from({ length: 8 }, () => open(from)))),
    );
    if (!one || !other) throw new Error("two pods");
    for (const client of [...one, ...other]) sessions.use(client);
    const busy = [...one.slice(0, 4), ...other.slice(0, 1)].map(async (client) => {
      await client.query("SELECT pg_sleep(600)").catch(() => undefined);
    });
    for (const client of one.slice(4, 6)) await client.query("BEGIN; SELECT 1");
    await using scene = new Scene();
    await scene.start();
    await scene.watch(15);
    const shown = (scene.looks.at(-1) ?? []).filter(({ user }) => user === "app");
    expect(shown.toSorted((a, b) => b.atWork - a.atWork)).toEqual([
      { user: "app", address: podAddresses[0], sessions: 8, atWork: 6 },
      { user: "app", address: podAddresses[1], sessions: 8, atWork: 1 },
    ]);
    expect(scene.row).toMatchObject({ inUse: { peak: 6 }, recommendedPoolSize: 8 });
    await postgres.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'",
    );
    await Promise.all(busy);
  });

  it("of a load that comes and goes is within 20 % of its true peak x 1.2", async () => {
    await using sessions = new AsyncDisposableStack();
    const load = new Load();
    for (const from of podAddresses) {
      for (let at = 0; at < 10; at++) load.run(sessions.use(await open(from)), from);
    }
    await using scene = new Scene();
    await scene.start();
    await scene.watch(45);
    await load.stop();
    const right = load.peak * 1.2;
    expect(load.peak).toBeGreaterThan(4);
    const { recommendedPoolSize = 0 } = scene.row as { recommendedPoolSize?: number };
    expect(recommendedPoolSize).toBeGreaterThan(right * 0.8);
    expect(recommendedPoolSize).toBeLessThan(right * 1.2 + 1);
  });
});

/** Connections that work for a while and rest for longer, as a service's do. */
class Load {
  #isWanted = true;
  readonly #busy = new Map<string, number>();
  /** By how many were at work: for how long. */
  readonly #timeMs: number[] = [];
  readonly #sinceMs = new Map<string, number>();
  readonly #workers: Promise<void>[] = [];

  run(client: Client, pod: string): void {
    this.#workers.push(this.#work(client, pod));
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    await Promise.all(this.#workers);
  }

  /** Of one pod, without the busiest half of a per cent of the time. */
  get peak(): number {
    const all = this.#timeMs.reduce((sum, ms) => sum + ms, 0);
    let sum = 0;
    return this.#timeMs.findIndex((ms) => (sum += ms) >= all * 0.995);
  }

  async #work(client: Client, pod: string): Promise<void> {
    while (this.#isWanted) {
      await delay(Math.random() * 60);
      this.#change(pod, 1);
      await client.query("SELECT pg_sleep($1)", [Math.random() * 0.03]);
      this.#change(pod, -1);
    }
  }

  #change(pod: string, by: number): void {
    const [nowMs, before] = [performance.now(), this.#busy.get(pod) ?? 0];
    const passedMs = nowMs - (this.#sinceMs.get(pod) ?? nowMs);
    while (this.#timeMs.length <= before) this.#timeMs.push(0);
    this.#timeMs[before] = (this.#timeMs[before] ?? 0) + passedMs;
    this.#sinceMs.set(pod, nowMs);
    this.#busy.set(pod, before + by);
  }
}
