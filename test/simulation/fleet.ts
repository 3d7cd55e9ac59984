// The fleet of a scenario, built in the world: servers, policies, workloads, autoscalers, and the
// rights and wrongs of each as the scenario drew them.

import { followTimes } from "./follow-times.ts";
import { jobEntries } from "./jobs.ts";
import { furtherPools } from "./scenario-pools.ts";
import type { PoolerSetup } from "./scenario-tiers.ts";
import { setLoad, statusBefore } from "./scenario-use.ts";
import type { PolicySetup, ServerSetup, FleetSetup, WorkloadSetup } from "./scenario.ts";
import { PoolerTier } from "./world/pooler-tier.ts";
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
    const status = statusBefore(fleet, index);
    world.createPolicy({
      namespace,
      name: `policy-${index}`,
      spec: policySpec(fleet, index, policy),
      ...(status && { status }),
    });
  }
  setLoad(world, fleet);
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
    ...(setup.pooler && { superuserReserved: 0 }),
  });
  if (setup.pooler) putBehind(world, server, setup.pooler);
  world.setData("Secret", namespace, `db-${index}`, {
    uri: `postgres://${setup.operatorRole}@${server}/orders`,
  });
}

function putBehind(world: World, name: string, { behind: index, ...pooler }: PoolerSetup): void {
  const [front, server] = [world.database(name), serverName(index)];
  const behind = world.database(server);
  front.tier = new PoolerTier({ clock: world.clock, front, behind, server, ...pooler });
}

export function workloadSpec(fleet: FleetSetup, index: number, setup: WorkloadSetup): WorkloadSpec {
  const { kind, replicas, strategy, maxSurge, maxUnavailable, graceMs, manager } = setup;
  const { processesPerPod, extraConnectionsPerPod } = setup;
  return {
    ...{ kind, replicas, strategy, maxSurge, maxUnavailable, graceMs, manager, namespace },
    name: `service-${index}`,
    labels: labelsOf(setup.policy),
    env: templateEnv(setup),
    pools: {
      server: serverName(fleet.policies[setup.policy]?.server ?? 0),
      replicas: (fleet.policies[setup.policy]?.replicas ?? []).map(serverName),
      processesPerPod,
      extraConnectionsPerPod,
      further: furtherPools.map(({ sizeName }, place) => {
        const isThere = place < (setup.furtherPools ?? []).length;
        const defaultPoolSize = isThere ? unsetPoolSize : 0;
        const isShared = place === 0 && setup.sharedWith !== undefined;
        const { server = 0 } = fleet.policies[setup.sharedWith ?? setup.policy] ?? {};
        return { sizeName, defaultPoolSize, ...(isShared && { server: serverName(server) }) };
      }),
    },
  };
}

function templateEnv({
  poolSize,
  furtherPools: sizes = [],
}: WorkloadSetup): Record<string, string> {
  const further = furtherPools.map(({ sizeName }, place) => [sizeName, sizes[place]] as const);
  const all = [["DB_POOL_MAX_SIZE", poolSize] as const, ...further];
  const said = all.flatMap(([name, size]) => (size === undefined ? [] : [[name, String(size)]]));
  return Object.fromEntries(said) as Record<string, string>;
}

/** What processes of one policy have in common would be entries of their own: one for each size. */
export function policySpec(fleet: FleetSetup, index: number, setup: PolicySetup): object {
  const { delivery, reserveConnections, rollouts, basis, rebalance, ownership, match } = setup;
  const { demand } = setup;
  return {
    ...{ delivery, basis, rebalance, ownership, ...(demand && { demand }) },
    database: {
      ...{ secretRef: { name: `db-${setup.server}` }, role: "app" },
      ...behindOf(fleet, setup),
      ...(setup.replicas && { readReplicas: setup.replicas.map(replicaOf) }),
    },
    reserve: { connections: reserveConnections, rollouts },
    ...(match && { sessions: { match } }),
    stability: { cooldown: `${setup.cooldownMinutes}m` },
    workloads: [
      ...jobEntries(fleet, index),
      ...fleet.workloads.flatMap((workload, at) =>
        workload.policy === index
          ? workloadEntries(at, workload)
          : sharedEntries(at, workload, index),
      ),
      { selector: { matchLabels: labelsOf(index) }, processesPerPod: 2, extraConnectionsPerPod: 1 },
    ],
  };
}

/** What is behind its pooler. */
function behindOf({ servers }: FleetSetup, { server }: PolicySetup): object {
  const pooler = servers[server]?.pooler;
  return pooler ? { engine: "PgBouncer", serverBehind: replicaOf(pooler.behind) } : {};
}

/** As a policy names it. */
function replicaOf(index: number): object {
  return { secretRef: { name: `db-${index}` } };
}

function workloadEntries(index: number, setup: WorkloadSetup): readonly object[] {
  const { kind, processesPerPod, extraConnectionsPerPod, weight, follows, waits } = setup;
  const name = `service-${index}`;
  const start = waits === true ? { start: "WhenSlotsAreFree" } : {};
  const resize = follows === undefined ? {} : { resize: "Live", ...start };
  const all = (setup.furtherPools ?? []).map((_, place) => furtherEntry(kind, name, place));
  const further = setup.sharedWith === undefined ? all : all.slice(1);
  const main = { kind, name, processesPerPod, extraConnectionsPerPod, weight, ...resize };
  return [main, ...further];
}

/** Of the first further pool, in the policy that has it. */
function sharedEntries(index: number, setup: WorkloadSetup, policy: number): readonly object[] {
  if (setup.sharedWith !== policy) return [];
  return [furtherEntry(setup.kind, `service-${index}`, 0)];
}

/** Of a further pool, by its place. */
export function furtherEntry(kind: string, name: string, place: number): FurtherEntry {
  const { pool, sizeName } = furtherPools[place] ?? furtherPools[0];
  const env = { maxSize: sizeName };
  return { kind, name, pool, env, unmanagedPoolSize: unsetPoolSize };
}

/** What a further pool opens where its variable is not set. */
const unsetPoolSize = 1;

export interface FurtherEntry {
  readonly kind: string;
  readonly name: string;
  readonly pool: string;
  readonly env: { readonly maxSize: string };
  readonly unmanagedPoolSize: number;
}

/** Pods start and end in their own time, drawn from the one generator. */
export function setTimes({ podTimes, random }: World, fleet: FleetSetup): void {
  const graceMsOf = (workload: string): number =>
    fleet.workloads[Number(workload.slice(workload.lastIndexOf("-") + 1))]?.graceMs ?? 30_000;
  const slowest = Math.max(...fleet.workloads.map(({ startMs }) => startMs));
  podTimes.startMs = () => 500 + random.next() * slowest;
  podTimes.stopMs = ({ workload }) => random.next() * graceMsOf(workload);
  podTimes.keepaliveMs = () => 600_000;
  podTimes.followMs = followTimes(fleet, random);
}
