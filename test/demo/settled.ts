// When the operator has nothing left to do: the policy is Ready, and every pod has the size that
// its service should have.
import { read, readList } from "../support/kubernetes-rest.ts";
import type { ServicePods } from "./pods.ts";

/** What is still missing, for a person; an empty list when everything is in place. */
export function unsettled(policy: unknown, services: readonly ServicePods[]): string[] {
  const missing = services.flatMap((service) => unsettledService(policy, service));
  return isReady(policy) ? missing : [`the policy is not Ready`, ...missing];
}

/** Pool size that the next pod of a service gets, and the one it should have. */
function sizesInStatus(
  policy: unknown,
  name: string,
): { readonly granted: unknown; readonly wanted: unknown } {
  const workload = `Deployment/${name}`;
  const row = readList(policy, "status", "workloads").find(
    (one) => read(one, "workload") === workload,
  );
  return {
    granted: read(policy, "status", "grants", workload, "poolSize"),
    wanted: read(row, "wantedPoolSize"),
  };
}

function unsettledService(policy: unknown, service: ServicePods): string[] {
  const { name, pods, ready, sizes, unsized } = service;
  const { granted, wanted } = sizesInStatus(policy, name);
  const missing: string[] = [];
  if (granted !== wanted)
    missing.push(`${name} is granted ${String(granted)} of ${String(wanted)}`);
  if (ready !== pods) missing.push(`${name} has ${ready} of ${pods} pods ready`);
  if (unsized > 0) missing.push(`${name} has ${unsized} pods without a size`);
  const differing = [...sizes.keys()].filter((size) => size !== wanted);
  if (differing.length > 0) missing.push(`${name} has pods with ${differing.join(", ")}`);
  return missing;
}

function isReady(policy: unknown): boolean {
  const conditions = readList(policy, "status", "conditions");
  const ready = conditions.find((one) => read(one, "type") === "Ready");
  return read(ready, "status") === "True";
}
