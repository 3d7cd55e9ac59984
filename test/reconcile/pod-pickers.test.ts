// Which entries pick a pod is found by its labels, and costs next to nothing however many entries,
// pods and policies there are: each of them may ask, and an event of a pod is one more question.

import { describe, expect, it } from "vitest";
import type { ObservedPod } from "../../src/observed.ts";
import { pickedPods, pickersOf } from "../../src/reconcile/observe/picked-pods.ts";
import { type Claimant, podPickers } from "../../src/reconcile/observe/pod-pickers.ts";
import { aSpec } from "../support/builders.ts";
import { expectCpuBelow } from "../support/cpu-time.ts";

type Labels = Readonly<Record<string, string>>;

function aClaimant(name: string, ...labels: readonly Labels[]): Claimant {
  const workloads = labels.map((matchLabels, place) => {
    return { name: `entry-${place}`, pods: { matchLabels }, maxPods: 5 };
  });
  return { key: `shop/${name}`, spec: aSpec({ workloads }) };
}

function aPod(labels: Labels, place = 0): ObservedPod {
  const identity = { key: `shop/pod-${place}`, uid: "", resourceVersion: "", revision: "" };
  return {
    ...identity,
    ...{ labels, workload: undefined, addresses: [], containers: [], createdAtMs: place },
  } as unknown as ObservedPod;
}

const picked = (labels: Labels, ...policies: readonly Claimant[]): readonly string[] =>
  podPickers(policies)
    .of(labels)
    .map(({ policy, name }) => `${policy} ${name}`);

describe("a pod is picked by", () => {
  const both = { app: "nightly", team: "shop" };

  it.each<{ name: string; policies: readonly Claimant[]; labels: Labels; want: string[] }>([
    {
      name: "an entry whose labels it has",
      policies: [aClaimant("a", { app: "nightly" })],
      labels: both,
      want: ["shop/a entry-0"],
    },
    {
      name: "no entry of which it lacks a label",
      policies: [aClaimant("a", { app: "nightly", tier: "x" })],
      labels: both,
      want: [],
    },
    {
      name: "no entry that has another value",
      policies: [aClaimant("a", { app: "nightly", team: "other" })],
      labels: both,
      want: [],
    },
    {
      name: "of each policy the first entry, in the order of the policies",
      policies: [
        aClaimant("a", { tier: "x" }, { team: "shop" }, { app: "nightly" }),
        aClaimant("b", both),
      ],
      labels: { team: "shop", app: "nightly" },
      want: ["shop/a entry-1", "shop/b entry-0"],
    },
    {
      name: "no entry by what every object has",
      policies: [aClaimant("a", { constructor: "x" })],
      labels: both,
      want: [],
    },
  ])("$name", ({ policies, labels, want }) => {
    expect(picked(labels, ...policies)).toEqual(want);
    // Other labels beside these, and the same once more.
    expect(picked({ ...labels, "pod-index": "7" }, ...policies)).toEqual(want);
  });

  it("what the policies say now", () => {
    const before = aClaimant("a", { app: "nightly" });
    const other = aClaimant("b", { app: "nightly" });
    expect(picked(both, before, other)).toHaveLength(2);
    expect(picked(both, before)).toEqual(["shop/a entry-0"]);
    expect(picked(both, { ...before, key: "shop/c" })).toEqual(["shop/c entry-0"]);
  });

  it("the right entries after very many other labels", () => {
    const policies = [aClaimant("a", { app: "nightly" }), aClaimant("b", { app: "daily" })];
    const pickers = podPickers(policies);
    const labelsOf = (place: number): Labels => {
      return { app: place % 2 === 0 ? "nightly" : "daily", place: `${place}` };
    };
    for (let place = 0; place < 3_000; place += 1) {
      const [first] = pickers.of(labelsOf(place));
      expect(first?.policy).toBe(place % 2 === 0 ? "shop/a" : "shop/b");
    }
  });
});

/** It took minutes where each pod told each policy of each other one. */
const mostMs = 400;

describe("the cost", () => {
  const pods = Array.from({ length: 10_000 }, (_, place) =>
    aPod({ app: "nightly", "pod-index": `${place}` }, place),
  );
  const known = { workloads: () => new Map(), pods: () => pods, isMember: () => true };

  it("of 500 policies that pick the same 10,000 pods", () => {
    const policies = Array.from({ length: 500 }, (_, place) =>
      aClaimant(`p${String(place).padStart(3, "0")}`, { app: "nightly" }),
    );
    let found: ReturnType<typeof pickedPods> = [];
    expectCpuBelow(mostMs, () => (found = pickedPods(policies, known)));
    expect(found[0]?.pods).toHaveLength(10_000);
    expect(found[499]?.findings[0]?.message).toBe(
      "10000 pods with its labels are picked or selected by shop/p000, shop/p001, shop/p002 and many more " +
        "as well: no size of these pods changes until only one policy picks or selects them. To fix: name in " +
        "pods.matchLabels a label that only the pods of this entry have",
    );
  });

  it("of 200 policies with 20 entries each that pick none of them, asked at 10,000 events", () => {
    const policies = Array.from({ length: 200 }, (_, place) =>
      aClaimant(
        `p${place}`,
        ...Array.from({ length: 20 }, (_, at) => ({ app: "nightly", other: `${place}-${at}` })),
      ),
    );
    expectCpuBelow(mostMs, () => pods.map((pod) => pickersOf(pod, policies)));
  });
});
