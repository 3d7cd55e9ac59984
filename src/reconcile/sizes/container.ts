// Which container of a workload holds the pool: the one that the policy names, else the one that
// sets the pool's variable. Where none or several do, the default container, else the only one.
// Anything else is a finding, because a guess would size the wrong process: the annotation for
// kubectl names the container that people look at, which may be a proxy.

import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import type { ObservedContainer, ObservedWorkload } from "../../observed.ts";
import { overridingSize } from "./overriding-settings.ts";
import { entryNamed } from "./variable-values.ts";

export type ContainerChoice =
  | { readonly container: ObservedContainer; readonly finding?: undefined }
  | { readonly container?: undefined; readonly finding: Finding };

export function chooseContainer(
  entry: WorkloadEntry,
  workload: Pick<ObservedWorkload, "containers" | "defaultContainer">,
  sizing: Sizing,
): ContainerChoice {
  const { containers } = workload;
  if (entry.container !== undefined) return named(entry.container, containers);
  const [only, ...others] = containers.filter((one) => setsSize(one, sizing));
  const isOnly = only !== undefined && others.length === 0;
  if (isOnly && !mayAnotherSetIt(only, workload)) return { container: only };
  const defaultContainer = defaultOf(workload, sizing);
  if (defaultContainer !== undefined) return named(defaultContainer, containers);
  const [first, ...more] = containers.filter(isProgram);
  if (first && more.length === 0 && others.length === 0) return { container: first };
  const names = namesOf(containers);
  const message = `has the containers ${names}: name one in spec.workloads[].container`;
  return { finding: { reason: "ContainerAmbiguous", severity: "blocking", message } };
}

/**
 * The container that people look at, unless it sets no size itself and is a proxy, or another
 * container may take its size from envFrom.
 */
function defaultOf(
  { containers, defaultContainer }: Pick<ObservedWorkload, "containers" | "defaultContainer">,
  sizing: Sizing,
): string | undefined {
  const meant = containers.find(({ name }) => name === defaultContainer);
  if (!meant || setsSize(meant, sizing) || meant.envFrom.length > 0) return defaultContainer;
  const mayOtherBe = containers.some((one) => one !== meant && one.envFrom.length > 0);
  return mayOtherBe || !isProgram(meant) ? undefined : defaultContainer;
}

/** As meshes and clouds call what they put beside a program; none of them has a pool. */
const proxies: ReadonlySet<string> = new Set([
  ...["istio-proxy", "linkerd-proxy", "kuma-sidecar", "consul-dataplane", "envoy", "daprd"],
  ...["cloud-sql-proxy", "cloudsql-proxy", "alloydb-auth-proxy", "vault-agent", "queue-proxy"],
]);

/** A container that may have a pool although it does not say so. */
function isProgram({ name, isSidecar }: ObservedContainer): boolean {
  return isSidecar !== true && !proxies.has(name);
}

function named(wanted: string, containers: readonly ObservedContainer[]): ContainerChoice {
  const container = containers.find(({ name }) => name === wanted);
  if (container) return { container };
  const message = `has no container ${wanted} (it has: ${namesOf(containers)}): correct spec.workloads[].container`;
  return { finding: { reason: "ContainerNotFound", severity: "blocking", message } };
}

function namesOf(containers: readonly ObservedContainer[]): string {
  return containers.map(({ name }) => name).join(", ");
}

/** In its own entries or arguments. */
export function setsSize(container: ObservedContainer, sizing: Sizing): boolean {
  const names = [sizing.maxSizeName, ...sizing.maxSizeAliases];
  return (
    entryNamed(container, names) !== undefined ||
    overridingSize(container, sizing, () => undefined) !== undefined
  );
}

/** A ConfigMap that all of the environment is taken from may set the variable as well. */
function mayAnotherSetIt(
  only: ObservedContainer,
  { containers, defaultContainer }: Pick<ObservedWorkload, "containers" | "defaultContainer">,
): boolean {
  return containers.some(({ name, envFrom }) => {
    const mayBeMeant = defaultContainer === undefined || name === defaultContainer;
    return name !== only.name && mayBeMeant && envFrom.length > 0;
  });
}
