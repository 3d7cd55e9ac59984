// A policy that matches thousands of workloads: what is written fits a request to the API server,
// and where not even that is possible nothing of it changes, and it says why.

import { describe, expect, test } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { isTooLarge, statusBytesMax } from "../../src/api/status-bytes.ts";
import type { PolicyFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { refusedByOverfull } from "../../src/reconcile/apply/overfull-status.ts";
import { buildStatus } from "../../src/reconcile/apply/write-status.ts";
import {
  aGrant,
  aPolicy,
  aReading,
  aDatabase,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../support/builders.ts";

const poolSize = 2;
const spec = {
  workloads: [{ selector: { matchLabels: { team: "shop" } }, poolSize: { min: 2, max: 2 } }],
};

/** At rest, with the size that it should have. */
function workloads(count: number, nameLength: number): PoolFacts[] {
  const sizing = { floor: poolSize, ceiling: poolSize };
  return Array.from({ length: count }, (_, index) =>
    aWorkload(`${index}-`.padEnd(nameLength, "n"), {
      ...{ sizing, pods: pods(1, { poolSize }), grant: aGrant(poolSize), replicas: 1 },
    }),
  );
}

function statusWith(
  count: number,
  nameLength: number,
  before?: PoolPolicyStatus,
): { readonly status: PoolPolicyStatus; readonly policy: PolicyFacts } {
  const policy = aPolicy("orders", { spec, status: before });
  const database = aDatabase({ reading: aReading({ maxConnections: 100_000 }) });
  const snapshot = aSnapshot({
    policies: [policy],
    database,
    workloads: workloads(count, nameLength),
  });
  return { status: buildStatus(plan(snapshot, startMs), policy), policy };
}

function conditionOf({ conditions }: PoolPolicyStatus, type: string): object | undefined {
  return conditions?.find((condition) => condition.type === type);
}

describe("a policy that matches many workloads", () => {
  test.each([
    {
      name: "1,000 with names of 40 characters: nothing is cut",
      count: 1_000,
      length: 40,
      cut: "",
    },
    {
      name: "2,700 with names of 40 characters",
      ...{ count: 2_700, length: 40, cut: "without the messages of workloads at rest" },
    },
    {
      name: "1,350 with names of 253 characters, the longest that there are",
      ...{ count: 1_350, length: 253, cut: "without the messages of workloads at rest" },
    },
  ])("is Ready, and says what was cut: $name", ({ count, length, cut }) => {
    const { status } = statusWith(count, length);

    expect(conditionOf(status, "Ready")).toMatchObject({ status: "True" });
    expect(isTooLarge(status)).toBe(false);
    expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThanOrEqual(statusBytesMax);
    expect(Object.keys(status.grants ?? {})).toHaveLength(count);
    expect(status.workloads).toHaveLength(count);
    const told = status.findings?.find(({ reason }) => reason === "StatusShortened")?.message;
    expect(told ?? "").toContain(cut);
    expect(told === undefined).toBe(cut === "");
  });

  test.each([
    { name: "too long", count: 4_000, length: 253, says: "need 3" },
    { name: "too many", count: 5_001, length: 5, says: "matches 5001 workloads" },
  ])("keeps what stands where its rows and grants are $name", ({ count, length, says }) => {
    const { status: before } = statusWith(10, 40);

    const { status, policy } = statusWith(count, length, before);

    const message: unknown = expect.stringContaining(says);
    const tooLarge = { status: "False", reason: "StatusTooLarge", message };
    expect(conditionOf(status, "Ready")).toMatchObject(tooLarge);
    expect(conditionOf(status, "Applied")).toMatchObject(tooLarge);
    expect(status.grants).toEqual(before.grants);
    expect(status.workloads).toEqual(before.workloads);
    expect(isTooLarge(status)).toBe(false);
    expect(refusedByOverfull({ ...policy, status }, startMs)).toBeDefined();
    expect(refusedByOverfull({ ...policy, status: before }, startMs)).toBeUndefined();
  });
});
