// The place of a StatefulSet's pod is told from its name.
import { expect, it } from "vitest";
import { podFacts } from "../../src/reconcile/observe-pod.ts";
import { ordinalOf } from "../../src/reconcile/ordinals.ts";
import { aSizing, startMs } from "../support/builders.ts";

const db = { kind: "StatefulSet", key: "shop/db" } as const;

it.each([
  { name: "the number at its end", pod: "shop/db-12", of: db, want: 12 },
  { name: "counted from the first one", pod: "shop/db-5", of: { ...db, firstOrdinal: 3 }, want: 2 },
  { name: "before the first one", pod: "shop/db-1", of: { ...db, firstOrdinal: 3 }, want: -2 },
  { name: "none without a number", pod: "shop/db-x2", of: db, want: undefined },
  { name: "none with another name", pod: "shop/db-a-2", of: db, want: undefined },
  {
    name: "none of a Deployment",
    pod: "shop/db-12",
    of: { ...db, kind: "Deployment" as const },
    want: undefined,
  },
])("$name: $want", ({ pod, of, want }) => {
  expect(ordinalOf({ key: pod }, of)).toBe(want);
});

it("a decision knows the place of a pod", () => {
  const pod = { key: "shop/db-1", uid: "1", resourceVersion: "1", workload: "shop/StatefulSet/db" };
  const state = { addresses: [], revision: "r1", createdAtMs: startMs };
  const ended = { terminating: false, finished: false, poolSizeAnnotation: undefined };
  const sources = {
    workload: { ...db, uid: "db", namespace: "shop" },
    ...{ replicaSets: [], container: undefined, lookups: { inPod: () => () => undefined } },
  };
  const observed = { ...pod, ...state, ...ended, containers: [] };
  const [facts] = podFacts(observed, sources as never, aSizing());
  expect(facts?.ordinal).toBe(1);
});
