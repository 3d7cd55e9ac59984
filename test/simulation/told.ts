// What the status of a policy says, of its server and of its read replicas.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";

export function conditionOf(
  { conditions = [] }: PoolPolicyStatus,
  type: string,
): string | undefined {
  return conditions.find((one) => one.type === type)?.status;
}

/** Its own first. */
export function serversTold({ server, replicas = [] }: PoolPolicyStatus): readonly string[] {
  return [server, ...replicas.map((one) => one.server)].filter((one) => one !== undefined);
}

/** What it says of one of them. */
export function toldOf(
  status: PoolPolicyStatus,
  name: string,
): Pick<PoolPolicyStatus, "used" | "budget"> {
  const { server, replicas = [] } = status;
  return server === name ? status : (replicas.find((one) => one.server === name) ?? {});
}

/** Two policies claim each workload: their owner alone can end that. */
export function isManagedByNobody(statuses: readonly PoolPolicyStatus[]): boolean {
  const rows = statuses.flatMap(({ workloads = [] }) => workloads);
  return rows.every(({ reason }) => reason === "ClaimedTwice");
}

/**
 * Policies that have never been in force, because one of their servers lets nobody in: as the page
 * says (docs/living-with/read-replicas.md), their pods count with what they hold until then.
 */
export function lockedOut(
  { policies }: { readonly policies: { values(): Iterable<Stored> } },
  locksOut: (server: string) => boolean,
): ReadonlySet<string> {
  const held = [...policies.values()].flatMap(({ key, status }) => {
    const said = status as PoolPolicyStatus | undefined;
    const isHeld = said?.counted === "AsHeld" && conditionOf(said, "DatabaseReachable") !== "True";
    return isHeld && serversTold(said).some(locksOut) ? [key] : [];
  });
  return new Set(held);
}

interface Stored {
  readonly key: string;
  readonly status?: unknown;
}
