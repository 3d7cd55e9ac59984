// What PodDisruptionBudgets change in a plan over what runs: nothing for a rollout, and for pods
// that are evicted one by one whether and when it happens.

import { describe, expect, test } from "vitest";
import type { LiveFleet } from "../../../src/plan/live-fleet.ts";
import { aFleetOf, stepsIn } from "../../support/plan-fleet.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  manifests,
} from "../../support/plan-setup.ts";

const uri = "postgres://app@db.shop.svc/shop";

function labelled(name: string, replicas: number): string {
  const template = `template: { metadata: { labels: { app: ${name} } }, `;
  return aWorkloadNamed(name, { replicas }).replace("template: { ", template);
}

const fleet = [aPolicyOn(bySecret), labelled("web", 4), labelled("jobs", 2)];
const evicted = "Deployment shop/web 1 pod evicted, for pods of that size";

function aBudget(name: string, spec: string, more = ""): string {
  return `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${name}, namespace: shop }
spec: { ${spec} }
${more}`;
}

const ofWeb = "selector: { matchLabels: { app: web } }";

interface Planning {
  readonly live?: readonly string[];
  readonly applied?: readonly string[];
  readonly change?: (fleet: LiveFleet) => LiveFleet;
}

async function steps({
  live = [],
  applied = [],
  change = (one) => one,
}: Planning): Promise<string[]> {
  const runs = await aFleetOf(manifests(...fleet, ...live), { uri });
  const scaled = manifests(labelled("web", 6), ...applied);
  return stepsIn(await answerOn(scaled, ["--against-cluster"], { fleet: change(runs) }));
}

async function evictions(planning: Planning): Promise<string[]> {
  const all = await steps(planning);
  return all
    .filter((step) => step.includes("evicted"))
    .map((step) => step.replace(`operator: ${evicted}`, ""));
}

describe("pods that are evicted one by one", () => {
  test.each<{ name: string; live: string; want: string }>([
    {
      name: "one that allows it",
      live: aBudget("web", `maxUnavailable: 1, ${ofWeb}`),
      want: ", within PodDisruptionBudget web",
    },
    {
      name: "none that may be unavailable",
      live: aBudget("web", `maxUnavailable: 0, ${ofWeb}`),
      want: "; this and the next steps wait: PodDisruptionBudget web never allows it (maxUnavailable is 0). Allow one eviction there, or delete the pods yourself",
    },
    {
      name: "as many as there are that must be available",
      live: aBudget("web", `minAvailable: 6, ${ofWeb}`),
      want: "; this and the next steps wait: PodDisruptionBudget web never allows it (minAvailable is 6, of 6 pods). Allow one eviction there, or delete the pods yourself",
    },
    {
      name: "a percentage, which rounds up",
      live: aBudget("web", `minAvailable: 84%, ${ofWeb}`),
      want: "; this and the next steps wait: PodDisruptionBudget web never allows it (minAvailable is 84%, of 6 pods). Allow one eviction there, or delete the pods yourself",
    },
    {
      name: "pods of others that are counted with them",
      live: aBudget("all", "minAvailable: 6, selector: {}"),
      want: ", within PodDisruptionBudget all",
    },
    {
      name: "one that allows none as long as pods are not healthy",
      live: aBudget("web", `maxUnavailable: 1, ${ofWeb}`, "status: { disruptionsAllowed: 0 }"),
      want: "; this waits while PodDisruptionBudget web allows none, as now",
    },
    {
      name: "one of other pods",
      live: aBudget("jobs", "maxUnavailable: 0, selector: { matchLabels: { app: jobs } }"),
      want: "",
    },
    { name: "one without a selector", live: aBudget("none", "maxUnavailable: 0"), want: "" },
  ])("$name", async ({ live, want }) => {
    expect(await evictions({ live: [live] })).toEqual([want]);
  });

  test("of which two are told that nobody evicts them", async () => {
    const live = ["a", "b"].map((name) => aBudget(name, `maxUnavailable: 1, ${ofWeb}`));
    expect(await evictions({ live })).toEqual([
      "; nobody can evict them while several PodDisruptionBudgets select them (a, b): keep only one of them",
    ]);
  });

  test("wait for a budget that is applied, in place of the one that runs", async () => {
    const live = [aBudget("web", `maxUnavailable: 1, ${ofWeb}`)];
    const applied = [aBudget("web", `maxUnavailable: 0, ${ofWeb}`)];
    expect(await evictions({ live, applied })).toEqual([
      expect.stringContaining("never allows it (maxUnavailable is 0)"),
    ]);
  });

  test("are told without budgets where these cannot be listed", async () => {
    const change = (runs: LiveFleet): LiveFleet => ({ ...runs, budgets: undefined });
    expect(await evictions({ change })).toEqual([
      "; the PodDisruptionBudgets of the cluster cannot be listed",
    ]);
  });
});

test("a rollout is held by no budget", async () => {
  const live = [aBudget("all", "maxUnavailable: 0, selector: {}")];
  const rolled = (step: string): boolean => step.includes("is rolled");
  expect((await steps({ live })).filter(rolled)).toEqual((await steps({})).filter(rolled));
});
