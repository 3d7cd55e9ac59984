// Pools that are counted and not listed: what they hold counts as connections beside a pool that
// is. The row says so, so it is counted after a restart too.

import type { PoolFacts } from "../../domain/facts/facts.ts";
import { poolSizeMax } from "../../domain/demand/slots.ts";

/** With as many more of each pod. */
export function withMoreConnections(pool: PoolFacts, connections: number): PoolFacts {
  const { sizing } = pool;
  const most = Math.min(sizing.extraConnectionsPerPod + connections, poolSizeMax);
  return { ...pool, sizing: { ...sizing, extraConnectionsPerPod: most } };
}
