// One server by itself: what is left of it, and what bounds it while nothing is known.
import { expect, test } from "vitest";
import { serverAccountOf } from "../../../src/domain/decide/server-account.ts";
import * as build from "../../support/builders.ts";

test("a server that was read has its capacity less the reserve", () => {
  const { limit, narrow } = serverAccountOf(build.aSnapshot({ maxConnections: 200 }));
  const none = { ghostSlots: 0, doubtedSlots: 0, unclearSlots: 0 };
  expect(limit).toEqual({ kind: "server", slots: 187, rolloutsMax: 1, ...none });
  expect(narrow).toEqual([]);
});

test("a server of which nothing is known bounds nothing, and says so", () => {
  const database = build.aDatabase({ reading: undefined });
  const { capacity, limit } = serverAccountOf(build.aSnapshot({ database }));
  expect(capacity).toBeUndefined();
  expect(limit.slots).toBe(Infinity);
});

test("nothing grows into sessions of which the server tells the number alone", () => {
  const nameless = { ...build.sessions(80), user: "", database: "", address: undefined };
  const common = { atMs: build.startMs, fleetSlots: 50, sessions: [nameless] };
  const accountOf = (sample: object): ReturnType<typeof serverAccountOf> => {
    const database = build.aDatabase({ sessionSamples: [{ ...common, ...sample }] });
    return serverAccountOf(build.aSnapshot({ maxConnections: 200, database }));
  };
  const { foreign, limit } = accountOf({ isInPart: true });
  expect([foreign.slots, foreign.namelessSlots, limit.unclearSlots]).toEqual([30, 50, 50]);
  expect(accountOf({}).limit.unclearSlots).toBe(0);
});
