// Names of variables that policies were stored with before they were refused: the API server takes
// none of them in a new policy, so a plan that passes would be followed by an apply that fails.

import { describe, expect, test } from "vitest";
import type { LiveFleet } from "../../../src/plan/live-fleet.ts";
import { aFleetOf } from "../../support/plan-fleet.ts";
import { answerOn, aWorkloadNamed, bySecret, manifests, planOn } from "../../support/plan-setup.ts";

const uri = "postgres://app@db.shop.svc/shop";
const stored = "POSTGRES_CONN";

function aPolicy(maxSize: string, { weight = 1, usedPercent = 90 } = {}): string {
  return `apiVersion: poolwarden.dev/v1alpha1
kind: PoolPolicy
metadata: { name: orders, namespace: shop }
spec:
  database: ${bySecret}
  alerts: { usedPercent: ${usedPercent} }
  workloads:
    - selector: { matchLabels: { team: orders } }
      weight: ${weight}
      env: { maxSize: ${maxSize} }`;
}

/** As an earlier release has stored it, with the defaults of the CRD. */
async function aFleetWith(maxSize: string): Promise<LiveFleet> {
  const fleet = await aFleetOf(manifests(aPolicy("APP_POOL_SIZE"), aWorkloadNamed("web")), { uri });
  const text = JSON.stringify(fleet.objects).replaceAll("APP_POOL_SIZE", maxSize);
  return { ...fleet, objects: JSON.parse(text) as LiveFleet["objects"] };
}

const sizeWords = "give a variable whose name says that it is the size of a pool";
const otherReader = "this variable could change what a process runs, trusts or connects to";

describe("a name that the API server refuses in new policies", () => {
  test.each([
    [stored, sizeWords],
    ["DB_POOL_CONN", otherReader],
    ["POOL_ACQUIRE_TIMEOUT", otherReader],
    ["DB_POOL_MAX_MS", otherReader],
  ])("ends a plan on manifests: %s", async (name, words) => {
    const { code, stderr } = await planOn(aPolicy(name), ["--max-connections", "100"], { uri });
    expect(code).toBe(2);
    expect(stderr).toContain(
      "standard input, document 1, line 1: PoolPolicy shop/orders is invalid: " +
        `spec.workloads[0].env.maxSize is "${name}": ${words}`,
    );
  });

  test("is taken over a cluster that has it, with a change beside the workloads", async () => {
    const fleet = await aFleetWith(stored);
    const answer = await answerOn(aPolicy(stored, { usedPercent: 80 }), ["--against-cluster"], {
      fleet,
    });
    expect(answer).toMatchObject({ fits: true });
  });

  test.each([
    ["another entry of the list changes with it", aPolicy(stored, { weight: 2 }), stored],
    ["the cluster has another one", aPolicy(stored), "APP_POOL_SIZE"],
  ])("ends a plan over a cluster where %s", async (_, policy, before) => {
    const fleet = await aFleetWith(before);
    const { code, stderr } = await planOn(policy, ["--against-cluster"], { fleet });
    expect(code).toBe(2);
    expect(stderr).toContain(`spec.workloads[0].env.maxSize is "${stored}": ${sizeWords}`);
  });

  test("ends a plan over a cluster without the policy", async () => {
    const fleet = { ...(await aFleetWith(stored)), objects: [] };
    const { code } = await planOn(aPolicy(stored), ["--against-cluster"], { fleet });
    expect(code).toBe(2);
  });
});
