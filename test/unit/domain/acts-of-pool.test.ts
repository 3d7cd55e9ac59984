// What is done to the pods of a pool, found among what is done to all.
import { expect, test } from "vitest";
import * as acts from "../../../src/domain/explain/acts-of-pool.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { aGrant, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const live = { size: 2, touches: 0, isResized: true } as const;
const waitingPods = pods(2, { createdAtMs: startMs - 60_000, gate: { place: 0 } });
const running = pods(2, { poolSize: 2, live });
const grant = aGrant(2, { gatedFromMs: startMs - 60_000 });
const gated = { live: true, start: "WhenSlotsAreFree", grant, replicas: 2 } as const;
const decided = plan(
  aSnapshot({
    workloads: [
      aWorkload("grows", { ...gated, pods: running }),
      aWorkload("starts", { ...gated, pods: [], waitingPods }),
    ],
  }),
  startMs,
);

test("each pool has its own, and those of no other", () => {
  const [ofFirst, ofSecond] = [0, 1].map((index) => ({
    resized: acts.resizesOf(decided, index).map(({ pod }) => pod.uid),
    started: acts.releasesOf(decided, index).map(({ pod }) => pod.uid),
  }));
  expect(ofSecond).toEqual({ resized: [], started: waitingPods.map(({ uid }) => uid) });
  expect(ofFirst).toEqual({ resized: running.map(({ uid }) => uid), started: [] });
  expect(acts.resizesOf(decided, 2)).toEqual([]);
});

test("pods are found by their uid", () => {
  expect([...acts.released(decided.live)]).toEqual(waitingPods.map(({ uid }) => uid));
  expect([...acts.sizesGiven(decided.live).keys()]).toEqual(running.map(({ uid }) => uid));
});
