// Pods that a deleted workload left behind, told from those of the workload that has its name now.

import { describe, expect, test } from "vitest";
import type { ObservedReplicaSet } from "../../src/observed.ts";
import { isOfPredecessor, newestRevisionOf } from "../../src/reconcile/observe/predecessors.ts";

const web = { kind: "Deployment", uid: "web-2" } as const;

function set(uid: string, revisionNumber: number, workloadUid?: string): ObservedReplicaSet {
  const known = workloadUid === undefined ? {} : { workloadUid };
  return {
    ...{ key: `shop/${uid}`, uid, resourceVersion: "1", workload: "shop/Deployment/web" },
    ...{ ...known, revision: `of-${uid}`, revisionNumber },
  };
}

const sets = [set("former", 7, "web-1"), set("own", 2, "web-2"), set("unknown", 1)];

describe("isOfPredecessor", () => {
  test.each([
    {
      name: "its ReplicaSet is the former one's",
      ownerUid: "former",
      terminating: false,
      is: true,
    },
    { name: "its ReplicaSet is the present one's", ownerUid: "own", terminating: true, is: false },
    {
      name: "its ReplicaSet does not say whose",
      ownerUid: "unknown",
      terminating: true,
      is: false,
    },
    { name: "it ends, its ReplicaSet is gone", ownerUid: "gone", terminating: true, is: true },
    { name: "its ReplicaSet is not heard of yet", ownerUid: "new", terminating: false, is: false },
    { name: "nobody made it", ownerUid: undefined, terminating: true, is: false },
  ])("$name: $is", ({ ownerUid, terminating, is }) => {
    const pod = ownerUid === undefined ? { terminating } : { ownerUid, terminating };
    expect(isOfPredecessor(pod, web, sets)).toBe(is);
  });

  test("a StatefulSet waits for every pod of its names, whoever made it", () => {
    const workload = { kind: "StatefulSet", uid: "web-2" } as const;
    expect(isOfPredecessor({ ownerUid: "gone", terminating: true }, workload, [])).toBe(false);
  });
});

describe("newestRevisionOf", () => {
  const old = { revision: "of-own", terminating: false };
  const newer = { revision: "of-newer", terminating: false };
  const left = { revision: "of-gone", terminating: true };

  test("is the present workload's, however high the former one's number was", () => {
    expect(newestRevisionOf(web, sets, [])).toBe("of-own");
    expect(newestRevisionOf(web, [], [])).toBeUndefined();
  });

  test.each([
    { name: "one that is known", number: 2, pods: [old], want: "of-own" },
    { name: "one that is known, before the Deployment is", number: 1, pods: [old], want: "of-own" },
    { name: "one that is not known: no pod is of it", number: 3, pods: [old, left], want: "" },
    {
      name: "one that is not known, but a pod of it",
      number: 3,
      pods: [old, newer],
      want: "of-newer",
    },
    { name: "the second after those that are known", number: 4, pods: [old, newer], want: "" },
  ])("where the Deployment speaks of $name", ({ number, pods, want }) => {
    expect(newestRevisionOf({ ...web, revisionNumber: number }, sets, pods)).toBe(want);
  });
});

test("however many pods ask, a list of ReplicaSets is looked through once", () => {
  let looks = 0;
  const many = Array.from({ length: 500 }, (_, at): ObservedReplicaSet => {
    const one = set(`rs${at}`, at, "web-2");
    return {
      ...one,
      get uid(): string {
        looks += 1;
        return one.uid;
      },
    };
  });
  for (let at = 0; at < 500; at++) {
    expect(isOfPredecessor({ ownerUid: `rs${at}`, terminating: true }, web, many)).toBe(false);
  }
  expect(looks).toBe(500);
});
