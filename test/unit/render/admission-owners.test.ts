// How the admission policy tells a pod's workload; test/integration/admission-shapes.test.ts shows
// the same on a real API server.
import { expect, test } from "vitest";
import { hashSuffix, workloadOf } from "../../../src/render/admission-owners.ts";

test("a pod without the label has no suffix to look for", () => {
  expect(hashSuffix("pod-template-hash")).toMatch(
    /^\(has\(object\.metadata\.labels\) && .* : ''\)$/,
  );
});

test("a ReplicaSet is told as an Argo Rollout's before it is told as a Deployment's", () => {
  const cel = workloadOf("o", "h", "r");

  expect(cel.indexOf("'Rollout/'")).toBeGreaterThan(0);
  expect(cel.indexOf("'Rollout/'")).toBeLessThan(cel.indexOf("'Deployment/'"));
});

test("kinds of the same name from other API groups are no workloads", () => {
  expect(workloadOf("o", "h", "r")).toContain("!o.apiVersion.startsWith('apps/') ? ''");
});
