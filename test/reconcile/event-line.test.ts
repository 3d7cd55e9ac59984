// How long telling keeps the next decision waiting, and whose events come first.

import { beforeEach, describe, expect, it } from "vitest";
import type { KubernetesEvent } from "../../src/ports.ts";
import { EventLine } from "../../src/reconcile/report/event-line.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const writeMs = 100;

let clock: VirtualClock;
let log: MemoryLog;
let written: string[];
let answer: (event: KubernetesEvent) => Promise<void>;
let line: EventLine;

beforeEach(() => {
  clock = new VirtualClock();
  log = new MemoryLog();
  written = [];
  answer = () => new Promise((resolve) => clock.after(writeMs, resolve));
  const createEvent = async (event: KubernetesEvent): Promise<{ kind: "ok"; value: undefined }> => {
    written.push(event.regarding.namespace);
    await answer(event);
    return { kind: "ok", value: undefined };
  };
  line = new EventLine({ cluster: { createEvent }, clock, log });
});

function eventsOf(namespace: string, count: number): KubernetesEvent[] {
  const regarding = { apiVersion: "v1", kind: "Pod", namespace, name: "web", uid: "uid" };
  const event = {
    regarding,
    type: "Normal",
    reason: "Tested",
    action: "Test",
    message: "",
  } as const;
  return Array.from({ length: count }, () => event);
}

async function toldAfterMs(events: readonly KubernetesEvent[]): Promise<number> {
  let tookMs = Infinity;
  const beganMs = clock.monotonicMs();
  void line.tell(events).then(() => (tookMs = clock.monotonicMs() - beganMs));
  await clock.advance(60_000);
  return tookMs;
}

describe("a decision that tells", () => {
  it.each([
    { events: 0, wantMs: 0 },
    { events: 4, wantMs: writeMs },
    { events: 5, wantMs: 2 * writeMs },
    { events: 600, wantMs: 500 },
  ])("$events events waits $wantMs ms", async ({ events, wantMs }) => {
    expect(await toldAfterMs(eventsOf("shop", events))).toBe(wantMs);
    expect(written).toHaveLength(events);
  });

  it("has its events written in turns with those of others", async () => {
    void line.tell(eventsOf("crowd", 300));
    await toldAfterMs(eventsOf("victim", 3));

    expect(written.slice(0, 10).filter((namespace) => namespace === "victim")).toHaveLength(3);
    expect(written).toHaveLength(303);
  });

  it("loses what its namespace says beyond a thousand that wait, and one line says so", async () => {
    await toldAfterMs(eventsOf("crowd", 1_200));
    expect(written).toHaveLength(1_000);
    expect(log.lines).toMatchObject([
      {
        level: "warn",
        message: expect.stringContaining("events were dropped") as string,
        fields: { namespace: "crowd", count: 200, waiting: 1_000 },
      },
    ]);

    await toldAfterMs(eventsOf("crowd", 10));
    expect(written).toHaveLength(1_010);
  });

  it("goes on where one of them throws", async () => {
    answer = () => Promise.reject(new Error("a fault"));

    expect(await toldAfterMs(eventsOf("shop", 10))).toBe(0);

    expect(written).toHaveLength(10);
  });
});
