// A process that is stopped in the middle of a request: what it has not sent when its time is over
// is not sent when it wakes. Time stands still but for the moment that each case names.

import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../../../src/adapters/clock.ts";
import { createClient, limitRequests } from "../../../../src/adapters/kubernetes/client.ts";
import {
  type Connection,
  createConnection,
} from "../../../../src/adapters/kubernetes/connection.ts";
import type { Clock } from "../../../../src/ports.ts";
import { plainCredentials } from "../../../support/api-client.ts";
import { FakeApiServer } from "../../../support/fake-api-server.ts";

const path = "/api/v1/configmaps";
const limitMs = 5_000;
let server: FakeApiServer;
let connection: Connection;

beforeEach(async () => {
  server = await FakeApiServer.start();
  connection = createConnection(plainCredentials(server.url), systemClock);
});

afterEach(async () => {
  await connection.close();
  await server.close();
});

type Moment = "before it has credentials" | "while it waits as a busy server asked it to";

test.each<{ moment: Moment; sleepMs: number; wantRequests: number; wantSent: boolean }>([
  { moment: "before it has credentials", sleepMs: 4_000, wantRequests: 2, wantSent: true },
  { moment: "before it has credentials", sleepMs: 6_000, wantRequests: 0, wantSent: false },
  {
    moment: "while it waits as a busy server asked it to",
    sleepMs: 4_000,
    wantRequests: 2,
    wantSent: true,
  },
  {
    moment: "while it waits as a busy server asked it to",
    sleepMs: 6_000,
    wantRequests: 1,
    wantSent: false,
  },
])("it sleeps $sleepMs ms $moment", async ({ moment, sleepMs, wantRequests, wantSent }) => {
  let nowMs = 0;
  const sleepAt = (here: Moment): void => {
    if (here === moment) nowMs = sleepMs;
  };
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    after: (delayMs, run) => {
      sleepAt("while it waits as a busy server asked it to");
      return systemClock.after(delayMs, run);
    },
  };
  const slow: Connection = {
    access: async () => {
      const access = await connection.access();
      sleepAt("before it has credentials");
      return access;
    },
    refuse: () => undefined,
    close: () => Promise.resolve(),
  };
  server.failNext({ kind: "status", status: 429, retryAfterSeconds: 0 });
  const client = limitRequests(createClient({ connection: slow, clock, version: "1" }), limitMs);

  const answer = client.request("POST", path, { body: {} });

  if (wantSent) await answer;
  else await expect(answer).rejects.toMatchObject({ message: `POST ${path}: no answer in time` });
  expect(server.requests).toHaveLength(wantRequests);
});
