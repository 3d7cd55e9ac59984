// The place of a StatefulSet's pod is told from its name.
import { expect, it } from "vitest";
import { podFacts } from "../../src/reconcile/observe/observe-pod.ts";
import { ordinalOf } from "../../src/reconcile/observe/ordinals.ts";
import { aSizing, startMs } from "../support/builders.ts";

const db = { kind: "StatefulSet", key: "shop/db" } as const;
const db1 = { kind: "StatefulSet", key: "shop/db-1" } as const;

it.each([
  { name: "the number at its end", pod: "shop/db-12", of: db, want: 12 },
  { name: "counted from the first one", pod: "shop/db-5", of: { ...db, firstOrdinal: 3 }, want: 2 },
  { name: "before the first one", pod: "shop/db-1", of: { ...db, firstOrdinal: 3 }, want: -2 },
  { name: "the first one", pod: "shop/db-0", of: db, want: 0 },
  { name: "a large one", pod: "shop/db-4294967295", of: db, want: 4_294_967_295 },
  { name: "of a name that ends with a number", pod: "shop/db-1-2", of: db1, want: 2 },
  { name: "none that it asks for, a zero before it", pod: "shop/db-01", of: db, want: -1 },
  { name: "none that it asks for, zeros alone", pod: "shop/db-00", of: db, want: -1 },
  { name: "none that it asks for, no number", pod: "shop/db-x2", of: db, want: -1 },
  { name: "none that it asks for, nothing", pod: "shop/db-", of: db, want: -1 },
  { name: "none that it asks for, too long", pod: "shop/db-12345678901", of: db, want: -1 },
  { name: "none that it asks for, another name", pod: "shop/db-a-2", of: db, want: -1 },
  { name: "none that it asks for, its name alone", pod: "shop/db", of: db, want: -1 },
  { name: "none that it asks for, the name of another", pod: "shop/db2-1", of: db, want: -1 },
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
    entry: { pool: "main" },
    workload: { ...db, uid: "db", namespace: "shop" },
    ...{ replicaSets: [], container: undefined, lookups: { inPod: () => () => undefined } },
  };
  const observed = { ...pod, ...state, ...ended, containers: [] };
  const [facts] = podFacts(observed, sources as never, aSizing());
  expect(facts?.ordinal).toBe(1);
});
