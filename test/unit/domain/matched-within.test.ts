// Sessions within the CONNECTION LIMIT of one of the databases that a role serves: all come through
// one gateway, and each of two policies has a pod of 10 slots.

import { describe, expect, test } from "vitest";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import { circleOf } from "../../../src/domain/supply/login-circles.ts";
import { loginSessionsOf } from "../../../src/domain/supply/login-sessions.ts";
import * as build from "../../support/builders.ts";

function from(count: number, database: string): SessionGroup {
  return build.sessions(count, { user: "app", address: "192.0.2.7", database });
}

describe("within the CONNECTION LIMIT of one of two databases that the role serves", () => {
  const ofA = build.aWorkload("web", { policy: "shop/a", pods: build.pods(1) });
  const ofB = build.aWorkload("api", { policy: "shop/b", pods: build.pods(1) });
  const sample = { atMs: build.startMs, fleetSlotsBy: heldBy([ofA, ofB]) };

  function slotsWithin(kind: "database" | "role", shown: readonly number[], more = {}): number {
    const [inA = 0, inB = 0] = shown;
    const sessions = [from(inA, "one"), from(inB, "two")].filter(({ count }) => count > 0);
    const snapshot = build.aSnapshot({
      database: build.aDatabase({ sessionSamples: [{ ...sample, sessions }] }),
      policies: [
        build.aPolicy("a", { role: "app", database: "one", ...login }),
        build.aPolicy("b", { role: "app", database: "two", ...login, ...more }),
      ],
      workloads: [ofA, ofB],
    });
    const limited = { kind, name: kind === "role" ? "app" : "one" } as const;
    const circle = circleOf(snapshot, limited, "shop");
    return loginSessionsOf(snapshot).within(limited, circle).slots;
  }
  const login = { spec: { sessions: { match: "Login" } } };

  test.each<{ name: string; shown: readonly number[]; more?: object; want: number }>([
    { name: "its pods' sessions are their own", shown: [10, 10], want: 0 },
    { name: "none are foreign that its pods can hold", shown: [10, 0], want: 0 },
    { name: "what is more is foreign, whatever others do not hold", shown: [18, 2], want: 8 },
    {
      name: "pods of two policies of the database hold them together",
      ...{ shown: [18, 0], more: { database: "one" }, want: 0 },
    },
    {
      name: "those are foreign that pods of an unknown database may hold, and no more",
      ...{ shown: [14, 0], more: { database: undefined }, want: 10 },
    },
  ])("$name", ({ shown, more, want }) => {
    expect(slotsWithin("database", shown, more)).toBe(want);
  });

  test("the role's own limit has all of them", () => {
    expect([slotsWithin("role", [10, 10]), slotsWithin("role", [18, 5])]).toEqual([0, 3]);
  });
});
