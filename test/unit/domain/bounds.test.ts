// What bounds a server's workloads, narrow limits in their order.
import { expect, test } from "vitest";
import { boundsOf } from "../../../src/domain/bounds.ts";
import { aDatabase, aPolicy, aReading, aSnapshot, sessions } from "../../support/builders.ts";

test("the server's line is what others leave of it; quotas come before logins", () => {
  const reading = aReading({ roleLimits: { app: 40 }, sessions: [sessions(7)], ownSessions: 1 });
  const policies = [aPolicy("orders"), aPolicy("ledger", { role: "bank" })];
  const share = { namespace: "shop", amount: 50, unit: "percent" } as const;

  const { server, narrow, foreign, ownSessions } = boundsOf(
    aSnapshot({ policies, database: aDatabase({ reading }), namespaceShares: [share] }),
  );

  expect({ slots: server.slots, foreign: foreign.slots, ownSessions }).toEqual({
    ...{ slots: 200 - 3 - 10 - 7 - 1, foreign: 7, ownSessions: 1 },
  });
  expect(narrow.map(({ kind }) => kind)[0]).toBe("namespace");
});

test("a server of which nothing is known bounds nothing", () => {
  const database = aDatabase({ reading: undefined });
  expect(boundsOf(aSnapshot({ database })).server.slots).toBe(Infinity);
});
