// What is told of pools that keep connections longer than the server does.

import { expect, test } from "vitest";
import { lifetimeFindings } from "../../../src/domain/explain/lifetime-findings.ts";
import type { PoolLifetime } from "../../../src/domain/facts/pool-facts.ts";
import * as build from "../../support/builders.ts";

const tenMinutes: PoolLifetime = {
  ...{ setting: "HikariCP's maxLifetime", variable: "LIFETIME", unitMs: 1, leastMs: 30_000 },
  ...{ lifetimeMs: 600_000, isUsual: false },
};

function told(
  idleTimeoutSeconds: number | undefined,
  lifetimes: readonly (PoolLifetime | undefined)[] = [tenMinutes],
): readonly string[] {
  const policy = build.aPolicy("orders", {
    engine: "MySQL",
    ...(idleTimeoutSeconds !== undefined && { idleTimeoutSeconds }),
  });
  const positions = lifetimes.map((lifetime, place) => {
    const workload = build.aWorkload(`web-${place}`, lifetime && { lifetime });
    return build.aPosition(workload);
  });
  return lifetimeFindings(policy, positions).map(({ message }) => message);
}

test.each([
  { name: "a limit that nobody knows", idle: undefined, want: [] },
  { name: "90 % of it is a second more than the lifetime", idle: 668, want: [] },
  {
    name: "a second less",
    idle: 666,
    want: [
      "Deployment/web-0: keeps connections for 600 s (HikariCP's maxLifetime), and the server closes " +
        "connections that are idle for 666 s (wait_timeout). To fix: set LIFETIME to 599400",
    ],
  },
])("$name", ({ idle, want }) => {
  expect(told(idle)).toEqual(want);
});

test("for ever is longer than any limit", () => {
  expect(told(28_800, [{ ...tenMinutes, lifetimeMs: 0 }])).toHaveLength(1);
});

test("a number in seconds is rounded down", () => {
  const [message] = told(119, [{ ...tenMinutes, unitMs: 1_000, leastMs: 0 }]);
  expect(message).toMatch(/set LIFETIME to 107$/);
});

test("what a whole fleet has in common is told once, and pools without one have no part in it", () => {
  const messages = told(60, [...Array<PoolLifetime>(20).fill(tenMinutes), undefined]);
  expect(messages).toHaveLength(6);
  expect(messages.at(-1)).toContain("the same for 15 more");
});
