// What applying manifests does beside sizes: autoscalers that change what they scale, or how many
// pods they start at once, and workloads that leave their policy.

import { describe, expect, test } from "vitest";
import type { Answer } from "../../../src/plan/answer.ts";
import type { LiveFleet } from "../../../src/plan/live-fleet.ts";
import { aFleetOf, stepsIn } from "../../support/plan-fleet.ts";
import {
  answerOn,
  anAutoscaler,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  manifests,
} from "../../support/plan-setup.ts";

const policy = aPolicyOn(bySecret);
const running = manifests(policy, aWorkloadNamed("web"), aWorkloadNamed("jobs", { replicas: 2 }));
const uri = "postgres://app@db.shop.svc/shop";

async function planned(text: string): Promise<Answer> {
  return answerOn(text, ["--against-cluster"], { fleet: await aFleetOf(running, { uri }) });
}

describe("an autoscaler that changes", () => {
  const scaled = manifests(running, anAutoscaler("web", 6));
  const fleet = (): Promise<LiveFleet> => aFleetOf(scaled, { uri });

  test("scales its workload to its minimum at once, with the sizes of before", async () => {
    const least = anAutoscaler("web", 6).replace("maxReplicas", "minReplicas: 6, maxReplicas");
    const answer = await answerOn(least, ["--against-cluster"], { fleet: await fleet() });
    expect(stepsIn(answer)).toEqual([
      "apply: HorizontalPodAutoscaler shop/web scales Deployment shop/web from 4 to 6 pods, its minimum",
    ]);
    const without = await answerOn(manifests(running, least), ["--max-connections", "100"], {
      uri,
    });
    expect(without.servers[0]?.pools.map(({ pool, replicas }) => [pool, replicas])).toEqual([
      ["Deployment/jobs", 2],
      ["Deployment/web", 6],
    ]);
  });

  test("scales another workload, of which more pods are planned then", async () => {
    const other = anAutoscaler("web", 6).replace("name: web } }", "name: jobs } }");
    const answer = await answerOn(other, ["--against-cluster"], { fleet: await fleet() });
    const [first, ...others] = stepsIn(answer);
    expect(first).toBe(
      "apply: HorizontalPodAutoscaler shop/web scales Deployment jobs, before Deployment web: at most 6 pods",
    );
    expect(others.join()).toContain("Deployment shop/jobs next pods get a pool size of");
    expect(others.join()).toContain("Deployment shop/web next pods get a pool size of");
    const planned = answer.servers[0]?.pools.map(({ pool, plannedPods }) => [pool, plannedPods]);
    expect(planned).toEqual([
      ["Deployment/jobs", 6],
      ["Deployment/web", 4],
    ]);
  });
});

test("a workload that leaves its policy is shown to do so, and its neighbour gets its slots", async () => {
  const gone = aWorkloadNamed("web").replace("labels: { team: orders }", "labels: { team: other }");
  const answer = await planned(gone);
  expect(answer.servers[0]?.pools.map(({ pool }) => pool)).toEqual(["Deployment/jobs"]);
  expect(stepsIn(answer).join("\n")).toContain(
    "shop/web leaves PoolPolicy shop/orders: its 4 pods are sized no more",
  );
});
