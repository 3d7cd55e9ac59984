// A release of the chart on a control plane, and its operator: there is no node that could run its
// image, so the operator runs here with the flags, the environment and the ServiceAccount that the
// chart gave to its Deployment.
import { join } from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { type KubernetesObject, read, readList } from "../kubernetes-rest.ts";
import { runPoolwarden } from "../operator.ts";
import type { OperatorProcess } from "../operator.ts";
import { writeAccountKubeconfig } from "../service-account.ts";
import { chartPath, type Helm, helmed, objectsIn } from "./helm.ts";

export const release = { name: "poolwarden", namespace: "poolwarden-system" } as const;

/** `helm install|upgrade` of the release with exactly these values. */
export async function putRelease(
  helm: Helm,
  verb: "install" | "upgrade",
  values: object,
): Promise<string> {
  const { name, namespace } = release;
  const where = ["-n", namespace, ...(verb === "install" ? ["--create-namespace"] : [])];
  return helmed(helm, [verb, name, chartPath, ...where], values);
}

/** `helm <verb> <release>`, such as rollback or uninstall. */
export async function onRelease(
  helm: Helm,
  verb: string,
  ...more: readonly string[]
): Promise<string> {
  const words = verb.split(" ");
  return helmed(helm, [...words, release.name, ...more, "-n", release.namespace]);
}

/** What Helm takes the release to consist of. */
export async function objectsOfRelease(helm: Helm): Promise<readonly KubernetesObject[]> {
  return objectsIn(await onRelease(helm, "get manifest"));
}

/** The operator of the release as its pod would start it, on a free port; waits until ready. */
export async function startReleasedOperator(
  plane: ControlPlane,
  directory: string,
): Promise<OperatorProcess> {
  const { name, namespace } = release;
  const query = ["get", `deployment/${name}`, "-n", namespace, "-o", "json"];
  const { stdout } = await plane.kubectl(query);
  const podSpec = read(JSON.parse(stdout), "spec", "template", "spec");
  const container = read(podSpec, "containers", 0);
  const account = String(read(podSpec, "serviceAccountName"));
  const kubeconfigPath = join(directory, "account-kubeconfig");
  await writeAccountKubeconfig(plane, { name: account, namespace }, kubeconfigPath);
  const known: Readonly<Record<string, string>> = {
    "metadata.name": `${name}-0`,
    "metadata.namespace": namespace,
    "spec.serviceAccountName": account,
  };
  const environment = readList(container, "env").map((entry) => {
    const field = String(read(entry, "valueFrom", "fieldRef", "fieldPath"));
    return [String(read(entry, "name")), known[field] ?? String(read(entry, "value"))] as const;
  });
  const ours = ["--listen=127.0.0.1:0", `--kubeconfig=${kubeconfigPath}`];
  // The databases of tests are on this machine; what the chart says comes later and counts.
  const here = "--allowed-database-hosts=*,127.0.0.0/8";
  const args = [here, ...(readList(container, "args") as string[]), ...ours];
  const operator = await runPoolwarden(args, Object.fromEntries(environment));
  await operator.waitForLine("serving metrics and health");
  await operator.waitUntilReady();
  return operator;
}
