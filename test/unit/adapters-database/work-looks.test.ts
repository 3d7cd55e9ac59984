// When the server is looked at between two readings, and when it is left alone.
import { beforeEach, describe, expect, it } from "vitest";
import { lookEveryMs, WorkLooks } from "../../../src/adapters/database/work-looks.ts";
import type { ClientsAtWork } from "../../../src/domain/facts/facts.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const shown = [{ user: "app", address: "10.0.0.1", sessions: 3, atWork: 2 }];

let clock: VirtualClock;
let answer: () => Promise<readonly ClientsAtWork[] | undefined>;
let looks: WorkLooks;
let told: (readonly ClientsAtWork[])[];
const tell = (clients: readonly ClientsAtWork[]): void => void told.push(clients);

beforeEach(() => {
  clock = new VirtualClock();
  answer = () => Promise.resolve(shown);
  told = [];
  looks = new WorkLooks(clock, () => answer());
});

describe("a server that is watched", () => {
  it("is looked at every five seconds, from the first reading on", async () => {
    looks.tell(tell);
    await clock.advance(lookEveryMs - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual([shown]);
    await clock.advance(5 * lookEveryMs);
    expect(told).toHaveLength(6);
  });

  it("is not looked at more often for being read", async () => {
    for (let reading = 0; reading < 5; reading++) {
      looks.tell(tell);
      await clock.advance(lookEveryMs);
    }
    expect(told).toHaveLength(5);
  });

  it("is looked at a twentieth of the time at most", async () => {
    answer = () =>
      new Promise((resolve) => {
        clock.after(1_000, () => {
          resolve(shown);
        });
      });
    looks.tell(tell);
    await clock.advance(lookEveryMs + 1_000);
    expect(told).toHaveLength(1);
    await clock.advance(20_000);
    expect(told).toHaveLength(1);
    await clock.advance(1_000);
    expect(told).toHaveLength(2);
  });
});

describe("a server is left alone", () => {
  it("once nobody wants to know", async () => {
    looks.tell(tell);
    await clock.advance(lookEveryMs);
    looks.tell(undefined);
    await clock.advance(10 * lookEveryMs);
    expect(told).toHaveLength(1);
  });

  it("after a look that failed, until it was read again", async () => {
    answer = () => Promise.reject(new Error("gone"));
    looks.tell(tell);
    await clock.advance(lookEveryMs);
    answer = () => Promise.resolve(shown);
    await clock.advance(10 * lookEveryMs);
    expect(told).toEqual([]);
    looks.tell(tell);
    await clock.advance(lookEveryMs);
    expect(told).toHaveLength(1);
  });

  it("when it was stopped while an answer was under way", async () => {
    let give: (clients: readonly ClientsAtWork[]) => void = () => undefined;
    answer = () => new Promise((resolve) => (give = resolve));
    looks.tell(tell);
    await clock.advance(lookEveryMs);
    looks.stop();
    give(shown);
    await clock.advance(10 * lookEveryMs);
    expect(told).toEqual([]);
  });
});
