// What a policy is told of a pooler by what its consoles say, and whether its pool is live then.

import { expect, test } from "vitest";
import type { ConsoleFacts } from "../../../src/domain/facts/facts.ts";
import { type LiveSizes, liveSizesOf } from "../../../src/domain/supply/live-sizes.ts";
import {
  aDatabase,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const address = "10.0.0.1";
const good: ConsoleFacts = { poolSize: 5, within: { poolSize: 5, sinceMs: 0 } };
const silent: ConsoleFacts = { poolSize: 0, failure: "10.0.0.1:6432 refused the login" };

/** A pool of one pod with sessions at its own address. `staysLive`: it was live before. */
function sizesOf(console: ConsoleFacts | undefined, staysLive = false): LiveSizes {
  const live = { size: 5, touches: 0 };
  const running = pods(1, { poolSize: 5, live, ...(console && { console }) });
  const own = running.map((pod) => ({ ...pod, addresses: [address] }));
  const facts = { resize: "Live", console: "Followed", pods: own } as const;
  const login = { user: "app", database: "orders", applicationName: "", address, count: 5 };
  const snapshot = aSnapshot({
    policies: [aPolicy()],
    workloads: [aWorkload("pooler", facts)],
    database: aDatabase({
      reading: aReading(),
      sessionSamples: [{ atMs: 1_000, roundMs: 1_000, sessions: [login] }],
      fleetAddresses: new Map([[address, [{ fromMs: 0, untilMs: Infinity }]]]),
    }),
  });
  const clock = {
    ...{ nowMs: startMs, monotonicMs: 2_000, restartSeenAtMs: undefined },
    ...{ resizedAtMs: () => 0, proofOf: () => undefined, formerSize: () => 0 },
    ...{ doubtedUntilMs: () => 0, staysLive: () => staysLive },
  };
  return liveSizesOf(snapshot, { clock, onSeveral: new Set() });
}

function saidOf(sizes: LiveSizes): string[] {
  return (sizes.pools[0]?.findings ?? []).map(({ reason, message }) => `${reason}: ${message}`);
}

test("a pooler whose consoles answer is live, and remembered to be so", () => {
  const sizes = sizesOf(good);
  expect(sizes.pools[0]?.live).toBe(true);
  expect(saidOf(sizes)).toEqual([]);
  expect([...sizes.told]).toHaveLength(1);
});

test("one that was not asked yet is live, and is not remembered for that", () => {
  const sizes = sizesOf(undefined);
  expect(sizes.pools[0]?.live).toBe(true);
  expect([...sizes.told]).toEqual([]);
});

test("one in session mode is not, though it was before", () => {
  const sizes = sizesOf({ ...good, sessionMode: "for all (pool_mode)" }, true);
  expect(sizes.pools[0]?.live).toBeUndefined();
  expect(saidOf(sizes)).toEqual([
    expect.stringMatching(/^CannotBeLive: .*session mode for all.*by rollouts$/),
  ]);
});

test("one that does not let us in is not, unless it was before: a password may be changed", () => {
  const sizes = sizesOf(silent);
  expect(sizes.pools[0]?.live).toBeUndefined();
  expect(saidOf(sizes)).toEqual([
    expect.stringMatching(/^CannotBeLive: .*no admin console answers: .*refused the login/),
  ]);
  const [kept] = sizesOf(silent, true).pools;
  expect(kept).toMatchObject({ live: true, isLiveInDoubt: true });
  expect(kept?.pods[0]?.live?.away).toEqual({ why: silent.failure });
});
