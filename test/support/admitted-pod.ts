// Pods that the API server must take, whatever the admission policy does to them: no test may look
// at what a pod came out as without knowing that it was not refused.
import { expect } from "vitest";
import { buildPod, deploymentPod, tryPod } from "./admission.ts";
import type { PodParts } from "./admission.ts";
import { read } from "./kubernetes-rest.ts";
import type { KubernetesRest, RestAnswer } from "./kubernetes-rest.ts";

/** The pod as it comes out. */
export async function admitPod(
  rest: KubernetesRest,
  namespace: string,
  parts: PodParts,
): Promise<unknown> {
  return taken(await tryPod(rest, namespace, parts));
}

/** A pod of Deployment/web that came out as `first`, after a second run of the policy. */
export async function admitAgain(
  rest: KubernetesRest,
  namespace: string,
  first: unknown,
): Promise<unknown> {
  const { metadata } = buildPod(namespace, deploymentPod("web"));
  const annotations = read(first, "metadata", "annotations");
  const again = { ...(first as object), metadata: { ...metadata, annotations } };
  return taken(await rest.create(again as never, { dryRun: true }));
}

function taken({ status, message, body }: RestAnswer): unknown {
  expect([status, message]).toEqual([201, ""]);
  return body;
}
