// The few numbers that a workload's facts come down to.

import { describe, expect, test } from "vitest";
import type { PolicyFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import {
  expectedPodsOf,
  heldSlots,
  positionOf,
  slotsAbove,
  slotsBelow,
} from "../../../src/domain/demand/position.ts";
import {
  aGrant,
  anOwnSize,
  aPolicy,
  aPosition,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const blocking = {
  reason: "ContainerNotFound" as const,
  message: "",
  severity: "blocking" as const,
};
const degraded = { ...blocking, severity: "degraded" as const };
const failure = { reason: "SecretNotFound" as const, message: "", atMs: startMs };

describe("who may be granted and rolled", () => {
  const rows: {
    name: string;
    workload?: Partial<PoolFacts>;
    policy?: Partial<PolicyFacts>;
    want: boolean;
  }[] = [
    { name: "an ordinary workload", want: true },
    { name: "one that is gone", workload: { exists: false }, want: false },
    { name: "one that two policies match", workload: { claimedBy: ["a", "b"] }, want: false },
    { name: "one without a container to size", workload: { container: undefined }, want: false },
    { name: "one with a blocking finding", workload: { findings: [blocking] }, want: false },
    { name: "one with another finding", workload: { findings: [degraded] }, want: true },
    { name: "one of a policy that failed", policy: { failure }, want: false },
    {
      name: "one of a policy with a blocking finding",
      policy: { findings: [blocking] },
      want: false,
    },
    { name: "one of a policy with another finding", policy: { findings: [degraded] }, want: true },
    {
      name: "one that is observed",
      policy: aPolicy("o", { spec: { mode: "Observe" } }),
      want: false,
    },
  ];

  test.each(rows)("$name: $want", ({ workload, policy, want }) => {
    const position = aPosition(aWorkload("web", workload), { ...aPolicy(), ...policy });
    expect(position.managed).toBe(want);
  });
});

describe("the size of the next pod", () => {
  const settling = { settlingPoolSize: 50, settledAtMs: startMs };
  const template = anOwnSize(20);

  test.each([
    { name: "no grant: the template's", facts: {}, wantPublished: 20, wantInForce: 20 },
    { name: "the grant", facts: { grant: aGrant(6) }, wantPublished: 6, wantInForce: 6 },
    { name: "settled", facts: { grant: aGrant(6, settling) }, wantPublished: 6, wantInForce: 6 },
  ])("$name", ({ facts, wantPublished, wantInForce }) => {
    const position = aPosition(aWorkload("web", { template, ...facts }));
    expect([position.published, position.inForce]).toEqual([wantPublished, wantInForce]);
  });

  test("another policy's grant may be the one that the API server acts on", () => {
    const workload = aWorkload("web", { template, grant: aGrant(6), otherGrantPoolSize: 9 });
    const position = aPosition(workload);
    expect([position.published, position.inForce]).toEqual([6, 9]);
  });

  test("not settled yet: some API server may still hand out the larger one", () => {
    const workload = aWorkload("web", { template, grant: aGrant(6, settling) });
    expect(positionOf(workload, aPolicy(), startMs - 1).inForce).toBe(50);
  });

  test("an admission policy that is new: pods may still start with the template's", () => {
    const workload = aWorkload("web", { template, grant: aGrant(6) });
    const policy = aPolicy("orders", { admissionReadyAtMs: startMs + 1 });
    expect(positionOf(workload, policy, startMs).inForce).toBe(20);
    expect(positionOf(workload, policy, startMs + 1).inForce).toBe(6);
  });
});

describe("what the pods hold", () => {
  const sizing = { processesPerPod: 2, extraConnectionsPerPod: 1 };
  const list = [
    ...pods(2, { poolSize: 4 }),
    ...pods(1, { poolSize: 10 }),
    ...pods(1, { poolSize: 7, terminating: true }),
  ];
  const position = aPosition(aWorkload("web", { sizing, pods: list, replicas: 5 }));

  test("staying pods are grouped by their size, leaving ones are summed", () => {
    expect(position.staying).toEqual([
      { poolSize: 4, pods: 2 },
      { poolSize: 10, pods: 1 },
    ]);
    expect(position).toMatchObject({ stayingPods: 3, leavingPods: 1, leavingSlots: 15 });
    expect(heldSlots(position)).toBe(2 * 9 + 21);
    expect(expectedPodsOf(position)).toBe(2);
  });

  test("what a roll would give back, or gain", () => {
    expect(slotsAbove(position, 6)).toBe(4 * 2);
    expect(slotsBelow(position, 6)).toBe(2 * 2 * 2);
    expect([slotsAbove(position, 10), slotsBelow(position, 4)]).toEqual([0, 0]);
  });

  test("more pods than planned: none is expected", () => {
    expect(expectedPodsOf(aPosition(aWorkload("web", { pods: pods(3), replicas: 1 })))).toBe(0);
  });

  test("a pod of a StatefulSet is expected in each planned place, whatever runs in others", () => {
    const there = [1, 6, 7].flatMap((ordinal) => pods(1, { ordinal }));
    const facts = { kind: "StatefulSet", pods: there, replicas: 3 } as const;
    const scaledDown = aPosition(aWorkload("db", { ...facts, autoscalerMaxReplicas: 5 }));
    expect(scaledDown).toMatchObject({ stayingPods: 3, misplacedPods: 2, startingPods: 2 });
    expect(expectedPodsOf(scaledDown)).toBe(4);
  });
});

describe("a policy that has no place", () => {
  const held = (own: Partial<PoolFacts>): number =>
    heldSlots(positionOf(aWorkload("web", { pods: pods(1), ...own }), aPolicy(), startMs, true));

  test("counts with pods that wait behind a gate that is gone: they start with the floor", () => {
    expect(held({ waitingPods: pods(2) }) - held({})).toBe(2 * aWorkload("web").sizing.floor);
  });

  test("counts with none that wait behind a gate that stays", () => {
    const gated = { start: "WhenSlotsAreFree", live: true, waitingPods: pods(2) } as const;
    expect(held(gated)).toBe(held({}));
  });
});
