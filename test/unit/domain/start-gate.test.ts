// When a pool's new pods wait behind the gate, and which of them are missing.

import { expect, test } from "vitest";
import {
  isGateInForce,
  gateSettlesAtMs,
  missingPodsOf,
  waitingPodsOf,
  wantsGate,
} from "../../../src/domain/demand/start-gate.ts";
import type { PodFacts } from "../../../src/domain/facts/facts.ts";
import { aGrant, aPolicy, aWorkload, pods, startMs } from "../../support/builders.ts";

const sized = { poolSize: 3, source: "annotation" } as const;
const gatedFromMs = startMs - 1_000;
const whole = {
  live: true,
  start: "WhenSlotsAreFree",
  grant: aGrant(3, { gatedFromMs }),
} as const;

/** Of a time when every API server surely adds the gate. */
const late = (facts: Partial<PodFacts>): PodFacts[] =>
  pods(1, { createdAtMs: startMs, own: sized, ...facts });
const lateAndResized = late({ live: { size: 3, touches: 0, resizedAtMs: startMs } });

test.each([
  { what: "a pool that asks for it", pool: {}, isWanted: true, isInForce: true },
  { what: "one whose pods cannot be resized", pool: { live: undefined as never } },
  { what: "one that asks for none", pool: { start: undefined as never } },
  { what: "one that is gone", pool: { exists: false } },
  { what: "one that no entry names", pool: { isReleased: true as const } },
  { what: "one whose grant says nothing of it", pool: { grant: aGrant(3) }, isWanted: true },
  {
    what: "one that some API server may not know yet",
    pool: { grant: aGrant(3, { gatedFromMs: startMs + 1 }) },
    isWanted: true,
  },
  {
    what: "one with the grant of another policy",
    pool: { grant: aGrant(3, { gatedFromMs, isInherited: true }) },
    isWanted: true,
  },
  {
    what: "one that another policy grants to as well",
    pool: { otherGrantPoolSize: 9 },
    isWanted: true,
  },
  {
    what: "one of which a pod has started without it",
    pool: { pods: late({ live: { size: 3, touches: 0 } }) },
    isWanted: true,
    gatedForMs: 61_000,
  },
  {
    what: "one of which a pod was made while there was no admission policy",
    pool: { pods: pods(1, { createdAtMs: startMs, own: { poolSize: 50, source: "literal" } }) },
    isWanted: true,
    isInForce: true,
    gatedForMs: 61_000,
  },
  {
    what: "one of which a pod has started without it, and was resized since",
    pool: { pods: lateAndResized },
    markedForMs: 61_000,
    isWanted: true,
    gatedForMs: 61_000,
  },
  {
    what: "one of which such a pod is told another size now",
    pool: { pods: late({ live: { size: 3, touches: 0, isPending: true } }) },
    isWanted: true,
    gatedForMs: 61_000,
  },
  {
    what: "one whose pods were released by the release before this one, which marked none",
    pool: { pods: lateAndResized },
    isWanted: true,
    isInForce: true,
    gatedForMs: 61_000,
  },
  {
    what: "one whose pods were released so before that status was written",
    pool: { pods: lateAndResized },
    markedForMs: 60_000,
    isWanted: true,
    isInForce: true,
    gatedForMs: 61_000,
  },
  {
    what: "one of which a pod of that time has started without the gate",
    pool: { pods: late({ live: { size: 3, touches: 0 } }) },
    markedForMs: 60_000,
    isWanted: true,
    gatedForMs: 61_000,
  },
  {
    what: "one whose pods were released",
    pool: { pods: late({ cameThroughGate: true }) },
    markedForMs: 61_000,
    isWanted: true,
    isInForce: true,
    gatedForMs: 61_000,
  },
])("$what", ({ pool, gatedForMs = 1_000, markedForMs, isWanted = false, isInForce = false }) => {
  const marked = markedForMs !== undefined && { markedFromMs: startMs - markedForMs };
  const grant = aGrant(3, { gatedFromMs: startMs - gatedForMs, ...marked });
  const facts = aWorkload("web", { ...whole, grant, ...pool });
  expect(wantsGate(facts)).toBe(isWanted);
  expect(isGateInForce(facts, aPolicy(), startMs)).toBe(isInForce);
});

test("while the admission policy is new no gate is in force", () => {
  const policy = aPolicy("orders", { admissionReadyAtMs: startMs + 1 });
  expect(isGateInForce(aWorkload("web", whole), policy, startMs)).toBe(false);
});

test("when it comes into force is known, or nothing is to be waited for", () => {
  expect(gateSettlesAtMs(aWorkload("web", whole))).toBe(gatedFromMs);
  const doubtful = aGrant(3, { gatedFromMs: Infinity });
  expect(gateSettlesAtMs(aWorkload("web", { ...whole, grant: doubtful }))).toBe(0);
  expect(gateSettlesAtMs(aWorkload("web"))).toBe(0);
});

test("the oldest comes first, by its name where several came at once", () => {
  const [a, b, c] = pods(3);
  const waitingPods = [
    { ...b, name: "b", createdAtMs: 5 },
    { ...a, name: "a", createdAtMs: 5 },
    { ...c, name: "c", createdAtMs: 1 },
  ] as ReturnType<typeof pods>;
  expect(waitingPodsOf({ waitingPods }).map(({ name }) => name)).toEqual(["c", "a", "b"]);
  expect(waitingPodsOf({})).toEqual([]);
});

test("of those that wait, as many are missing as are asked for beyond those that run", () => {
  const waitingPods = pods(3);
  expect(missingPodsOf({ waitingPods, pods: pods(4), replicas: 6 })).toBe(2);
  expect(missingPodsOf({ waitingPods, pods: pods(6), replicas: 6 })).toBe(0);
  expect(missingPodsOf({ waitingPods, pods: pods(9), replicas: 6 })).toBe(0);
  const ending = pods(4, { terminating: true });
  expect(missingPodsOf({ waitingPods, pods: ending, replicas: 6 })).toBe(3);
});
