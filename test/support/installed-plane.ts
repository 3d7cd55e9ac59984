// A control plane of a test's own with the product installed on it: for tests that restart the API
// server, read its audit log, or take permissions away.
import { join } from "node:path";
import { startControlPlane } from "./control-plane/control-plane.ts";
import type { ControlPlane, ControlPlaneOptions } from "./control-plane/control-plane.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { ensureAdmissionWorks } from "./working-admission.ts";

/** What the product installs. */
export const manifests = join(import.meta.dirname, "..", "..", "crds");

export async function startInstalledPlane(
  options: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const plane = await startControlPlane(options);
  try {
    await applyOn(plane, manifests);
    await ensureAdmissionWorks(plane);
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** Server-side apply of a file or a folder; throws where it is refused. */
export async function applyOn(plane: ControlPlane, path: string): Promise<void> {
  const { code, stderr } = await plane.kubectl(["apply", "--server-side", "-f", path]);
  if (code !== 0) throw new Error(stderr);
}

export function kubectlOf({ binaries, kubeconfigPath }: ControlPlane): KubectlTarget {
  return { kubectlPath: binaries.kubectl, kubeconfigPath };
}

/** The kind of the Prometheus operator, as much of it as a write needs. */
export const prometheusRuleCrd = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "prometheusrules.monitoring.coreos.com" },
  spec: {
    group: "monitoring.coreos.com",
    scope: "Namespaced",
    names: { kind: "PrometheusRule", plural: "prometheusrules", singular: "prometheusrule" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
};
