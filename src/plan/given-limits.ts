// What the command line says of the limits, where a policy only names its server: there nothing is
// read, and what the policy declares is replaced.

import { at, fields, list } from "../adapters/kubernetes/raw-values.ts";
import { engineNames, engines, usualEngine } from "../api/engines.ts";
import type { PolicyKey, ServerKey } from "../domain/facts/facts.ts";
import { canonicalAddress } from "../domain/supply/database-host.ts";
import type { ObservedPolicy } from "../observed.ts";
import type { Asked } from "./asked.ts";
import { givenFor, type GivenLimits } from "./declared-database.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { PlanRequest } from "./plan-arguments.ts";

export interface Replaced {
  /** What policies declare now, in connections. */
  readonly declared: ReadonlyMap<PolicyKey, number>;
  /** Policies whose servers are not read. */
  readonly unread: readonly PolicyKey[];
}

/** Changes the policies that name a server by its address. */
export function withGivenLimits({ policies }: ManifestStores, limits: GivenLimits): Replaced {
  const unread: PolicyKey[] = [];
  const declared = new Map<PolicyKey, number>();
  for (const policy of [...policies.values()]) policies.set(withOtherLimits(policy, limits));
  for (const policy of [...policies.values()]) {
    const address = at(policy.spec, "database", "address");
    if (typeof address !== "string") continue;
    unread.push(policy.key);
    const given = givenAt(address, at(policy.spec, "database", "engine"), limits);
    if (given === undefined) continue;
    const spec = fields(policy.spec);
    const database = { ...fields(spec["database"]), maxConnections: given };
    policies.set({ ...policy, spec: { ...spec, database } });
    declared.set(policy.key, given);
  }
  return { declared, unread };
}

/** Of the other servers that it names by their addresses. */
function withOtherLimits(policy: ObservedPolicy, limits: GivenLimits): ObservedPolicy {
  const spec = fields(policy.spec);
  const database = fields(spec["database"]);
  const { readReplicas, serverBehind, engine } = database;
  const replaced = (one: unknown, of: unknown): unknown => {
    const given = givenAt(at(one, "address"), of, limits);
    return given === undefined ? one : { ...fields(one), maxConnections: given };
  };
  const replicas = list(readReplicas).map((one) => replaced(one, engine));
  const others = {
    ...(replicas.length > 0 && { readReplicas: replicas }),
    ...(serverBehind !== undefined && { serverBehind: replaced(serverBehind, usualEngine) }),
  };
  return { ...policy, spec: { ...spec, database: { ...database, ...others } } };
}

/** Undefined of what is no address. `engine`: as the policy says it, if it does. */
function givenAt(address: unknown, engine: unknown, limits: GivenLimits): number | undefined {
  if (typeof address !== "string") return undefined;
  const name = engineNames.find((one) => one === engine) ?? usualEngine;
  const found = canonicalAddress(address, engines[name]);
  return found.kind === "address" ? givenFor(found.server, limits) : undefined;
}

/** Flags that count for some policies and not for others. */
export function partlyUseless(
  { reservedConnections, roleLimits, otherSessions }: GivenLimits,
  policies: readonly PolicyKey[],
): string[] {
  if (policies.length === 0) return [];
  const flags = [
    ...(reservedConnections > 0 ? ["--reserved-connections"] : []),
    ...(roleLimits.size > 0 ? ["--role-limit"] : []),
    ...(otherSessions > 0 ? ["--other-sessions"] : []),
  ];
  const whose = policies.slice(0, 3).join(", ") + (policies.length > 3 ? ", …" : "");
  return flags.map(
    (flag) =>
      `${flag} does not count for ${whose}: the operator reads no server by spec.database.address`,
  );
}

/** What is said of a policy's declaration is said of the flag where the flag replaced it. */
export function namingFlag(text: string, { declared }: Pick<Replaced, "declared">): string {
  if (!text.includes("maxConnections of policy ")) return text;
  return text.replaceAll(
    /maxConnections of policy ([^\s,;:()]+?)(?=\.?(?:[\s,;:()]|$))/g,
    (...found) => {
      const [whole, policy] = found as [string, string];
      const given = declared.get(policy);
      return given === undefined ? whole : `--max-connections ${given}`;
    },
  );
}

/** For people. */
export function limitSource(
  server: ServerKey,
  { limits, reads }: PlanRequest,
  { answered, published }: Asked & { readonly published: ReadonlySet<ServerKey> },
): string {
  if (reads && answered.has(server)) return "read from the server";
  if (givenFor(server, limits) !== undefined) return "given by --max-connections";
  return published.has(server) ? "as the operator has read it" : "as the policies declare";
}
