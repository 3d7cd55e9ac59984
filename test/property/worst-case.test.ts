// Whatever is in doubt, nobody grows into what it may turn out to take: sessions that may be
// strangers', sizes that may still be handed out, policies that nobody has looked at.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Exposure } from "../../src/domain/exposure.ts";
import type { AwaitedPolicy } from "../../src/domain/awaited-facts.ts";
import type { Snapshot } from "../../src/domain/facts.ts";
import { plan, type Plan } from "../../src/domain/plan.ts";
import { aDatabase, aReading, published, sessions, startMs } from "../support/builders.ts";
import { snapshot } from "./arbitraries.ts";

const awaited = fc.option(
  fc.record<AwaitedPolicy>({
    policy: fc.constantFrom("other/new", "bank/new"),
    holdsUpAll: fc.constant(false),
    lateSlots: fc.nat(60),
    lateLimits: fc.constant([]),
  }),
  { nil: undefined },
);

const strangers = fc.nat(40);

const scene = fc.record({ one: snapshot, awaited, strangers }).map((drawn) => {
  const { maxConnections = 100 } = drawn.one.database.reading ?? {};
  const inDoubt = sessions(drawn.strangers, { user: "app", address: "10.77.0.1" });
  const database = aDatabase({
    reading: aReading({ maxConnections, sessions: [inDoubt] }),
    sessionSamples: [
      { atMs: startMs - 30_000, sessions: [] },
      { atMs: startMs, newForMs: 3_000, sessions: [inDoubt] },
    ],
  });
  return {
    ...{ ...drawn.one, synced: true, database },
    ...(drawn.awaited ? { awaited: [drawn.awaited] } : {}),
  } satisfies Snapshot;
});

/** The same once every doubt has turned out for the worst, before anybody grows again. */
function turnedOut(one: Snapshot): Snapshot {
  const { database, workloads } = one;
  const sessionSamples = database.sessionSamples.map(({ atMs, sessions: shown }) => ({
    ...{ atMs, sessions: shown },
  }));
  return {
    ...{ ...one, synced: false, awaited: [], database: { ...database, sessionSamples } },
    workloads: workloads.map((workload) => {
      const { grant } = workload;
      if (!grant) return workload;
      const settledAtMs = Math.max(grant.settledAtMs, grant.unsettledUntilMs ?? 0);
      return { ...workload, grant: { ...grant, settledAtMs } };
    }),
  };
}

/** What the namespace of an awaited policy may come to hold beside what it does. */
function comingSlots({ positions, snapshot: { awaited: all = [] }, limits }: Plan): number {
  return all.reduce((sum, { policy, lateSlots }) => {
    const own = positions.filter(({ workload }) => policy.startsWith(`${workload.namespace}/`));
    const { slots } = new Exposure(own, limits.server.limit.rolloutsMax, 0);
    return sum + Math.max(0, lateSlots - slots);
  }, 0);
}

test("what grows fits also when every doubt turns out for the worst", () => {
  let grown = 0;
  fc.assert(
    fc.property(scene, (one) => {
      const decided = plan(one, startMs);
      const growers = decided.grants.flatMap(({ decision }, index) =>
        decision === "Grow" ? [index] : [],
      );
      if (growers.length === 0) return;
      grown += 1;
      const { server } = plan(turnedOut(published(decided)), startMs).limits;
      expect(server.exposure.slots + comingSlots(decided)).toBeLessThanOrEqual(server.limit.slots);
    }),
    { numRuns: 1_000 },
  );
  expect(grown).toBeGreaterThan(20);
});
