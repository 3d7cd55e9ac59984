// When a status is written over somebody else's, and when that waits.
import { beforeEach, describe, expect, it } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { PolicyFacts } from "../../src/domain/facts/facts.ts";
import { WrittenStatuses } from "../../src/reconcile/memory/written-statuses.ts";
import { aPolicy } from "../support/builders.ts";

const minuteMs = 60_000;
const ours: PoolPolicyStatus = { used: 10 };
const theirs: PoolPolicyStatus = { used: 20 };

let written: WrittenStatuses;
let version = 0;

beforeEach(() => {
  written = new WrittenStatuses();
});

/** The policy as the cache shows it. */
function seen(status: PoolPolicyStatus, resourceVersion: number = (version += 1)): PolicyFacts {
  return aPolicy("orders", { status, resourceVersion: String(resourceVersion) });
}

/** We write over what is there. */
function write(over: PolicyFacts, status: PoolPolicyStatus, atMs: number): void {
  version += 1;
  written.note(over, { resourceVersion: String(version), status }, atMs);
}

/** Somebody else writes over each of ours, `times` times, a second after it. */
function contest(times: number): number {
  write(seen({}), ours, 0);
  let nowMs = 0;
  for (let time = 0; time < times; time++) {
    nowMs = Math.max(nowMs + 1_000, written.heldUntilMs(seen(theirs), ours, nowMs));
    write(seen(theirs), ours, nowMs);
  }
  return nowMs;
}

describe("a status that somebody else has written over", () => {
  it.each([
    { rewrites: 0, wantPauseMs: 0 },
    { rewrites: 1, wantPauseMs: 2_000 },
    { rewrites: 2, wantPauseMs: 4_000 },
    { rewrites: 5, wantPauseMs: 32_000 },
    { rewrites: 40, wantPauseMs: 5 * minuteMs },
  ])("after $rewrites times waits $wantPauseMs ms", ({ rewrites, wantPauseMs }) => {
    const nowMs = contest(rewrites);
    expect(written.heldUntilMs(seen(theirs), ours, nowMs)).toBe(
      wantPauseMs === 0 ? 0 : nowMs + wantPauseMs,
    );
  });

  it("waits for seconds at most where a grant becomes smaller", () => {
    const grant = { container: "app", env: [] };
    const large = { grants: { "Deployment/web": { ...grant, poolSize: 9 } } };
    const small = { grants: { "Deployment/web": { ...grant, poolSize: 6 } } };
    const nowMs = contest(20);
    expect(written.heldUntilMs(seen(large), small, nowMs)).toBe(nowMs + 5_000);
    expect(written.heldUntilMs(seen(small), large, nowMs)).toBe(nowMs + 5 * minuteMs);
  });

  it("does not wait once nobody has done so for two pauses", () => {
    const nowMs = contest(20) + 10 * minuteMs + 1;
    expect(written.heldUntilMs(seen(theirs), ours, nowMs)).toBe(0);
  });

  it("is said from the third time on, until it is over", () => {
    contest(2);
    expect(written.findingOf("shop/orders", 0)).toBe(undefined);
    const nowMs = contest(3);
    expect(written.findingOf("shop/orders", nowMs)?.reason).toBe("AnotherOperator");
    expect(written.findingOf("shop/orders", nowMs + 11 * minuteMs)).toBe(undefined);
  });
});

describe("what is not somebody else's word", () => {
  it("a new spec, which leaves the status alone", () => {
    contest(5);
    expect(written.heldUntilMs(seen(ours), theirs, 0)).toBe(0);
  });

  it("what an older CRD has left of ours, whatever changes afterwards", () => {
    write(seen({}), ours, 0);
    for (let time = 0; time < 5; time++) {
      expect(written.isWritten(seen({}, version), ours)).toBe(true);
      expect(written.heldUntilMs(seen({}), ours, time)).toBe(0);
      write(seen({}), ours, time);
    }
    expect(written.findingOf("shop/orders", 5)).toBe(undefined);
  });

  it("a policy of which we have written nothing yet", () => {
    expect(written.heldUntilMs(seen(theirs), ours, 0)).toBe(0);
    expect(written.policies()).toEqual([]);
  });

  it("a policy that was forgotten", () => {
    const nowMs = contest(5);
    written.forget("shop/orders");
    expect(written.heldUntilMs(seen(theirs), ours, nowMs)).toBe(0);
  });
});
