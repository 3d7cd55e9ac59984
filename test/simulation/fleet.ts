// The fleet of a scenario, built in the world: servers, policies, workloads, autoscalers, and the
// rights and wrongs of each as the scenario drew them.

import type { PolicySetup, ServerSetup, FleetSetup, WorkloadSetup } from "./scenario.ts";
import type { World } from "./world/world.ts";
import type { WorkloadSpec } from "./world/workload-spec.ts";

export const namespace = "shop";

export function serverName(index: number): string {
  return `db-${index}.data.svc:5432`;
}

export function policyKey(index: number): string {
  return `${namespace}/policy-${index}`;
}

/** Label that says which policy a workload belongs to. */
export function labelsOf(policy: number): Readonly<Record<string, string>> {
  return { pool: `policy-${policy}` };
}

export function buildFleet(world: World, fleet: FleetSetup): void {
  for (const [index, server] of fleet.servers.entries()) addServer(world, index, server);
  if (fleet.hasAdmission) world.installAdmission();
  for (const [index, workload] of fleet.workloads.entries()) {
    const spec = workloadSpec(fleet, index, workload);
    const key = world.createWorkload(spec);
    const { replicas, maxReplicas } = workload;
    if (maxReplicas !== undefined)
      world.setAutoscaler(key, { min: replicas > 0 ? 1 : 0, max: maxReplicas });
  }
  for (const [index, policy] of fleet.policies.entries()) {
    world.createPolicy({
      namespace,
      name: `policy-${index}`,
      spec: policySpec(fleet, index, policy),
    });
  }
}

function addServer(world: World, index: number, setup: ServerSetup): void {
  const server = serverName(index);
  world.addDatabase(server, {
    maxConnections: setup.maxConnections,
    reserved: setup.reservedConnections,
    roleLimits: { app: setup.roleLimit },
    seesAllSessions: setup.seesAllSessions,
    reservedRoles: ["poolwarden"],
    isBehindTranslation: setup.isBehindTranslation === true,
  });
  world.setData("Secret", namespace, `db-${index}`, {
    uri: `postgres://${setup.operatorRole}@${server}/orders`,
  });
}

export function workloadSpec(fleet: FleetSetup, index: number, setup: WorkloadSetup): WorkloadSpec {
  const { kind, replicas, strategy, maxSurge, maxUnavailable, graceMs, manager } = setup;
  const { processesPerPod, extraConnectionsPerPod, poolSize } = setup;
  return {
    ...{ kind, replicas, strategy, maxSurge, maxUnavailable, graceMs, manager, namespace },
    name: `service-${index}`,
    labels: labelsOf(setup.policy),
    env: poolSize === undefined ? {} : { DB_POOL_MAX_SIZE: String(poolSize) },
    pools: {
      server: serverName(fleet.policies[setup.policy]?.server ?? 0),
      processesPerPod,
      extraConnectionsPerPod,
    },
  };
}

/** What processes of one policy have in common would be entries of their own: one for each size. */
export function policySpec(fleet: FleetSetup, index: number, setup: PolicySetup): object {
  const { delivery, reserveConnections, rollouts, basis, rebalance, ownership, match } = setup;
  return {
    ...{ delivery, basis, rebalance, ownership },
    database: { secretRef: { name: `db-${setup.server}` }, role: "app" },
    reserve: { connections: reserveConnections, rollouts },
    ...(match && { sessions: { match } }),
    stability: { cooldown: `${setup.cooldownMinutes}m` },
    workloads: [
      ...fleet.workloads.flatMap((workload, at) =>
        workload.policy === index ? [workloadEntry(at, workload)] : [],
      ),
      { selector: { matchLabels: labelsOf(index) }, processesPerPod: 2, extraConnectionsPerPod: 1 },
    ],
  };
}

function workloadEntry(index: number, setup: WorkloadSetup): object {
  const { kind, processesPerPod, extraConnectionsPerPod, weight } = setup;
  return { kind, name: `service-${index}`, processesPerPod, extraConnectionsPerPod, weight };
}

/** Pods start and end in their own time, drawn from the one generator. */
export function setTimes({ podTimes, random }: World, fleet: FleetSetup): void {
  const graceMsOf = (workload: string): number =>
    fleet.workloads[Number(workload.slice(workload.lastIndexOf("-") + 1))]?.graceMs ?? 30_000;
  const slowest = Math.max(...fleet.workloads.map(({ startMs }) => startMs));
  podTimes.startMs = () => 500 + random.next() * slowest;
  podTimes.stopMs = ({ workload }) => random.next() * graceMsOf(workload);
  podTimes.keepaliveMs = () => 600_000;
}
