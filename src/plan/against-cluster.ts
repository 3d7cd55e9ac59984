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
import { type Answer, type SizedPool, withSizesBefore } from "./answer.ts";
import { newPolicyProblem } from "./check-policy.ts";
import { concerning } from "./concerning.ts";
import { decideChange, type DecidedChange, type PlanWorld } from "./decide.ts";
import { type Guarding, guardingOf } from "./disruption-budgets.ts";
import { answerOn, driven, type Foreseen, type Given, prepared, type Problems } from "./drive.ts";
import { withGivenLimits } from "./given-limits.ts";
import {
  type LiveFleet,
  publishedLimits,
  publishedMayResize,
  publishedUris,
} from "./live-fleet.ts";
import { liveLogins } from "./live-logins.ts";
import { loginsIn, readingOf } from "./live-reading.ts";
import { dataIn } from "./manifest-cluster.ts";
import { type ManifestStores, storesOf } from "./manifest-stores.ts";
import { idOf, type ManifestObject } from "./objects.ts";
import { applyOver, type OverLive } from "./over-live.ts";
import type { PlanRequest } from "./plan-arguments.ts";
import { type FilledSecrets, loginKeysOf, withMissingSecrets } from "./secrets.ts";
import { scalePods } from "./started-pods.ts";
import { StepRecord } from "./steps.ts";
import { unlikePublished } from "./unlike-published.ts";
import { applyWhatIfs, type WhatIf } from "./what-if.ts";

export async function againstCluster(given: Given, fleet: LiveFleet): Promise<Answer | Problems> {
  const problems = refusedIn(given.objects.objects, fleet.objects);
  if (problems.length > 0) return { problems };
  const objects = mergedWith(fleet.objects, given.objects.objects);
  const merged: Given = { ...given, objects: { ...given.objects, objects } };
  const foreseen = await foreseeChange(merged, fleet, given.objects.objects);
  if ("problems" in foreseen) return foreseen;
  const answer = answerOn(merged, foreseen, given.objects.objects);
  if ("problems" in answer) return answer;
  const { before, record } = foreseen.decided;
  const compared = withSizesBefore(answer, [...before.values()].flatMap(sizesIn));
  const concerned = concerning(given, compared, { ...foreseen.decided, record });
  const servers = concerned.servers.map(({ server }) => server);
  const unlike = isOfOtherLimits(given.request)
    ? []
    : unlikePublished(before, servers, fleet.objects);
  return { ...concerned, notes: [...unlike, ...concerned.notes] };
}

function refusedIn(
  manifests: readonly ManifestObject[],
  live: readonly ManifestObject[],
): readonly string[] {
  const policies = manifests.filter(({ kind }) => kind === policyKind);
  return policies.flatMap((policy) => {
    const before = live.find((one) => idOf(one) === idOf(policy));
    return newPolicyProblem(policy, before) ?? [];
  });
}

/** Then the plan is to differ from what is published. */
function isOfOtherLimits({ limits }: PlanRequest): boolean {
  const { maxConnections, reservedConnections, roleLimits, otherSessions, poolMode } = limits;
  const given = maxConnections.length + reservedConnections + roleLimits.size + otherSessions;
  return given > 0 || poolMode !== undefined;
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
  const { objects, request, surroundings } = given;
  const stores = storesOf(fleet.objects);
  const wanted = storesOf(objects.objects);
  const limits = publishedLimits(stores.policies.values(), request.limits);
  const known = publishedUris(stores.policies.values());
  const logins = loginsIn(stores, wanted, { manifests, request });
  const live = request.reads ? await liveLogins(logins, fleet.readData) : new Map<string, never>();
  withGivenLimits(stores, request.limits);
  const replaced = withGivenLimits(wanted, request.limits);
  const data = new Map([...live, ...dataIn(manifests)]);
  const ready = prepared(given, { stores: wanted, data, known });
  if ("problems" in ready) return ready;
  const reading = readingOf(given, { logins, data: ready.secrets.data, limits });
  const drive = await driven(given, {
    ...{ stores, limits, readData: fleet.readData, databaseOf: reading.databaseOf },
    mayResize: publishedMayResize(stores.policies.values()),
    data: withMissingSecrets(stores, live, { said: surroundings.uri, known }).data,
    decide: (world) =>
      decideSteps(world, request, {
        ...{ manifests, live: fleet.objects, data: ready.secrets.data },
        guarding: guardingOf({
          ...{ live: fleet.budgets, manifests: objects.budgets },
          ...{ objects: objects.objects, stores },
        }),
      }),
  });
  const notes = [...ready.notes, ...reading.notes()];
  const asked = { ...drive.asked, answered: reading.answered() ?? drive.asked.answered };
  const secrets = { ...ready.secrets, standIns: standInsOf(manifests, ready.secrets.standIns) };
  return {
    ...{ stores, replaced, secrets, published: limits.published },
    ...{ ...drive, asked, notes },
  };
}

/** Of the policies that are applied: of the others nobody asks. */
function standInsOf(
  manifests: readonly ManifestObject[],
  all: FilledSecrets["standIns"],
): FilledSecrets["standIns"] {
  const policies = [...storesOf(manifests).policies.values()];
  const named = new Set(
    policies.flatMap(loginKeysOf).map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return new Map([...all].filter(([, secret]) => named.has(secret)));
}

interface Applying extends OverLive {
  readonly data: FilledSecrets["data"];
  readonly guarding: Guarding;
}

async function decideSteps(
  world: PlanWorld,
  { limits, whatIfs }: PlanRequest,
  { data, guarding, ...over }: Applying,
): Promise<DecidedSteps> {
  const { stores, cluster } = world;
  const record = new StepRecord(guarding);
  const decided = await decideChange(world, {
    apply: (nowMs, before) => {
      record.startFrom(before);
      cluster.replaceData(data);
      record.applied(applyOver(stores, over, nowMs));
      withGivenLimits(stores, limits);
      makeWhatIfs(stores, whatIfs, { record, nowMs });
    },
    tell: (plan) => {
      record.decided(plan);
    },
  });
  record.settled(decided.plans.values());
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
    const there = stores.pods.byIndex(byWorkload, key).length;
    if (there === workload.replicas) continue;
    scalePods(stores, key, nowMs);
    if (there < workload.replicas) record.starts(key, "scaled");
  }
}

function sizesIn(plan: Plan): SizedPool[] {
  return poolsHere(plan).map((pool) => ({
    policy: pool.position.policy.key,
    pool: poolNameIn(pool.position.pool.poolKey),
    poolSize: rowOf(plan, pool).poolSize,
  }));
}
