// Which pods are resized while they run, and which need a restart.

import { expect, test } from "vitest";
import type { PodFacts } from "../../../src/domain/facts/facts.ts";
import {
  heldOnceTold,
  isFollowing,
  resizablePodsAmong,
} from "../../../src/domain/demand/live-pods.ts";
import { aWorkload, pods } from "../../support/builders.ts";

const live = { size: 20, touches: 0, isResized: true } as const;

function podOf(more: Partial<PodFacts>): PodFacts {
  const [pod] = pods(1, { poolSize: 20, ...more });
  if (!pod) throw new Error("one was built");
  return pod;
}

test.each([
  { name: "one that follows", pod: podOf({ live }), follows: true },
  {
    name: "one that has been given up",
    pod: podOf({ live: { size: 20, touches: 3 } }),
    follows: false,
  },
  { name: "one without the file", pod: podOf({}), follows: false },
  { name: "one that ends", pod: podOf({ live, terminating: true }), follows: false },
])("$name is resized: $follows", ({ pod, follows }) => {
  expect(isFollowing(pod)).toBe(follows);
});

test("a pool that is not live has none", () => {
  const all = [podOf({ live })];
  expect(resizablePodsAmong(aWorkload("web", { pods: all }), all)).toBeUndefined();
  expect(resizablePodsAmong(aWorkload("web", { pods: all, live: true }), all)).toEqual(all);
});

const sized = { poolSize: 3, source: "annotation" } as const;

test.each([
  { what: "goes by its size", facts: {}, held: 5 },
  { what: "has a size set elsewhere", facts: { own: { ...sized, setElsewhere: "x" } }, held: 8 },
  { what: "has a size of others", facts: { sizedByOthers: true as const }, held: 8 },
  { what: "has no limit", facts: { own: { ...sized, unlimited: true as const } }, held: 8 },
])("a pod of 8 that $what holds $held once it was told 5", ({ facts, held }) => {
  const { own, ...pod } = podOf(facts);
  const of8 = { ...pod, own: { ...own, poolSize: 8 } };
  expect(heldOnceTold(of8, 5)).toBe(held);
  expect(heldOnceTold(of8, 9)).toBe(9);
});
