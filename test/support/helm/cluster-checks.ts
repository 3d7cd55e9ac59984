// What tests of a release look at in the cluster besides the release: pods that start all the time,
// and what is left when it is gone.
import { setTimeout as delay } from "node:timers/promises";
import { deploymentPod, tryPod } from "../admission.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { prometheusRuleCrd } from "../installed-plane.ts";
import type { KubernetesObject, KubernetesRest } from "../kubernetes-rest.ts";
import { applyObjects } from "../rights.ts";

const EVERY_MS = 100;

export type PodStarts = {
  accepted(): number;
  /** What the API server said to each pod that it did not take. */
  refused(): readonly string[];
  stop(): Promise<void>;
};

/** Creates pods (dry run: admission is the same) until it is stopped. */
export function watchPodStarts(rest: KubernetesRest, namespace: string): PodStarts {
  const refused: string[] = [];
  let accepted = 0;
  const ending = new AbortController();
  const stopped = (async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const { status, message } = await tryPod(rest, namespace, deploymentPod("web"));
      if (status === 201) accepted += 1;
      else refused.push(`${status} ${message}`);
      await delay(EVERY_MS);
    }
  })();
  return {
    accepted: () => accepted,
    refused: () => refused,
    stop: () => {
      ending.abort();
      return stopped;
    },
  };
}

/** The kinds of the Prometheus operator, as much of them as a write needs. */
export async function installMonitoringKinds(plane: ControlPlane): Promise<void> {
  const rule = prometheusRuleCrd;
  const names = { kind: "ServiceMonitor", plural: "servicemonitors", singular: "servicemonitor" };
  const monitor = {
    ...rule,
    metadata: { name: "servicemonitors.monitoring.coreos.com" },
    spec: { ...rule.spec, names },
  };
  await applyObjects(plane, [rule, monitor]);
  const kinds = ["crd/prometheusrules.monitoring.coreos.com", `crd/${monitor.metadata.name}`];
  await plane.kubectl(["wait", "--for=condition=Established", ...kinds]);
}

/** Whether the API server has each object of a release; else what kubectl says. */
export async function missingFrom(
  plane: ControlPlane,
  objects: readonly KubernetesObject[],
): Promise<string> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  return (await plane.kubectl(["get", "-f", "-", "-o", "name"], { stdin: list })).stderr;
}

/** `kind/name` of everything with these labels, of every kind that can be listed, sorted. */
export async function leftovers(plane: ControlPlane, labels: string): Promise<readonly string[]> {
  const listed = await plane.kubectl(["api-resources", "--verbs=list", "-o", "name"]);
  const kinds = listed.stdout.trim().split("\n").join(",");
  const { stdout } = await plane.kubectl(["get", kinds, "-A", "-l", labels, "-o", "name"]);
  return [...new Set(stdout.trim().split("\n").filter(Boolean))].sort();
}
