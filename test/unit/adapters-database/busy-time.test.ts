// How long a server kept the thread is told with what came of reading it.

import { expect, test } from "vitest";
import { BusyTime } from "../../../src/adapters/database/busy-time.ts";
import { openDatabase, targetOf } from "../../support/postgres-readings.ts";
import { startTcpServer } from "../../support/tcp.ts";

function spin(ms: number): void {
  const startMs = performance.now();
  while (performance.now() - startMs < ms);
}

test("work within other work counts once, also where it throws, and is taken once", () => {
  const busy = new BusyTime();
  const startMs = performance.now();
  const work = (): void => {
    busy.run(() => {
      spin(5);
      throw new Error("over");
    });
  };
  expect(() => {
    busy.run(work);
  }).toThrow("over");
  const inAllMs = performance.now() - startMs;
  const takenMs = busy.takeMs();
  expect(takenMs).toBeGreaterThanOrEqual(5);
  expect(takenMs).toBeLessThanOrEqual(inAllMs);
  expect(busy.takeMs()).toBe(0);
});

test("what happens in the events of a server's line is counted", async () => {
  await using server = await startTcpServer((socket) => {
    socket.write("S");
  });
  await using database = openDatabase({
    connectTimeoutMs: 500,
    mayConnect: () => {
      spin(20);
      return true;
    },
  });
  const outcome = await database.read(targetOf(`postgresql://app:x@localhost:${server.port}/app`));
  expect(outcome.busyMs).toBeGreaterThanOrEqual(20);
});
