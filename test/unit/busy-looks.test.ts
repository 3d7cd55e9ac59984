// One namespace whose servers keep the only thread busy whenever they are looked at for who is at
// work: the whole operator on a clock of the test's. It waits after each look, as after a large
// reading, and others are looked at all the same.

import { expect, test } from "vitest";
import type { WorkSeen } from "../../src/domain/facts/facts.ts";
import { aReading } from "../support/builders.ts";
import { policyOf, startTenants } from "../support/tenants.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const minuteMs = 60_000;
const answerMs = 2;

/** How long the looks at 75 servers of one namespace kept the thread in a minute, and others'. */
async function looksWhere(busyMs: number): Promise<{ readonly busyMs: number; others: number }> {
  const clock = new VirtualClock();
  const policies = Array.from({ length: 75 }, (_, index) => policyOf("guest", `g-${index}`));
  const seen = { busyMs: 0, others: 0 };
  const answer = async (server: string): Promise<WorkSeen> => {
    const isGuests = server.startsWith("g-");
    if (isGuests) seen.busyMs += busyMs;
    else seen.others++;
    await new Promise<void>((resolve) => clock.after(answerMs, resolve));
    return { clients: [], busyMs: isGuests ? busyMs : 0.5 };
  };
  const tenants = startTenants({
    ...{ clock, policies: [...policies, policyOf("shop", "orders")] },
    database: {
      read: ({ server: systemIdentifier }) =>
        Promise.resolve({ kind: "read", reading: aReading({ systemIdentifier }) }),
      lookAtWork: ({ server }) => answer(server),
    },
  });
  await clock.advance(minuteMs);
  seen.busyMs = 0;
  seen.others = 0;
  await clock.advance(minuteMs);
  await tenants[Symbol.asyncDispose]();
  return seen;
}

test("looks that cost next to nothing are made every five seconds, however many servers", async () => {
  const { busyMs, others } = await looksWhere(0.5);
  expect(busyMs / 0.5).toBeGreaterThanOrEqual(75 * 11);
  expect(others).toBeGreaterThanOrEqual(11);
});

test("looks of 9 ms each leave others the thread, and their looks", async () => {
  const { busyMs, others } = await looksWhere(9);
  expect(busyMs).toBeLessThanOrEqual(minuteMs / 16);
  expect(others).toBeGreaterThanOrEqual(11);
});
