// What a plan of many documents costs: no more where all are in one namespace, whose policies are
// of many servers. The bars themselves are measured, on a whole process (docs/plan.md).

import { expect, test } from "vitest";
import { leastCpuOf } from "../../support/cpu-time.ts";
import { manifests, planOn } from "../../support/plan-setup.ts";

const policyCount = 100;

function aPolicyOf(place: number, namespace: string): string {
  return `apiVersion: poolwarden.dev/v1alpha1
kind: PoolPolicy
metadata: { name: policy-${place}, namespace: ${namespace} }
spec:
  database: { address: "db-${place}.data.svc:5432", maxConnections: 2000 }
  workloads: [{ selector: { matchLabels: { team: team-${place} } } }]`;
}

function aDeploymentOf(place: number, namespace: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web-${place}, namespace: ${namespace}, labels: { team: team-${place % policyCount} } }
spec:
  replicas: 4
  template: { spec: { containers: [{ name: app, env: [{ name: DB_POOL_MAX_SIZE, value: "20" }] }] } }`;
}

function fleetOf(deployments: number, namespaceOf: (place: number) => string): string {
  const places = Array.from({ length: policyCount }, (_, place) => place);
  const policies = places.map((place) => aPolicyOf(place, namespaceOf(place)));
  const all = Array.from({ length: deployments }, (_, place) =>
    aDeploymentOf(place, namespaceOf(place % policyCount)),
  );
  return manifests(...policies, ...all);
}

const inMany = (place: number): string => `team-${place}`;
const inOne = (): string => "shop";

async function planned(text: string): Promise<void> {
  const { code, stdout } = await planOn(text);
  expect(code).toBe(0);
  expect(stdout).toContain("Fits: 100 of 100 policies.");
}

test("workloads cost as much in one namespace as in a hundred", { timeout: 120_000 }, async () => {
  const [many, one] = [fleetOf(1_500, inMany), fleetOf(1_500, inOne)];
  await planned(many);
  const manyMs = await leastCpuOf(() => planned(many));
  const oneMs = await leastCpuOf(() => planned(one));
  expect(oneMs).toBeLessThan(2 * manyMs);
});
