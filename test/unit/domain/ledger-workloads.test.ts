// The lines of workloads: what is held, what may come, and for whom.

import { describe, expect, test } from "vitest";
import { Exposure } from "../../../src/domain/demand/exposure.ts";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { workloadLines } from "../../../src/domain/explain/ledger-workloads.ts";
import { aGrant, aPolicy, aPosition, aWorkload, pods } from "../../support/builders.ts";

/** As policy shop/orders sees them; lines without slots left out. */
function linesOf(...workloads: readonly PoolFacts[]): string[] {
  const positions = workloads.map((one) => {
    const [namespace = "", name] = one.policy.split("/");
    return aPosition(one, aPolicy(name, { namespace }));
  });
  return workloadLines("shop/orders", { positions, exposure: new Exposure(positions, 1, 0) })
    .filter(({ slots }) => slots !== 0)
    .map(({ slots, text }) => `${slots} ${text}`);
}

const six = { grant: aGrant(6), sizing: { ceiling: 6 } };

describe("a workload", () => {
  test.each<{ name: string; workload: Partial<PoolFacts>; want: string[] }>([
    {
      name: "at rest",
      workload: { pods: pods(3, { poolSize: 6 }) },
      want: ["18 Deployment/web: 3 pods x 6"],
    },
    {
      name: "that may still scale",
      workload: { pods: pods(1, { poolSize: 6 }), autoscalerMaxReplicas: 8 },
      want: ["6 Deployment/web: 1 pod x 6", "42 Deployment/web: 7 more may start x 6"],
    },
    {
      name: "whose smaller pods may be replaced",
      workload: { pods: [...pods(2, { poolSize: 4 }), ...pods(1, { poolSize: 8 })] },
      want: [
        "16 Deployment/web: 3 pods: 1 x 8 + 2 x 4",
        "4 Deployment/web: 2 of them if replaced by pods of 6",
      ],
    },
    {
      name: "without pods",
      workload: { autoscalerMaxReplicas: 2 },
      want: ["12 Deployment/web: 2 more may start x 6"],
    },
    { name: "scaled to nothing", workload: {}, want: [] },
  ])("$name", ({ workload, want }) => {
    expect(linesOf(aWorkload("web", { ...six, ...workload }))).toEqual(want);
  });

  test("of several processes: slots are what stands there, not pool sizes", () => {
    const sizing = { processesPerPod: 4, extraConnectionsPerPod: 1 };
    const web = aWorkload("web", { pods: pods(2, { poolSize: 6 }), grant: aGrant(6), sizing });
    expect(linesOf(web)).toEqual(["50 Deployment/web: 2 pods x 25"]);
  });
});

test("what its pods are given now is a line of its own, and nobody else's", () => {
  const positions = [aPosition(aWorkload("web", { ...six, pods: pods(3, { poolSize: 6 }) }))];
  const exposure = new Exposure(positions, 1, 0);
  exposure.raiseLive(4);
  const limits = { givenWhileRunning: () => 4 };
  const lines = workloadLines("shop/orders", { positions, exposure, limits });
  expect(lines.filter(({ slots }) => slots !== 0)).toEqual([
    { slots: 18, text: "Deployment/web: 3 pods x 6" },
    { slots: 4, text: "Deployment/web: given to its pods now, without a restart" },
  ]);
});

test("workloads of other policies are one line, and their names stay theirs", () => {
  const [theirs, others] = ["secret", "hidden"].map((name) =>
    aWorkload(name, { ...six, policy: "bank/ledger", pods: pods(3, { poolSize: 6 }) }),
  );
  if (!theirs || !others) throw new Error("there are two");
  const own = aWorkload("web", { ...six, pods: pods(1, { poolSize: 6 }) });
  expect(linesOf(theirs, own, others)).toEqual([
    "6 Deployment/web: 1 pod x 6",
    "36 2 workloads of other policies",
  ]);
});

test("of very many workloads the largest have lines of their own", () => {
  const workloads = Array.from({ length: 150 }, (_, at) =>
    aWorkload(`w${at}`, { ...six, pods: pods(at < 50 ? 1 : 2, { poolSize: 6 }) }),
  );
  const lines = linesOf(...workloads);
  expect(lines).toHaveLength(101);
  expect(lines[0]).toBe("12 Deployment/w50: 2 pods x 6");
  expect(lines.at(-1)).toBe("300 50 smaller workloads of this policy");
});
