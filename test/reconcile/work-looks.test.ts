// When the server is looked at between two readings, and when it is left alone.

import { beforeEach, describe, expect, it } from "vitest";
import type { ClientsAtWork, WorkSeen } from "../../src/domain/facts/facts.ts";
import type { DatabaseTarget } from "../../src/ports.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { lookEveryMs, WorkLooks } from "../../src/reconcile/work-looks.ts";
import { constantRandom } from "../support/prng.ts";
import { aResolvedPolicy } from "../support/two-names.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const server = "db:5432";
const shown = [{ user: "app", address: "10.0.0.1", sessions: 3, atWork: 2 }];
const target = as("app");

function as(user: string): DatabaseTarget {
  const uri = `postgresql://${user}@${server}/orders`;
  return { server, uri, ca: undefined, roles: [], databases: [] };
}

let clock: VirtualClock;
let book: PolicyBook;
let answer: () => Promise<WorkSeen>;
let looks: WorkLooks;
let told: (readonly ClientsAtWork[])[];
let decided: string[];

/** Without a queue: a server that is due is looked at. */
function enqueueLook(name: string, delayMs: number): void {
  clock.after(delayMs, () => {
    void looks.reconcile(name).then((result) => {
      if (result.kind === "after") enqueueLook(name, result.delayMs);
    });
  });
}

beforeEach(() => {
  clock = new VirtualClock();
  book = new PolicyBook();
  book.set(aResolvedPolicy("shop/orders", server, "app"));
  answer = () => Promise.resolve({ clients: shown, busyMs: 1 });
  [told, decided] = [[], []];
  looks = new WorkLooks({
    ...{ book, clock, random: constantRandom(0.5), enqueueLook },
    use: { note: (_, clients) => told.push(clients) > 3 },
    database: { lookAtWork: () => answer() },
    enqueueServer: (name) => decided.push(name),
  });
});

describe("a server that is watched", () => {
  it("is looked at every five seconds, from the first reading on", async () => {
    looks.watch(server, target);
    await clock.advance(lookEveryMs - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([shown]);
    await clock.advance(2 * lookEveryMs);
    expect([told.length, decided]).toEqual([3, []]);
    await clock.advance(lookEveryMs);
    expect([told.length, decided]).toEqual([4, [server]]);
  });

  it("is not looked at more often for being read", async () => {
    for (let reading = 0; reading < 5; reading++) {
      looks.watch(server, { ...target });
      await clock.advance(lookEveryMs);
    }
    expect(told).toHaveLength(5);
  });

  it("is looked at a twentieth of the time at most", async () => {
    answer = () =>
      new Promise((resolve) => {
        clock.after(1_000, () => {
          resolve({ clients: shown, busyMs: 1 });
        });
      });
    looks.watch(server, target);
    await clock.advance(lookEveryMs + 1_000);
    expect(told).toHaveLength(1);
    await clock.advance(20_000);
    expect(told).toHaveLength(1);
    await clock.advance(1_000);
    expect(told).toHaveLength(2);
  });

  it("takes a thousandth of our only thread at most", async () => {
    answer = () => Promise.resolve({ clients: shown, busyMs: 30 });
    looks.watch(server, target);
    await clock.advance(lookEveryMs + 29_999);
    expect([told.length, looks.takeBusyMs(server), looks.takeBusyMs(server)]).toEqual([1, 30, 0]);
    await clock.advance(1);
    expect(told).toHaveLength(2);
  });
});

describe("a server is left alone", () => {
  it("once nobody wants to know", async () => {
    looks.watch(server, target);
    await clock.advance(lookEveryMs);
    book.set({ ...aResolvedPolicy("shop/orders", server, "app"), ...unwatched() });
    looks.watch(server, target);
    await clock.advance(10 * lookEveryMs);
    expect(told).toHaveLength(1);
  });

  it("after a look that failed, until it was read again", async () => {
    answer = () => Promise.resolve({ clients: undefined, busyMs: 1 });
    looks.watch(server, target);
    await clock.advance(lookEveryMs);
    answer = () => Promise.resolve({ clients: shown, busyMs: 1 });
    await clock.advance(10 * lookEveryMs);
    expect(told).toEqual([]);
    looks.watch(server, target);
    await clock.advance(lookEveryMs);
    expect(told).toHaveLength(1);
  });

  it.each([undefined, as("guest")])("what another login was shown is not told", async (next) => {
    let give: (seen: WorkSeen) => void = () => undefined;
    answer = () => new Promise((resolve) => (give = resolve));
    looks.watch(server, target);
    await clock.advance(lookEveryMs);
    looks.watch(server, next);
    give({ clients: shown, busyMs: 1 });
    await clock.advance(10 * lookEveryMs);
    expect(told).toEqual([]);
  });
});

function unwatched(): Pick<ReturnType<typeof aResolvedPolicy>, "spec"> {
  const { spec } = aResolvedPolicy("shop/orders", server, "app");
  return { spec: { ...spec, demand: "Ignore" } };
}
