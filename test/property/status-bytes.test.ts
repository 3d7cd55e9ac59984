// A status has a size. Whatever is cut so that it fits, what the operator reads back after a
// restart is there: what a row remembers, and each grant.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type PoolPolicyStatus,
  poolPolicyStatus,
  type WorkloadRow,
} from "../../src/api/poolpolicy-status.ts";
import { entryOfRow, withoutUsual } from "../../src/api/row-entry.ts";
import { bytesOf, isTooLarge, shortenStatus } from "../../src/api/status-bytes.ts";

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom("x", "ü", "<", '"', "漢"), maxLength, size: "max" });
const name = fc.integer({ min: 1, max: 253 }).map((length) => "n".repeat(length));
const count = fc.integer({ min: 0, max: 1_000_000 });
const time = fc.constant("2026-01-01T00:00:00Z");
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const row = fc
  .record({
    ...{ workload: name, replicas: count, pods: count, plannedPods: count, poolSize: count },
    ...{ wantedPoolSize: count, minSize: count, heldSlots: count, slots: count },
    ...{ recentlyPlannedPods: maybe(count), fewerSince: maybe(time), rolledAt: maybe(time) },
    ...{ rolledPoolSize: maybe(count), replacedPoolSize: maybe(count), reverts: maybe(count) },
    ...{ container: maybe(fc.constant("app")), maxSizeName: maybe(fc.constant("POOL_MAX")) },
    processesPerPod: maybe(fc.integer({ min: 1, max: 9 })),
    decision: fc.constantFrom("Unchanged", "Wait"),
    ...{ reason: fc.constant("Applied"), message: text(1_000) },
  })
  .map((drawn) => withoutUsual(drawn as WorkloadRow));
const finding = fc.record({ reason: fc.constant("RolloutStuck"), message: text(2_000) });
const condition = fc.record({
  ...{
    type: fc.constantFrom("Ready" as const, "Applied" as const),
    status: fc.constant("True" as const),
  },
  ...{ reason: fc.constant("Applied"), message: text(4_000), lastTransitionTime: time },
});
const drawnStatus: fc.Arbitrary<PoolPolicyStatus> = fc.record({
  workloads: fc.array(row, { maxLength: 20, size: "max" }),
  grants: fc.dictionary(name, fc.constant({ container: "app", poolSize: 5, env: [] })),
  findings: fc.array(finding, { maxLength: 20, size: "max" }),
  conditions: fc.array(condition, { maxLength: 2 }),
  ledger: fc.array(text(500), { maxLength: 60, size: "max" }),
});

function memoryOf(one: WorkloadRow): object {
  const { message, ...rest } = one;
  expect(typeof message).toBe("string");
  return { ...rest, entry: entryOfRow(one) };
}

test("a status that is cut fits, unless what is remembered does not, and remembers all", () => {
  fc.assert(
    fc.property(drawnStatus, fc.integer({ min: 20_000, max: 60_000 }), (status, bytesMax) => {
      const shortened = shortenStatus(status, bytesMax);
      expect(shortened.grants).toEqual(status.grants);
      expect(shortened.workloads?.map(memoryOf)).toEqual(status.workloads?.map(memoryOf));
      expect(poolPolicyStatus.safeParse(shortened).error).toBeUndefined();
      // Findings, conditions and ledger have an end, and then rows and grants are what is left.
      const { workloads, grants } = shortened;
      if (bytesOf({ workloads, grants }) + 12 * 4 * 520 + 50 * 4 * 520 < bytesMax) {
        expect(isTooLarge(shortened, bytesMax)).toBe(false);
      }
      const isCut = shortened !== status;
      expect(isCut).toBe(bytesOf(status) > bytesMax);
      const told = shortened.findings?.filter(({ reason }) => reason === "StatusShortened");
      expect(told).toHaveLength(isCut ? 1 : 0);
    }),
    { numRuns: 60 },
  );
});

test("bytes are at least those that the API server writes", () => {
  fc.assert(
    fc.property(drawnStatus, (status) => {
      const escaped = JSON.stringify(status).replaceAll(/[<>&]/g, "\\u0000");
      expect(bytesOf(status)).toBeGreaterThanOrEqual(Buffer.byteLength(escaped));
    }),
    { numRuns: 20 },
  );
});
