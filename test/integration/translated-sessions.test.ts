// Four pods of 10 whose sessions all come from two node addresses, on a real PostgreSQL of 100
// slots: they get the share that they get by their own addresses, and no load rolls them. The
// operator lives in the memory world, so that half an hour takes no half hour.

import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../src/ports.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { openDatabase, openSession, readingOf, targetOf } from "../support/postgres-readings.ts";
import { waitUntil } from "../support/processes.ts";

const role = "orders_app";
const nodes = ["127.0.0.2", "127.0.0.3"];
const podAddresses = ["127.7.9.1", "127.7.9.2", "127.7.9.3", "127.7.9.4"];
const gateway = ["127.0.0.9"];

let postgres: Postgres;
let operator: Database & AsyncDisposable;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 100 });
  await postgres.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
  operator = openDatabase();
});
beforeEach((context) => {
  context.skip(process.platform !== "linux", "elsewhere than on Linux 127.0.0.2 is nobody");
});
afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await postgres.stop();
});

function open(localAddress: string): Promise<AsyncDisposable> {
  const stream = (): Socket => {
    const socket = connect({ port: postgres.port, host: "127.0.0.1", localAddress });
    return Object.assign(socket, { connect: () => socket });
  };
  return openSession(postgres.uri(role, "postgres", "x"), { stream });
}

interface Setting {
  /** spec.sessions; absent: the default. */
  readonly match?: "Address" | "Login";
  /** Where sessions of the role come from, in turns. */
  readonly from: readonly string[];
  /** What the template says: 10. */
  readonly poolSize?: number;
}

/** The memory world beside the real server. */
class Scene implements AsyncDisposable {
  readonly world = new MemoryWorld();
  readonly #from: readonly string[];
  readonly #open: AsyncDisposable[] = [];

  constructor({ match, from, poolSize = 10 }: Setting) {
    this.#from = from;
    this.world.policy("web", {
      database: { secretRef: { name: "db" }, role },
      workloads: [{ name: "web" }],
      ...(match && { sessions: { match } }),
    });
    this.world.deployment("web", { replicas: 4, containers: [aContainer(poolSize)] });
  }

  /** The pods run before the server is read for the first time with their sessions. */
  start(): void {
    this.world.controller.run(this.world.nowMs);
    const { pods } = this.world.stores;
    for (const [at, pod] of [...pods.values()].entries()) {
      const addresses = [podAddresses[at] ?? ""];
      pods.set({ ...pod, addresses, nodeAddresses: [nodes[at % 2] ?? ""] });
    }
  }

  /** So many sessions are open for so many minutes; the server is read twice in each. */
  async load(sessions: number, minutes: number): Promise<void> {
    while (this.#open.length < sessions) {
      this.#open.push(await open(this.#from[this.#open.length % this.#from.length] ?? ""));
    }
    for (const one of this.#open.splice(sessions)) await one[Symbol.asyncDispose]();
    await waitUntil("the server to show them", async () => (await this.#shown()) === sessions);
    for (let half = 0; half < minutes * 2; half++) {
      this.world.read(readingOf(await operator.read(targetOf(postgres.uri(), { roles: [role] }))));
      await this.world.pass(minuteMs / 2);
    }
  }

  async #shown(): Promise<number> {
    const { sessions } = readingOf(await operator.read(targetOf(postgres.uri())));
    return sessions.reduce((sum, { user, count }) => sum + (user === role ? count : 0), 0);
  }

  get foreignSlots(): number {
    return this.world.plan().foreign.slots;
  }

  get findings(): string[] {
    const reasons = (this.world.status("web").findings ?? []).map(({ reason }) => reason);
    return reasons.filter((reason) => reason.includes("Sessions"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.splice(0)) await one[Symbol.asyncDispose]();
    await waitUntil("the sessions to go", async () => (await this.#shown()) === 0);
  }
}

describe("a fleet whose load swings", () => {
  test.each<Setting & { readonly name: string; readonly says: readonly string[] }>([
    { name: "from addresses of its pods", from: podAddresses, says: [] },
    { name: "from its nodes", from: nodes, match: "Login", says: ["SessionsByLogin"] },
    { name: "from a gateway", from: gateway, match: "Login", says: ["SessionsByLogin"] },
  ])("keeps its 10 and is never rolled: $name", async ({ says, ...setting }) => {
    await using scene = new Scene(setting);
    scene.start();
    for (const [sessions, minutes] of [
      [40, 3],
      [20, 12],
      [32, 3],
      [40, 1],
    ] as const) {
      await scene.load(sessions, minutes);
      expect(scene.foreignSlots).toBe(0);
      expect(scene.world.grant("web", "web")).toBe(10);
    }
    expect(scene.world.podSizes("web")).toEqual([10, 10, 10, 10]);
    expect(scene.world.rolls).toEqual([]);
    expect(scene.findings).toEqual(says);
  });

  test.each([
    { match: undefined, says: ["ForeignSessions", "SessionsLookTranslated"] },
    { match: "Address", says: ["ForeignSessions"] },
  ] as const)("is cut by half where addresses tell: sessions.match $match", async (row) => {
    const { match, says } = row;
    await using scene = new Scene({ from: nodes, ...(match && { match }) });
    scene.start();
    await scene.load(40, 3);
    expect(scene.foreignSlots).toBe(40);
    expect(scene.world.grant("web", "web")).toBe(5);
    expect(scene.findings.toSorted()).toEqual(says);
  });
});

test("sessions with the role beyond what the pods can hold cut the budget", async () => {
  await using scene = new Scene({ from: nodes, match: "Login" });
  scene.start();
  await scene.load(46, 1);
  expect(scene.foreignSlots).toBe(6);
});

test("one more for a reading cuts nothing, and what stays for a minute does", async () => {
  await using scene = new Scene({ from: nodes, match: "Login" });
  scene.start();
  await scene.load(40, 2);
  await scene.load(43, 0.5);
  await scene.load(40, 1);
  expect(scene.foreignSlots).toBe(0);
  await scene.load(43, 1.5);
  expect(scene.foreignSlots).toBe(3);
});

describe("a fleet below its share", () => {
  test.each<Setting & { readonly name: string; readonly grant: number }>([
    { name: "gets it from its nodes", from: nodes, match: "Login", grant: 10 },
    { name: "gets it from a gateway", from: gateway, match: "Login", grant: 10 },
  ])("$name", async ({ grant, ...setting }) => {
    await using scene = new Scene({ ...setting, poolSize: 5 });
    scene.start();
    await scene.load(20, 3);
    expect(scene.world.grant("web", "web")).toBe(grant);
  });
});
