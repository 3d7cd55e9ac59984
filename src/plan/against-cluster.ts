// A plan over a fleet that runs: its policies, workloads and autoscalers as the API server has
// them, with the sizes that the operator has published; then the manifests put over them; then what
// the operator makes of it, decision by decision. Nothing is written.

import { kind as policyKind } from "../api/group.ts";
import { poolNameIn, workloadKeyOf } from "../api/keys.ts";
import { workloadKindNames } from "../api/workload-kinds.ts";
import type { Plan } from "../domain/decide/plan.ts";
import { poolsHere } from "../domain/decide/pool-plan.ts";
import { rowOf } from "../domain/explain/rows.ts";
import { byWorkload } from "../reconcile/caches.ts";
import {
  type Answer,
  exitStatusOf,
  type PoolAnswer,
  type SizedPool,
  withSizesBefore,
} from "./answer.ts";
import { decideChange, type DecidedChange, type PlanWorld } from "./decide.ts";
import { answerOn, driven, type Foreseen, type Given, prepared, type Problems } from "./drive.ts";
import { withGivenLimits } from "./given-limits.ts";
import { type LiveFleet, publishedLimits, publishedUri } from "./live-fleet.ts";
import { dataIn } from "./manifest-cluster.ts";
import { type ManifestStores, storesOf } from "./manifest-stores.ts";
import { idOf, type ManifestObject } from "./objects.ts";
import { applyOver, type OverLive } from "./over-live.ts";
import type { PlanRequest } from "./plan-arguments.ts";
import { scalePods } from "./started-pods.ts";
import { StepRecord } from "./steps.ts";
import { applyWhatIfs, type WhatIf } from "./what-if.ts";

export async function againstCluster(given: Given, fleet: LiveFleet): Promise<Answer | Problems> {
  const objects = mergedWith(fleet.objects, given.objects.objects);
  const merged: Given = { ...given, objects: { ...given.objects, objects } };
  const foreseen = await foreseeChange(merged, fleet, given.objects.objects);
  if ("problems" in foreseen) return foreseen;
  const answer = answerOn(merged, foreseen);
  if ("problems" in answer) return answer;
  const { before, record } = foreseen.decided;
  const compared = withSizesBefore(answer, [...before.values()].flatMap(sizesIn));
  return concerning(given, compared, record);
}

interface DecidedSteps extends DecidedChange {
  readonly record: StepRecord;
}

/** `manifests`: what is applied; the objects of `given` have what runs beside it. */
async function foreseeChange(
  given: Given,
  fleet: LiveFleet,
  manifests: readonly ManifestObject[],
): Promise<Foreseen<DecidedSteps> | Problems> {
  const { objects, request } = given;
  const stores = storesOf(fleet.objects);
  const limits = publishedLimits(stores.policies.values(), request.limits);
  const replaced = withGivenLimits(stores, request.limits);
  const wanted = {
    stores: storesOf(objects.objects),
    data: dataIn(manifests),
    known: publishedUri,
  };
  const ready = prepared(given, wanted);
  if ("problems" in ready) return ready;
  const drive = await driven(given, {
    ...{ stores, secrets: ready.secrets, limits, readData: fleet.readData },
    decide: (world) => decideSteps(world, request, { manifests, live: fleet.objects }),
  });
  return { stores, replaced, ...ready, published: limits.published, ...drive };
}

async function decideSteps(
  world: PlanWorld,
  { limits, whatIfs }: PlanRequest,
  over: OverLive,
): Promise<DecidedSteps> {
  const { stores } = world;
  const record = new StepRecord();
  const decided = await decideChange(world, {
    apply: (nowMs, before) => {
      record.startFrom(before);
      record.applied(applyOver(stores, over, nowMs));
      withGivenLimits(stores, limits);
      makeWhatIfs(stores, whatIfs, { record, nowMs });
    },
    tell: (plan) => {
      record.decided(plan);
    },
  });
  return { ...decided, record };
}

/** What the manifests say of an object counts; what only a cluster knows of it stays. */
function mergedWith(
  live: readonly ManifestObject[],
  manifests: readonly ManifestObject[],
): readonly ManifestObject[] {
  const running = new Map(live.map((object) => [idOf(object), object]));
  const applied = manifests.map((object) => {
    const there = running.get(idOf(object));
    if (object.kind !== policyKind || !there) return object;
    return { ...object, raw: { ...object.raw, status: there.raw["status"] } };
  });
  const ids = new Set(manifests.map(idOf));
  return [...applied, ...live.filter((object) => !ids.has(idOf(object)))];
}

function makeWhatIfs(
  stores: ManifestStores,
  whatIfs: readonly WhatIf[],
  { record, nowMs }: { readonly record: StepRecord; readonly nowMs: number },
): void {
  applyWhatIfs(stores, whatIfs);
  record.applied(whatIfs.map(({ text }) => ({ object: "--what-if", message: text })));
  for (const workload of workloadKindNames.flatMap((kind) => [...stores[kind].values()])) {
    const key = workloadKeyOf(workload);
    if (stores.pods.byIndex(byWorkload, key).length !== workload.replicas) {
      scalePods(stores, key, nowMs);
    }
  }
}

function sizesIn(plan: Plan): SizedPool[] {
  return poolsHere(plan).map((pool) => ({
    policy: pool.position.policy.key,
    pool: poolNameIn(pool.position.pool.poolKey),
    poolSize: rowOf(plan, pool).poolSize,
  }));
}

/** Of all that runs, the servers that the manifests have to do with, and whoever shares them. */
function concerning({ objects }: Given, answer: Answer, record: StepRecord): Answer {
  const given = new Set(objects.objects.map(idOf));
  const isGiven = ({ policy, pool }: PoolAnswer): boolean => {
    const [namespace = ""] = policy.split("/");
    const [kind = "", name = ""] = pool.split("/");
    return given.has(`${policyKind} ${policy}`) || given.has(idOf({ kind, namespace, name }));
  };
  const isMoved = ({ poolSizeBefore }: PoolAnswer): boolean => poolSizeBefore !== undefined;
  const servers = answer.servers.filter(
    ({ pools }) => given.size === 0 || pools.some((pool) => isGiven(pool) || isMoved(pool)),
  );
  const concerned = new Set(servers.flatMap(({ pools }) => pools.map(({ policy }) => policy)));
  const policies = answer.policies.filter(
    ({ policy }) => concerned.has(policy) || given.has(`${policyKind} ${policy}`),
  );
  const names = new Set(servers.map(({ server }) => server));
  const peaks = record.peaks().filter(({ server }) => names.has(server));
  const exitStatus = worstOf(exitStatusOf(policies), peaks.length > 0);
  const steps = record.steps;
  return { ...answer, fits: exitStatus === 0, exitStatus, servers, policies, steps, peaks };
}

function worstOf(status: Answer["exitStatus"], isOver: boolean): Answer["exitStatus"] {
  return status === 0 && isOver ? 1 : status;
}
