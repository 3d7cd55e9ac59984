// With whose session a server is looked at, where a router leads each login to a server of its own.

import { expect, test } from "vitest";
import { createReader, type EngineReader } from "../../../src/adapters/database/reader.ts";
import type { ClientsAtWork } from "../../../src/domain/facts/facts.ts";
import {
  type ConnectionUri,
  parseConnectionUri,
} from "../../../src/domain/supply/connection-uri.ts";
import type { Database, DatabaseTarget } from "../../../src/ports.ts";
import { aReading } from "../../support/builders.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

function shownTo(user: string): readonly ClientsAtWork[] {
  return [{ user: "app", address: "10.0.0.1", sessions: 20, atWork: user === "app" ? 18 : 0 }];
}

function openRouter(canLook = true): { readonly database: Database; readonly opened: string[] } {
  const opened: string[] = [];
  const engine: EngineReader<ConnectionUri> = {
    parse: parseConnectionUri,
    open: ({ uri: { user } }) => {
      opened.push(user);
      if (user === "locked") return Promise.reject(new Error("refused"));
      return Promise.resolve({
        isOpen: () => true,
        ask: () => Promise.resolve(aReading({ role: user })),
        asksLessAfter: () => false,
        ...(canLook && { lookAtWork: () => Promise.resolve(shownTo(user)) }),
        close: () => Promise.resolve(),
      });
    },
    failureOf: () => ({ kind: "failed", reason: "QueryFailed", message: "no" }),
  };
  return { database: createReader(engine, { clock: new VirtualClock() }), opened };
}

const as = (user: string): DatabaseTarget => ({
  ...{ server: "db:5432", uri: `postgresql://${user}:x@db:5432/orders`, ca: undefined },
  ...{ roles: [], databases: [] },
});

test("a look is made with the session of the very login that is to look", async () => {
  const { database, opened } = openRouter();
  await database.read(as("app"));
  expect((await database.lookAtWork?.(as("app")))?.clients).toEqual(shownTo("app"));
  expect(opened).toEqual(["app"]);
  await database.read(as("guest"));
  for (let look = 0; look < 3; look++) {
    expect((await database.lookAtWork?.(as("app")))?.clients).toEqual(shownTo("app"));
  }
  expect(opened).toEqual(["app", "guest", "app"]);
});

test("nothing is seen where the login is refused, or the engine has no word for it", async () => {
  expect((await openRouter().database.lookAtWork?.(as("locked")))?.clients).toBeUndefined();
  const { database, opened } = openRouter(false);
  await database.read(as("guest"));
  expect((await database.lookAtWork?.(as("app")))?.clients).toBeUndefined();
  expect(opened).toEqual(["guest"]);
});
