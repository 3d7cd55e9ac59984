// Pools of one workload may be of two servers, whose decisions know nothing of each other: never
// two of its pods are evicted by what each of them saw.

import { expect, test } from "vitest";
import { poolKeyOf } from "../../src/api/keys.ts";
import { PastEvictions } from "../../src/reconcile/memory/past-evictions.ts";
import { aWorkload, pods } from "../support/builders.ts";

const web = aWorkload("web", { pods: pods(2, { poolSize: 9 }) });
const [first] = web.pods;
const evicted = {
  ...{ atMs: 5, uid: first?.uid ?? "", timesInVain: 0, isAccepted: true },
  poolSizes: new Map([[web.poolKey, 4]]),
  present: new Set(web.pods.map(({ uid }) => uid)),
};

test("an eviction is begun by what was known of the last one, and one at a time", () => {
  const past = new PastEvictions();
  expect(past.begin(web.key, undefined)).toBe(true);
  expect(past.begin(web.key, undefined)).toBe(false);
  past.note(web.key, evicted);
  past.end(web.key);
  expect(past.begin(web.key, undefined)).toBe(false);
  expect(past.begin(web.key, evicted.atMs)).toBe(true);
});

test("each pool knows its own size of it, and another pool that it was not for it", () => {
  const past = new PastEvictions();
  past.note(web.key, evicted);
  const other = { ...web, poolKey: poolKeyOf(web.key, "replica") };
  expect(past.seenIn(web, 6).lastEviction).toMatchObject({ atMs: 5, poolSize: 4 });
  expect(past.seenIn(other, 6).lastEviction).toMatchObject({ atMs: 5, poolSize: Infinity });
  expect(past.seenIn(other, 6).pods.map(({ terminating }) => terminating)).toEqual([true, false]);
});
