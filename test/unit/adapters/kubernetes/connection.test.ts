// When credentials are read again, and when connections are made anew because of them.

import { expect, test } from "vitest";
import { createConnection } from "../../../../src/adapters/kubernetes/connection.ts";
import type { Connection } from "../../../../src/adapters/kubernetes/connection.ts";
import type { Credentials } from "../../../../src/adapters/kubernetes/credentials.ts";
import { VirtualClock } from "../../../support/virtual-clock.ts";

interface Setup {
  readonly clock: VirtualClock;
  readonly state: { reads: number; resets: number; error: Error | undefined };
  readonly connection: Connection;
  readonly change: (changes: Partial<Credentials>) => void;
}

function setUp(): Setup {
  const clock = new VirtualClock();
  const state = { reads: 0, resets: 0, error: undefined as Error | undefined };
  let credentials: Credentials = {
    server: "https://cluster.test",
    headers: { authorization: "Bearer 1" },
    tls: { ca: "first" },
  };
  const source = {
    read: (): Promise<Credentials> => {
      state.reads++;
      return state.error === undefined ? Promise.resolve(credentials) : Promise.reject(state.error);
    },
    reset: (): void => {
      state.resets++;
    },
  };
  return {
    clock,
    state,
    connection: createConnection(source, clock),
    change: (changes: Partial<Credentials>): void => {
      credentials = { ...credentials, ...changes };
    },
  };
}

test("credentials are read once a minute, however many requests there are", async () => {
  const { connection, clock, state } = setUp();
  await Promise.all([connection.access(), connection.access(), connection.access()]);
  await clock.advance(59_000);
  await connection.access();
  expect(state.reads).toBe(1);
  await clock.advance(1_000);
  await Promise.all([connection.access(), connection.access()]);
  expect(state.reads).toBe(2);
  await connection.close();
});

test("a new token is used on the connections that are there", async () => {
  const { connection, clock, change } = setUp();
  const first = await connection.access();
  change({ headers: { authorization: "Bearer 2" } });
  await clock.advance(60_000);
  const second = await connection.access();
  expect(second.headers).toEqual({ authorization: "Bearer 2" });
  expect(second.requests).toBe(first.requests);
  expect(second.watches).toBe(first.watches);
  await connection.close();
});

test("a new certificate authority means new connections, and the old ones end", async () => {
  const { connection, clock, change } = setUp();
  const first = await connection.access();
  change({ tls: { ca: "second" } });
  await clock.advance(60_000);
  const second = await connection.access();
  expect(second.requests).not.toBe(first.requests);
  expect(second.watches).not.toBe(first.watches);
  expect(first.requests).toHaveProperty("closed", true);
  await connection.close();
});

test("a refused access is renewed at once, and only once", async () => {
  const { connection, state } = setUp();
  const access = await connection.access();
  connection.refuse(access);
  const renewed = await connection.access();
  connection.refuse(access);
  expect(await connection.access()).toBe(renewed);
  expect(state).toMatchObject({ reads: 2, resets: 1 });
  await connection.close();
});

test("while credentials cannot be read the last ones serve, and are asked for again soon", async () => {
  const { connection, clock, state } = setUp();
  const first = await connection.access();
  state.error = new Error("no such file");
  await clock.advance(60_000);
  expect(await connection.access()).toBe(first);
  expect(await connection.access()).toBe(first);
  expect(state.reads).toBe(2);
  state.error = undefined;
  await clock.advance(5_000);
  await connection.access();
  expect(state.reads).toBe(3);
  await connection.close();
});

test("without any credentials the first request says why", async () => {
  const { connection, state } = setUp();
  state.error = new Error("no kubeconfig");
  await expect(connection.access()).rejects.toThrow("no kubeconfig");
  await connection.close();
});
