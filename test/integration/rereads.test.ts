// Pods have gone and their sessions have not, on a real PostgreSQL: the server is read again soon,
// and not often. The operator lives in the memory world, so that a minute takes no minute and what
// is counted is readings; what they say is what PostgreSQL shows.

import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DatabaseReading } from "../../src/domain/facts/facts.ts";
import type { Database } from "../../src/ports.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { openDatabase, openSession, readingOf, targetOf } from "../support/postgres-readings.ts";
import { waitUntil } from "../support/processes.ts";

const intervalMs = 30_000;
const ofInterval = minuteMs / intervalMs;
const secondMs = 1_000;

let postgres: Postgres;
let operator: Database & AsyncDisposable;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 200 });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  operator = openDatabase();
});
afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await postgres.stop();
});

async function read(): Promise<DatabaseReading> {
  return readingOf(await operator.read(targetOf(postgres.uri())));
}

function open(address: string): Promise<AsyncDisposable> {
  const from = { port: postgres.port, host: "127.0.0.1", localAddress: address };
  const stream = (): Socket => {
    const socket = connect(from);
    return Object.assign(socket, { connect: () => socket });
  };
  return openSession(postgres.uri("app", "postgres", "app"), { stream });
}

/** The memory world beside the real server, and how often that is read. */
class Scene {
  readonly world = new MemoryWorld();
  readings = 0;
  #dueMs = 0;

  /** Three pods at rest, each with an address that real sessions can come from. */
  async start(): Promise<readonly string[]> {
    this.world.policy("orders", { workloads: [{ name: "web", poolSize: { max: 10 } }] });
    this.world.deployment("web", { replicas: 3, containers: [aContainer(10)] });
    await this.world.pass(minuteMs);
    const { pods } = this.world.stores;
    const addresses = [...pods.values()].map((pod, at) => {
      const address = `127.7.8.${at + 1}`;
      pods.set({ ...pod, addresses: [address] });
      return address;
    });
    return addresses;
  }

  /** A second: a decision, and a reading where one is due. */
  async second(): Promise<void> {
    this.world.nowMs += secondMs;
    await this.world.look();
    const asked = this.world.operator.asked.get(server);
    if (asked !== undefined) this.#dueMs = Math.min(this.#dueMs, this.world.nowMs + asked);
    if (this.world.nowMs < this.#dueMs) return;
    this.world.read(await read());
    this.#dueMs = this.world.nowMs + intervalMs;
    this.readings += 1;
  }

  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second++) await this.second();
  }

  /** Readings of a minute in which `act` happens each second. */
  async minute(act: () => Promise<void> = () => Promise.resolve()): Promise<number> {
    const before = this.readings;
    for (let ms = 0; ms < minuteMs; ms += secondMs) {
      await act();
      await this.second();
    }
    return this.readings - before;
  }

  get ghostSlots(): number {
    return this.world.plan().foreign.ghostSlots;
  }
}

describe("sessions of pods that have gone", () => {
  let scene: Scene;
  let addresses: readonly string[];
  beforeEach(async (context) => {
    context.skip(process.platform !== "linux", "elsewhere than on Linux 127.7.8.1 is nobody");
    scene = new Scene();
    addresses = await scene.start();
    expect(await scene.minute()).toBe(ofInterval);
  });

  test("are looked at again within three seconds, a few times, and then by the interval", async () => {
    await using sessions = new AsyncDisposableStack();
    for (const address of addresses) sessions.use(await open(address));
    expect(await scene.minute()).toBe(ofInterval);
    await scene.seconds(10);
    const before = scene.readings;

    scene.world.deployment("web", { replicas: 0 });
    await scene.seconds(3);
    expect(scene.ghostSlots).toBe(addresses.length);
    expect(scene.readings).toBe(before + 1);
    // Pauses of 2, 4, 8 and 16 seconds.
    expect(await scene.minute()).toBeLessThanOrEqual(ofInterval + 4);
    expect(await scene.minute()).toBe(ofInterval);
  });

  test("are forgotten with the next reading once the server has dropped them", async () => {
    const sessions = await Promise.all(addresses.map(open));
    await scene.minute();
    scene.world.deployment("web", { replicas: 0 });
    await scene.seconds(3);

    for (const session of sessions) await session[Symbol.asyncDispose]();
    await waitUntil("the sessions to go", async () => (await read()).sessions.length === 0);
    await scene.seconds(5);

    expect(scene.ghostSlots).toBe(0);
    expect(scene.world.plan().readAgain).toBeUndefined();
    expect(await scene.minute()).toBe(ofInterval);
  });

  test("cost a reading every two seconds at most, while they change every second", async () => {
    await using sessions = new AsyncDisposableStack();
    for (const address of addresses) sessions.use(await open(address));
    await scene.minute();
    scene.world.deployment("web", { replicas: 0 });

    const [address = ""] = addresses;
    const readings = await scene.minute(async () => void sessions.use(await open(address)));

    expect(scene.ghostSlots).toBeGreaterThan(50);
    expect(readings).toBeGreaterThan(ofInterval + 4);
    expect(readings).toBeLessThanOrEqual(30);
  });
});
