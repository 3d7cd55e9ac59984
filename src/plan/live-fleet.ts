// What runs, for a plan against a cluster: the policies with what their statuses say, the workloads
// and their autoscalers. Pods and databases are not read: a policy's status says which sizes its
// pods get, where its server is, and how many connections that has.

import { engines } from "../api/engines.ts";
import { kind as policyKind } from "../api/group.ts";
import { parseSpec } from "../api/poolpolicy.ts";
import { workloadKindNames } from "../api/workload-kinds.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import { type FleetView, fleetViewOf } from "../render/fleet-view.ts";
import type { ObservedPolicy } from "../observed.ts";
import type { Cluster } from "../ports.ts";
import { givenFor, type GivenLimits, type GivenMaximum } from "./declared-database.ts";
import type { ManifestObject } from "./objects.ts";

/** What is asked of the API server. */
export const liveKinds: readonly string[] = [
  policyKind,
  ...workloadKindNames,
  "HorizontalPodAutoscaler",
];

export interface LiveFleet {
  readonly objects: readonly ManifestObject[];
  /** ConfigMaps and Secrets that templates take sizes from. */
  readonly readData: Cluster["readData"];
  readonly close: () => Promise<void>;
}

/** An object as the API server sent it. */
export function liveObject(
  object: Pick<ManifestObject, "kind" | "namespace" | "name" | "raw">,
): ManifestObject {
  const { kind, namespace, name, raw } = object;
  return { place: { input: "the cluster", document: 0, line: 0 }, kind, namespace, name, raw };
}

/** What the operator has published of the servers: `given` counts before it. */
export function publishedLimits(
  policies: Iterable<ObservedPolicy>,
  given: GivenLimits,
): GivenLimits & { readonly published: ReadonlySet<ServerKey> } {
  const { servers } = viewOf(policies);
  const published = servers.flatMap(({ name, slots }): GivenMaximum[] =>
    slots && givenFor(name, given) === undefined
      ? [{ text: name, servers: [name], connections: slots.maxConnections }]
      : [],
  );
  const foreign = servers.map(({ name, slots }) => [name, slots?.foreign ?? 0] as const);
  return {
    ...given,
    maxConnections: [...given.maxConnections, ...published],
    otherSessionsOn: new Map(foreign),
    published: new Set(published.map(({ text }) => text)),
  };
}

function viewOf(policies: Iterable<ObservedPolicy>): FleetView {
  const reports = [...policies].map(({ namespace, name, status }) => ({
    ...{ namespace, name },
    status: status ?? {},
  }));
  return fleetViewOf(reports);
}

/** A connection URI for the server that the operator has found behind a policy's Secret. */
export function publishedUri({ spec, status }: ObservedPolicy): string | undefined {
  const { server } = (status ?? {}) as { readonly server?: ServerKey };
  const parsed = parseSpec(spec);
  if (server === undefined || !("spec" in parsed)) return undefined;
  const [scheme] = engines[parsed.spec.database.engine].schemes;
  return `${scheme}://unknown@${server}/unknown`;
}
