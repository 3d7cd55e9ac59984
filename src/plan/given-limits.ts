// What the command line says of the limits, where a policy only names its server: there nothing is
// read, and what the policy declares is replaced.

import { at, fields } from "../adapters/kubernetes/raw-values.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import { canonicalAddress } from "../domain/supply/database-host.ts";
import { givenFor, type GivenLimits } from "./declared-database.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { PlanRequest } from "./plan-arguments.ts";

/** Changes the policies; returns what of the command line says nothing of some. */
export function withGivenLimits({ policies }: ManifestStores, limits: GivenLimits): string[] {
  const unread: string[] = [];
  for (const policy of [...policies.values()]) {
    const address = at(policy.spec, "database", "address");
    if (typeof address !== "string") continue;
    unread.push(policy.key);
    const found = canonicalAddress(address);
    const given = found.kind === "address" ? givenFor(found.server, limits) : undefined;
    if (given === undefined) continue;
    const spec = fields(policy.spec);
    const database = { ...fields(spec["database"]), maxConnections: given };
    policies.set({ ...policy, spec: { ...spec, database } });
  }
  return unread.length > 0 ? withoutEffect(limits, unread) : [];
}

function withoutEffect(limits: GivenLimits, policies: readonly string[]): string[] {
  const { reservedConnections, roleLimits, otherSessions } = limits;
  const flags = [
    ...(reservedConnections > 0 ? ["--reserved-connections"] : []),
    ...(Object.keys(roleLimits).length > 0 ? ["--role-limit"] : []),
    ...(otherSessions > 0 ? ["--other-sessions"] : []),
  ];
  const whose = policies.slice(0, 3).join(", ") + (policies.length > 3 ? ", …" : "");
  return flags.map(
    (flag) =>
      `${flag} does not count for ${whose}: the operator reads no server by spec.database.address`,
  );
}

/** For people. */
export function limitSource(server: ServerKey, { limits, reads }: PlanRequest): string {
  if (reads) return "read from the server";
  return givenFor(server, limits) === undefined
    ? "as the policies declare"
    : "given by --max-connections";
}
