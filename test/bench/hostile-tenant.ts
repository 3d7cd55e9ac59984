// What one namespace can do without breaking a rule: servers that never answer, names without end,
// a policy that matches thousands of workloads, policies that come and go.

import { setTimeout as delay } from "node:timers/promises";
import type { ObservedPolicy, ObservedWorkload } from "../../src/observed.ts";
import { aDeployment } from "../support/memory-world/world.ts";
import { startTcpServer } from "../support/tcp.ts";
import { policyOf } from "../support/tenants.ts";

export const namespace = "a-tenant";

export interface Hostile {
  readonly name: string;
  readonly policies: readonly ObservedPolicy[];
  readonly workloads: readonly ObservedWorkload[];
  /** Policies that are made and deleted each second. */
  readonly churn: number;
}

/** Of a policy above: its name says where its server is. */
export function serverOf(policy: string): string {
  const parts = policy.split("-");
  return `${parts.slice(0, 4).join(".")}:${parts[4]}`;
}

const nothing = { policies: [], workloads: [], churn: 0 };

export const alone: Hostile = { ...nothing, name: "alone" };

/** Servers of this machine that take a connection and say nothing. */
export async function silentServers(count: number, open: AsyncDisposableStack): Promise<Hostile> {
  const policies: ObservedPolicy[] = [];
  for (let index = 0; index < count; index++) {
    const { port } = open.use(await startTcpServer(() => undefined));
    policies.push(policyOf(namespace, `127-0-0-1-${port}`));
  }
  return { ...nothing, name: `${count} silent ports`, policies };
}

/** Each an address of this machine at which nobody listens. */
export function manyNames(count: number): Hostile {
  const policies = Array.from({ length: count }, (_, index) =>
    policyOf(namespace, `127-${1 + (index >> 16)}-${(index >> 8) & 255}-${index & 255}-1`),
  );
  return { ...nothing, name: `${count} names`, policies };
}

export function manyWorkloads(count: number): Hostile {
  const spec = {
    database: { address: "10.255.0.1:5432", maxConnections: 10 * count },
    workloads: [{ selector: { matchLabels: { team: "shop" } } }],
  };
  const workloads = Array.from({ length: count }, (_, index) => {
    const name = `service-${index}`;
    return { ...aDeployment(name, 0), namespace, key: `${namespace}/${name}`, replicas: 1 };
  });
  return {
    ...nothing,
    name: `${count} workloads in one policy`,
    ...{ policies: [policyOf(namespace, "large", { spec })], workloads },
  };
}

export function churning(perSecond: number): Hostile {
  return {
    ...nothing,
    name: `${perSecond} policies made and deleted each second`,
    churn: perSecond,
  };
}

export function together(all: readonly Hostile[]): Hostile {
  return {
    name: all.map(({ name }) => name).join(", "),
    policies: all.flatMap(({ policies }) => policies),
    workloads: all.flatMap(({ workloads }) => workloads),
    churn: all.reduce((sum, { churn }) => sum + churn, 0),
  };
}

/** Makes policies without a secret, and deletes each a quarter of a second later. */
export async function churn(
  perSecond: number,
  make: (policy: ObservedPolicy) => void,
  unmake: (policy: ObservedPolicy) => void,
  signal: AbortSignal,
): Promise<void> {
  const living: ObservedPolicy[] = [];
  const startMs = performance.now();
  let made = 0;
  while (perSecond > 0 && !signal.aborted) {
    const due = ((performance.now() - startMs) / 1000) * perSecond;
    for (; made < due; made++) {
      const policy = policyOf(namespace, `c-${made}`);
      living.push(policy);
      make(policy);
      if (living.length > perSecond / 4) unmake(living.shift() ?? policy);
    }
    await delay(10);
  }
}
