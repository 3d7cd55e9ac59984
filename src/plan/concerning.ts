// Of an answer about all that runs, the part that a change has to do with: servers of the pools
// that the manifests or what-ifs name, and servers on which anything moves. Whether it fits is
// judged by these alone: what is wrong elsewhere was wrong before.

import { at } from "../adapters/kubernetes/raw-values.ts";
import { kind as policyKind } from "../api/group.ts";
import type { Plan } from "../domain/decide/plan.ts";
import { poolsHere } from "../domain/decide/pool-plan.ts";
import { rowOf } from "../domain/explain/rows.ts";
import type { PolicyKey, ServerKey } from "../domain/facts/facts.ts";
import { type Answer, exitStatusOf, type PoolAnswer } from "./answer.ts";
import type { DecidedChange } from "./decide.ts";
import type { Given } from "./drive.ts";
import { idOf, type ManifestObject } from "./objects.ts";
import type { StepRecord } from "./steps.ts";

export function concerning(
  { objects: { objects }, request: { whatIfs } }: Given,
  answer: Answer,
  { before, plans, record }: DecidedChange & { readonly record: StepRecord },
): Answer {
  const given = new Set(objects.flatMap((object) => [idOf(object), ...targetOf(object)]));
  const isGiven = ({ policy, pool }: PoolAnswer): boolean => {
    const [namespace = ""] = policy.split("/");
    const [kind = "", name = ""] = pool.split("/");
    const isAsked = whatIfs.some(
      (one) => one.kind === kind && one.name === name && (one.namespace ?? namespace) === namespace,
    );
    return (
      isAsked || given.has(`${policyKind} ${policy}`) || given.has(idOf({ kind, namespace, name }))
    );
  };
  const moved = answer.servers.filter(
    ({ server, pools }) =>
      pools.some(isGiven) || accountOf(before.get(server)) !== accountOf(plans.get(server)),
  );
  const concerned = new Set(moved.flatMap(({ server }) => policiesOn(plans.get(server))));
  // With the read replicas of those policies, or the servers that they are replicas of.
  const servers = answer.servers.filter(({ server }) =>
    policiesOn(plans.get(server)).some((policy) => concerned.has(policy)),
  );
  const policies = answer.policies.filter(
    ({ policy }) => concerned.has(policy) || given.has(`${policyKind} ${policy}`),
  );
  const names = new Set<ServerKey>(servers.map(({ server }) => server));
  const peaks = record.peaks().filter(({ server }) => names.has(server));
  const exitStatus = worstOf(exitStatusOf(policies), peaks.length > 0);
  const steps = record.steps;
  return { ...answer, fits: exitStatus === 0, exitStatus, servers, policies, steps, peaks };
}

function policiesOn(plan: Plan | undefined): readonly PolicyKey[] {
  return (plan?.snapshot.policies ?? []).map(({ key }) => key);
}

/** What an autoscaler scales. */
function targetOf({ kind, namespace, raw }: ManifestObject): readonly string[] {
  if (kind !== "HorizontalPodAutoscaler" && kind !== "ScaledObject") return [];
  const target = at(raw, "spec", "scaleTargetRef");
  const [targetKind, name] = [at(target, "kind") ?? "Deployment", at(target, "name")];
  if (typeof targetKind !== "string" || typeof name !== "string") return [];
  return [idOf({ kind: targetKind, namespace, name })];
}

/** What moves if anything does. */
function accountOf(plan: Plan | undefined): string {
  if (!plan) return "";
  const rows = poolsHere(plan).map((pool) => {
    const { workload, poolSize, replicas, plannedPods, slots, decision } = rowOf(plan, pool);
    return [pool.position.policy.key, workload, poolSize, replicas, plannedPods, slots, decision];
  });
  return JSON.stringify([plan.budgetSlots, plan.exposure.slots, rows]);
}

function worstOf(status: Answer["exitStatus"], isOver: boolean): Answer["exitStatus"] {
  return status === 0 && isOver ? 1 : status;
}
