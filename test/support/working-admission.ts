// Makes sure that the API server sizes pods before a test relies on it. Other tests take parts of
// the admission policy away; and an API server looks for new kinds, such as PoolPolicy, only every
// 30 s.
import {
  buildPolicy,
  deploymentPod,
  grantOf,
  installAdmissionPolicy,
  publishGrants,
  waitUntilSized,
} from "./admission.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { connectRest } from "./kubernetes-rest.ts";
import { waitUntil } from "./processes.ts";

const namespace = "working-admission";

/** Installs the admission policy if need be, and waits until it works. Leaves no PoolPolicy. */
export async function ensureAdmissionWorks({
  kubeconfigPath,
}: Pick<KubectlTarget, "kubeconfigPath">): Promise<void> {
  const rest = await connectRest(kubeconfigPath);
  try {
    await installAdmissionPolicy(rest);
    await rest.createNamespace(namespace);
    const policy = buildPolicy(namespace, "probe");
    // A kind that was installed a moment ago may not be served yet.
    await waitUntil("a first policy", async () => {
      return (await rest.apply(policy, { force: true })).status < 300;
    });
    await publishGrants(rest, policy, { "Deployment/web": grantOf(7) });
    const parts = deploymentPod("web");
    await waitUntilSized(rest, namespace, { parts, wantAnnotation: "7" });
    await rest.remove(policy);
  } finally {
    rest.close();
  }
}
