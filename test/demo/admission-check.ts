// Waits until the API server gives pods their sizes. It looks for new kinds, such as PoolPolicy,
// only every 30 s, and until it has seen that one the admission policy does nothing. A policy with
// a grant of our own and a pod that is not stored show when it works; nothing of it stays.
import {
  buildPolicy,
  deploymentPod,
  grantOf,
  publishGrants,
  waitUntilSized,
} from "../support/admission.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";

const NAMESPACE = "admission-check";
const POOL_SIZE = 7;

export async function waitUntilAdmissionWorks(rest: KubernetesRest): Promise<void> {
  await rest.createNamespace(NAMESPACE);
  const policy = buildPolicy(NAMESPACE, "check");
  const answer = await rest.create(policy);
  if (answer.status !== 201) throw new Error(`creating a PoolPolicy: ${answer.message}`);
  await publishGrants(rest, policy, { "Deployment/web": grantOf(POOL_SIZE) });
  const parts = deploymentPod("web");
  await waitUntilSized(rest, NAMESPACE, { parts, wantAnnotation: String(POOL_SIZE) });
  await rest.remove(policy);
}
