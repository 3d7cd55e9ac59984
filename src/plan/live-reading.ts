// Which logins a plan against a cluster may read servers with, and what comes of it.

import { usualEngine } from "../api/engines.ts";
import type { PoolPolicyStatus } from "../api/poolpolicy.ts";
import { workloadKindNames } from "../api/workload-kinds.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import type { ObservedPolicy } from "../observed.ts";
import type { Database } from "../ports.ts";
import type { GivenLimits } from "./declared-database.ts";
import type { PlanClock } from "./plan-clock.ts";
import type { Given } from "./drive.ts";
import {
  createReadOrPublished,
  failureNotes,
  loginsByServer,
  type ReadOrPublished,
} from "./live-logins.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { ManifestObject } from "./objects.ts";
import type { PlanRequest } from "./plan-arguments.ts";
import { createLimitsReader } from "./read-limits.ts";
import { type FilledSecrets, type LoginKey, loginKeysOf, serverIn } from "./secrets.ts";

interface Change {
  readonly manifests: readonly ManifestObject[];
  readonly request: PlanRequest;
}

/**
 * Of policies in the namespaces that a change is in, and of those that share a server with them:
 * no other Secret is read.
 */
export function loginsIn(
  stores: ManifestStores,
  wanted: ManifestStores,
  { manifests, request: { whatIfs } }: Change,
): readonly LoginKey[] {
  const asked = workloadKindNames
    .flatMap((kind) => [...stores[kind].values()])
    .filter(({ kind, name }) => whatIfs.some((one) => one.kind === kind && one.name === name));
  const namespaces = new Set([...manifests, ...asked].map(({ namespace }) => namespace));
  const policies = [...wanted.policies.values(), ...stores.policies.values()];
  const within = policies.filter(({ namespace }) => namespaces.has(namespace));
  const servers = new Set(within.flatMap(serversOf));
  const concerned = policies.filter(
    (one) => namespaces.has(one.namespace) || serversOf(one).some((name) => servers.has(name)),
  );
  return concerned.flatMap(loginKeysOf);
}

function serversOf({ status }: ObservedPolicy): readonly ServerKey[] {
  const { server, replicas = [] } = (status ?? {}) as PoolPolicyStatus;
  return [...(server === undefined ? [] : [server]), ...replicas.map((one) => one.server)];
}

interface Means {
  readonly logins: readonly LoginKey[];
  readonly data: FilledSecrets["data"];
  readonly limits: GivenLimits;
}

export interface LiveReading {
  /** None where nothing is to be read. */
  readonly databaseOf: ((declared: Database, clock: PlanClock) => Database) | undefined;
  readonly answered: () => ReadonlySet<ServerKey> | undefined;
  readonly notes: () => readonly string[];
}

export function readingOf(
  { database, surroundings: { uri } }: Given,
  { logins, data, limits }: Means,
): LiveReading {
  let reader: ReadOrPublished | undefined;
  const databaseOf = (published: Database, clock: PlanClock): Database => {
    if (!database) return published;
    const real = createLimitsReader(database, { clock, limits });
    const byServer = new Map(loginsByServer(logins, data));
    const server = uri === undefined ? undefined : serverIn(uri, usualEngine);
    if (uri !== undefined && server !== undefined) {
      byServer.set(server, [...(byServer.get(server) ?? []), { uri, ca: undefined }]);
    }
    reader = createReadOrPublished({ real, published, logins: byServer });
    return reader;
  };
  return {
    databaseOf: database && databaseOf,
    answered: () => reader?.answered,
    notes: () => (reader ? failureNotes(reader) : []),
  };
}
