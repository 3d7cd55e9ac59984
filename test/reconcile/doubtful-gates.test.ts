// A status that was sent without the gate and never answered may have landed: new pods may start at
// once, whatever is still seen of the policy.

import { expect, test } from "vitest";
import { DoubtfulGrants } from "../../src/reconcile/memory/doubtful-grants.ts";
import { aGrant, aPolicy, aWorkload, settleTimeMs, startMs } from "../support/builders.ts";

const terms = { nowMs: startMs, settleTimeMs };
const gatedFrom = "2025-12-31T23:00:00Z";
const pool = aWorkload("web", { grant: aGrant(3, { gatedFromMs: 0 }) });
const grant = { container: "app", poolSize: 3, env: [] };

function seenAfter(sent: object): number | undefined {
  const doubtful = new DoubtfulGrants();
  const policy = aPolicy();
  doubtful.note(policy, { grants: { "Deployment/web": { ...grant, ...sent } } });
  return doubtful.counted(pool, policy, terms).grant?.gatedFromMs;
}

test("the gate counts while the status that nobody answered says it too", () => {
  expect(seenAfter({ gatedFrom })).toBe(0);
});

test("it does not where that status is without it", () => {
  expect(seenAfter({})).toBe(Infinity);
});

test("once another version of the policy is seen, what it says counts", () => {
  const doubtful = new DoubtfulGrants();
  doubtful.note(aPolicy(), { grants: { "Deployment/web": grant } });
  const later = aPolicy("orders", { resourceVersion: "2" });
  expect(doubtful.counted(pool, later, terms).grant?.gatedFromMs).toBe(0);
});
