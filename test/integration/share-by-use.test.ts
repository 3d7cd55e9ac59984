// demand: Share on a real PostgreSQL: two pools of real sessions, of which one has all at work and
// the other hardly any. What one does not use is the other's, within the budget that was there
// before, and nobody waits who did not wait before. The operator lives in the memory world, whose
// minutes pass with each look, so that more than a day takes seconds.

import { connect, type Socket } from "node:net";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { openSession, readingOf, targetOf } from "../support/postgres-readings.ts";

const maxConnections = 80;
const podsEach = 4;
/** What a pod of each wants to have at work at once. */
const wanted = { busy: 50, idle: 1 };
type Name = keyof typeof wanted;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'x'");
});
afterAll(() => postgres.stop());
beforeEach((context) => {
  context.skip(process.platform !== "linux", "elsewhere than on Linux 127.7.9.1 is nobody");
});

type Session = pg.Client & AsyncDisposable;

/** A pool that is open as far as it may be, with as many transactions as there are to do. */
class RealPod implements AsyncDisposable {
  readonly #sessions: readonly Session[];
  /** Of those that want one. */
  readonly waiting: number;

  private constructor(sessions: readonly Session[], atWork: number) {
    this.#sessions = sessions;
    this.waiting = Math.max(0, atWork - sessions.length);
  }

  static async start(localAddress: string, size: number, atWork: number): Promise<RealPod> {
    const stream = (): Socket => {
      const socket = connect({ port: postgres.port, host: "127.0.0.1", localAddress });
      return Object.assign(socket, { connect: () => socket });
    };
    const uri = postgres.uri("app", "postgres", "x");
    const places = Array.from({ length: size }, () => openSession(uri, { stream }));
    const sessions = await Promise.all(places);
    for (const session of sessions.slice(0, atWork)) await session.query("BEGIN; SELECT 1");
    return new RealPod(sessions, atWork);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session[Symbol.asyncDispose]()));
  }
}

class Scene implements AsyncDisposable {
  readonly world = new MemoryWorld();
  readonly #pods = new Map<string, RealPod>();
  readonly #database = createPostgresDatabase({
    clock: { ...this.world.clock, after: (delayMs, run) => systemClock.after(delayMs, run) },
  });
  #addresses = 0;
  /** The most sessions of the fleet that the server had at once. */
  peak = 0;

  async start(): Promise<void> {
    this.world.policy("orders", { demand: "Share" });
    for (const name of Object.keys(wanted)) {
      this.world.deployment(name, { replicas: podsEach, containers: [aContainer(5)] });
    }
    await this.#read();
    await this.world.pass(10 * minuteMs, 20_000);
    await this.#follow();
  }

  /** Looked at once a minute; read and decided on every half hour. */
  async pass(minutes: number): Promise<void> {
    for (let minute = 1; minute <= minutes; minute++) {
      this.world.nowMs += minuteMs;
      const seen = await this.#database.lookAtWork?.(targetOf(postgres.uri()));
      this.world.operator.lookAtWork(server, seen?.clients ?? []);
      if (minute % 30 !== 0) continue;
      await this.#read();
      await this.world.look();
      await this.#follow();
    }
  }

  row(name: Name): WorkloadRow {
    const rows = this.world.status("orders").workloads ?? [];
    const found = rows.find(({ workload }) => workload === `Deployment/${name}`);
    if (!found) throw new Error(`no row of ${name}`);
    return found;
  }

  /** How many of a pool want a connection that they do not have. */
  waiting(name: Name): number {
    const pods = [...this.#pods].filter(([key]) => key.includes(`/${name}-`));
    return pods.reduce((sum, [, pod]) => sum + pod.waiting, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pod of this.#pods.values()) await pod[Symbol.asyncDispose]();
    await this.#database.close();
  }

  async #read(): Promise<void> {
    const target = targetOf(postgres.uri());
    this.world.read(readingOf(await this.#database.read(target)));
  }

  /** Pods that are gone close their pools before new ones open theirs. */
  async #follow(): Promise<void> {
    const { pods } = this.world.stores;
    for (const [key, real] of this.#pods) {
      if (pods.get(key)?.terminating === false) continue;
      await real[Symbol.asyncDispose]();
      this.#pods.delete(key);
    }
    for (const pod of [...pods.values()].filter(({ terminating }) => !terminating)) {
      if (this.#pods.has(pod.key)) continue;
      const address = `127.7.9.${++this.#addresses}`;
      pods.set({ ...pod, addresses: [address] });
      const name: Name = pod.key.includes("/busy-") ? "busy" : "idle";
      const size = Number(pod.poolSizeAnnotation ?? 5);
      this.#pods.set(pod.key, await RealPod.start(address, size, wanted[name]));
    }
    this.peak = Math.max(this.peak, await this.#sessionsOfFleet());
    await this.world.look();
  }

  async #sessionsOfFleet(): Promise<number> {
    const [row] = await postgres.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'",
    );
    return Number(row?.["n"]);
  }
}

it("what an idle pool leaves goes to the one that is full, and nobody is starved", async () => {
  await using scene = new Scene();
  await scene.start();
  const fair = scene.row("busy").wantedPoolSize;
  const [waitingBefore, { budget = 0 }] = [scene.waiting("busy"), scene.world.status("orders")];
  expect(scene.row("idle").wantedPoolSize).toBe(fair);

  await scene.pass(27 * 60);

  const [busy, idle] = [scene.row("busy"), scene.row("idle")];
  expect(idle).toMatchObject({ inUse: { peak: 1 }, recommendedPoolSize: 2, poolSize: 2 });
  expect(busy.poolSize).toBeGreaterThan(fair);
  expect(scene.waiting("busy")).toBeLessThan(waitingBefore);
  expect(scene.waiting("idle")).toBe(0);
  const after = scene.world.status("orders");
  expect(after.budget).toBe(budget);
  expect(after.used).toBeLessThanOrEqual(budget);
  expect(scene.peak).toBeLessThanOrEqual(budget);
}, 180_000);
