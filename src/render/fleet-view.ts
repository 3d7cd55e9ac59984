// What `poolwarden top` and the operator's page show, taken from the policies' statuses alone:
// whoever may read policies may look, and what is shown is what `kubectl describe` says. The
// policies of one server each carry the whole account of it. One whose policy is edited without
// pause may be old, so the account that leaves the least room speaks for the server.

import { engineNamed, usualEngine } from "../api/engines.ts";
import type { Condition, WorkloadRow } from "../api/poolpolicy.ts";
import type { PolicyReport } from "./pool-report.ts";

/** All are slots of one server; they add up to `maxConnections` unless the fleet is over. */
export interface ServerSlots {
  readonly maxConnections: number;
  /** Held, or kept for what may still start. More than the budget while the fleet is over it. */
  readonly used: number;
  readonly free: number;
  /** Sessions of nobody in the fleet. */
  readonly foreign: number;
  /** Kept by the server itself, by reserves, and for the operator's own session. */
  readonly kept: number;
}

export interface ServerView {
  /** `host:port` */
  readonly name: string;
  /** Undefined before its limits are known. */
  readonly slots: ServerSlots | undefined;
  /** What its engine calls the setting with its limit. */
  readonly connectionsSetting: string;
  /** `Ready`, or why not and whose word it is. */
  readonly verdict: string;
  readonly notReady: readonly NotReady[];
  /** Of a pooler: the servers behind it. */
  readonly behind: readonly BehindView[];
}

export interface BehindView {
  readonly name: string;
  /** For applications. */
  readonly slots: number;
  /** Undefined: no limit is known. */
  readonly mayOpen: number | undefined;
}

/** A policy that is not ready. */
export interface NotReady {
  readonly namespace: string;
  readonly policy: string;
  /** Of its condition `Ready`. */
  readonly reason: string;
}

export interface PoolView {
  readonly server: string;
  readonly namespace: string;
  readonly policy: string;
  readonly row: WorkloadRow;
  /** It counts on another server, and its pods connect to this one as well. */
  readonly isReplica?: true;
}

export interface FleetView {
  readonly servers: readonly ServerView[];
  readonly pools: readonly PoolView[];
}

/** Of a policy that does not say yet which server it means. */
const unknownServer = "(server not known yet)";

export function fleetViewOf(policies: readonly PolicyReport[]): FleetView {
  const byServer = Map.groupBy(policies, ({ status }) => status.server ?? unknownServer);
  const replicas = policies.flatMap(({ status: { engine, replicas: all = [] } }) =>
    all.map((replica) => ({ ...replica, engine })),
  );
  const byReplica = Map.groupBy(replicas, ({ server }) => server);
  const names = [...new Set([...byServer.keys(), ...byReplica.keys()])].sort();
  return {
    servers: names.map((name) => {
      const own = byServer.get(name) ?? [];
      const asReplica = byReplica.get(name) ?? [];
      const view = serverViewOf(name, own);
      const slots = view.slots ?? asReplica.map(slotsOfReplica).find(Boolean);
      const engines = [...own.map(({ status }) => status.engine), ...asReplica.map(engineIn)];
      return { ...view, slots, connectionsSetting: settingOf(engines) };
    }),
    pools: policies.flatMap(poolsOf),
  };
}

function poolsOf({ namespace, name: policy, status }: PolicyReport): PoolView[] {
  const server = status.server ?? unknownServer;
  const rows = status.workloads ?? [];
  const onReplicas = (status.replicas ?? []).flatMap((replica) =>
    rows.map((row) => ({
      server: replica.server,
      namespace,
      policy,
      row,
      isReplica: true as const,
    })),
  );
  return [...rows.map((row) => ({ server, namespace, policy, row })), ...onReplicas];
}

function engineIn({ engine }: { readonly engine: string | undefined }): string | undefined {
  return engine;
}

/** The usual engine may be there because nobody said anything. */
function settingOf(engines: readonly (string | undefined)[]): string {
  const said = engines.find((engine) => engine !== undefined && engine !== usualEngine);
  return engineNamed(said).connectionsSetting;
}

function serverViewOf(
  name: string,
  policies: readonly PolicyReport[],
): Omit<ServerView, "connectionsSetting"> {
  const [slots] = policies
    .flatMap((policy) => slotsOf(policy) ?? [])
    .sort((a, b) => roomIn(a) - roomIn(b));
  const notReady = policies.flatMap(notReadyOf);
  return { name, slots, verdict: verdictOf(notReady), notReady, behind: behindOf(policies) };
}

/** Each once, by the policy that says the least of what it has. */
function behindOf(policies: readonly PolicyReport[]): BehindView[] {
  const rows = policies
    .flatMap(({ status }) => status.behind ?? [])
    .toSorted((a, b) => b.slots - a.slots);
  const views = rows.map(({ server, slots, mayOpen }) => ({ name: server, slots, mayOpen }));
  const byName = new Map(views.map((view) => [view.name, view]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What people read of it, after its name. */
export function sayBehind({ slots, mayOpen }: BehindView): string {
  const has = `has ${slots} connections for applications`;
  if (mayOpen === undefined) return `${has}; the pooler may open any number`;
  const tooMany = mayOpen > slots ? `, ${mayOpen - slots} too many` : "";
  return `${has}; the pooler may open ${mayOpen}${tooMany}`;
}

/** Below 0 while the fleet is over its budget. */
function roomIn({ maxConnections, used, foreign, kept }: ServerSlots): number {
  return maxConnections - used - foreign - kept;
}

function slotsOf({ status }: PolicyReport): ServerSlots | undefined {
  const { maxConnections, budget, used = 0 } = status;
  if (maxConnections === undefined || budget === undefined) return undefined;
  const foreign = Math.min(status.foreign ?? 0, maxConnections);
  return {
    ...{ maxConnections, used, foreign },
    free: Math.max(0, budget - used),
    kept: Math.max(0, maxConnections - foreign - Math.max(0, budget)),
  };
}

type Replica = NonNullable<PolicyReport["status"]["replicas"]>[number];

function slotsOfReplica({
  maxConnections,
  budget,
  used = 0,
  foreign = 0,
}: Replica): ServerSlots | undefined {
  if (maxConnections === undefined || budget === undefined) return undefined;
  const kept = Math.max(0, maxConnections - foreign - Math.max(0, budget));
  return { ...{ maxConnections, used, foreign, kept }, free: Math.max(0, budget - used) };
}

function notReadyOf(report: PolicyReport): NotReady[] {
  const condition = readyOf(report);
  if (condition?.status === "True") return [];
  const { namespace, name: policy } = report;
  return [{ namespace, policy, reason: condition?.reason ?? "NotDecidedYet" }];
}

function verdictOf(notReady: readonly NotReady[]): string {
  const words = notReady.map(({ namespace, policy, reason }) => {
    return `${reason} (${namespace}/${policy})`;
  });
  const [first, ...more] = words.sort();
  if (first === undefined) return "Ready";
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

function readyOf({ status }: PolicyReport): Condition | undefined {
  return status.conditions?.find(({ type }) => type === "Ready");
}
