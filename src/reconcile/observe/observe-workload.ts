// One workload and its pods as facts: caches in, numbers out. No decision is made here.

import { furtherPool, podsKind, poolKeyOf, workloadKeyOf } from "../../api/keys.ts";
import { pickedKinds } from "../../api/workload-kinds.ts";
import { assumedFindings } from "../sizes/assumed-size.ts";
import { poolSizeIn } from "../sizes/said-size.ts";
import { durationMs } from "../../api/durations.ts";
import { fieldManager, poolSizeAnnotationOf } from "../../api/group.ts";
import type { EngineName } from "../../api/engines.ts";
import type { PoolPolicySpec, WorkloadEntry, WorkloadRow } from "../../api/poolpolicy.ts";
import { entriesFor } from "../../api/sizing.ts";
import { countable } from "../../domain/demand/countable.ts";
import type {
  Delivery,
  Finding,
  PodFacts,
  PolicyKey,
  ServerKey,
  PoolFacts,
} from "../../domain/facts/facts.ts";
import { timeMs } from "../../domain/words/iso-time.ts";
import { percentCeil } from "../../domain/demand/slots.ts";
import type {
  ObservedContainer,
  ObservedPod,
  ObservedReplicaSet,
  PickedWorkload,
} from "../../observed.ts";
import type { PastRoll } from "../memory/past-rolls.ts";
import { identityOf } from "./identity.ts";
import { lastRollFacts } from "./last-roll.ts";
import { pickContainer } from "../sizes/picked-container.ts";
import { countedFacts, isCounted, toldOf } from "../sizes/counted.ts";
import { boundsWith, foundPoolSize } from "../sizes/default-ceiling.ts";
import { grantOn, type GrantsOnWorkload } from "./hand-over.ts";
import { podFacts } from "./observe-pod.ts";
import type { ClaimedPool, Planning } from "./pools-of-workload.ts";
import { newestRevisionOf } from "./predecessors.ts";
import { templateFindings } from "./template-findings.ts";
import { withoutOtherPools } from "../sizes/other-pools.ts";
import { withoutOtherServers } from "../sizes/other-servers.ts";
import { lifetimeFacts } from "../sizes/pool-lifetime.ts";
import { largestOwnSize } from "../sizes/own-size.ts";
import type { Lookups } from "../references/references.ts";
import { entrySizing } from "../sizes/entry-sizing.ts";
import { replacedSize, withPendingRoll } from "../sizes/replaced-size.ts";
import { sizeFacts, saidFindings } from "../sizes/size-facts.ts";

export interface WorkloadSources extends Partial<Pick<ClaimedPool, "namesOfOthers" | "conflicts">> {
  readonly workload: PickedWorkload;
  readonly spec: PoolPolicySpec;
  readonly entry: WorkloadEntry;
  /** Of the entry in the policy's list. */
  readonly entryIndex: number;
  /** What the entries of all pools say of the pods. */
  readonly planning: Planning;
  readonly policy: PolicyKey;
  /** Names of the policy's server, as host:port; its kind. */
  readonly servers: readonly ServerKey[];
  readonly engine: EngineName;
  /** Of its server; absent: not known. */
  readonly idleTimeoutSeconds?: number | undefined;
  readonly delivery: Delivery;
  readonly claimedBy: readonly PolicyKey[];
  readonly grants: GrantsOnWorkload;
  readonly autoscalerMaxReplicas: number | undefined;
  readonly pods: readonly ObservedPod[];
  readonly lookups: Lookups;
  /** Of every Deployment that has or had its name. */
  readonly replicaSets: readonly ObservedReplicaSet[];
  readonly lastRoll: PastRoll | undefined;
  /** The workload's row in the last status of its policy. */
  readonly row: WorkloadRow | undefined;
  /** A write of ours to it is not in the caches yet. */
  readonly isPending: boolean;
}

export function workloadFacts(observed: WorkloadSources): PoolFacts {
  const { spec, entry, policy, claimedBy, lookups } = observed;
  const counting = entrySizing(spec, entry);
  const sources = withoutOtherServers(withoutOtherPools(observed), counting);
  const { workload } = sources;
  const { container, sizedContainer, ...choice } = pickContainer(entry, workload, counting);
  const rollout = rolloutFacts(sources);
  const template = templateFacts(sources, container);
  const { poolSize } = template.template;
  const found = foundPoolSize(
    { ...sources, pool: entry.pool, template: template.template },
    counting,
  );
  const resolve = lookups.inTemplate(workload.namespace);
  const { sizing, findings, ...beside } = sizeFacts({
    ...sources,
    ...workload,
    container,
    resolve,
  });
  const all = sources.pods.flatMap((pod) => podFacts(pod, { ...sources, container }, counting));
  const { pods, ...waiting } = withoutWaiting(all, entry);
  const ownFindings = toldOf(entry, [
    ...(observed.conflicts ?? []),
    ...choice.findings,
    ...saidFindings({ ...template, pods, ...countedFacts(entry) }, sizing),
    ...findings,
    ...assumedFindings(entry, { container, template: template.template, sizing: counting }),
    ...templateFindings(sources, container),
  ]);
  return countable({
    ...identityOf(workload),
    poolKey: poolKeyOf(workloadKeyOf(workload), entry.pool),
    exists: true,
    policy,
    entry: sources.entryIndex,
    ...countedFacts(entry),
    sizing: { ...sizing, ...boundsWith(found, sizing, entry) },
    claimedBy,
    replicas: workload.replicas,
    strategy: workload.strategy,
    surgePods: surgePodsOf(workload, sources),
    waitsForTermination: workload.waitsForTermination,
    paused: workload.paused,
    stuck: workload.stuck,
    ...rollout,
    autoscalerMaxReplicas: sources.autoscalerMaxReplicas,
    plannedPods: sources.planning.plannedPods,
    maxPods: sources.planning.maxPods,
    container: sizedContainer,
    ...template,
    ...found,
    ...beside,
    ...lifetimeFacts(sources, container),
    ...replacedSize({ ...sources, ...rollout, replicas: workload.replicas, poolSize }),
    ...grantInForce(sources, { container: sizedContainer, ...sizing, ...beside }, ownFindings),
    ...recentPlanOf(sources.row),
    pods,
    ...waiting,
    findings: ownFindings,
  });
}

/** A workload's pods wait once, whatever pools they have; of those that end nothing ever runs. */
function withoutWaiting(
  all: readonly PodFacts[],
  { pool }: Pick<WorkloadEntry, "pool">,
): Pick<PoolFacts, "pods" | "waitingPods"> {
  const waiting = all.filter(({ gate }) => gate !== undefined);
  if (waiting.length === 0) return { pods: all };
  const pods = all.filter(({ gate }) => gate === undefined);
  const waitingPods = waiting.filter(({ terminating }) => !terminating);
  const isMain = furtherPool(pool) === undefined;
  return { pods, ...(isMain && waitingPods.length > 0 && { waitingPods }) };
}

/** None where what it writes is read by nobody, or is not written: the template's size counts. */
function grantInForce(
  { grants, entry }: WorkloadSources,
  pool: Parameters<typeof grantOn>[1],
  findings: readonly Finding[],
): ReturnType<typeof grantOn> {
  const isVain = findings.some(
    ({ reason }) => reason === "SizeOverridden" || reason === "NotANumber",
  );
  return grantOn(isVain || isCounted(entry) ? { own: undefined, others: [] } : grants, pool);
}

type RolloutFacts = Pick<
  PoolFacts,
  "rollingOut" | "updatedReplicas" | "updateRevision" | "isUnseen"
>;

/**
 * The controller's account of a rollout, which lags behind its pods by a moment; the revision does
 * not.
 */
function rolloutFacts({ workload, pods, replicaSets, isPending }: WorkloadSources): RolloutFacts {
  // No pod can be of a template that was written just now.
  if (isPending) return { rollingOut: true, updatedReplicas: 0, updateRevision: "" };
  const updateRevision = updateRevisionOf(workload, replicaSets, pods);
  const isKnown = pickedKinds[workload.kind].hasReplicaSets && updateRevision !== undefined;
  const isOld = (pod: ObservedPod): boolean => !pod.finished && pod.revision !== updateRevision;
  // What the controller has not seen yet may be a new template, ours perhaps.
  const isUnseen = workload.generation > workload.observedGeneration;
  return {
    // The counts may come before the new revision itself: each is a watch of its own.
    rollingOut:
      isUnseen ||
      workload.statusReplicas > workload.updatedReplicas ||
      isBeingRecreated(workload) ||
      (isKnown && pods.some(isOld)),
    updatedReplicas: workload.updatedReplicas,
    updateRevision,
    ...(isUnseen && { isUnseen: true as const }),
  };
}

/**
 * Of the template as it is now. A paused Deployment whose template was changed makes no ReplicaSet
 * of it before it is resumed: its controller counts no pod as updated, and the newest ReplicaSet is
 * an old one.
 */
function updateRevisionOf(
  workload: PickedWorkload,
  replicaSets: readonly ObservedReplicaSet[],
  pods: readonly ObservedPod[],
): string | undefined {
  const { paused, statusReplicas, updatedReplicas } = workload;
  if (paused && statusReplicas > 0 && updatedReplicas === 0) return "";
  return workload.updateRevision ?? newestRevisionOf(workload, replicaSets, pods);
}

/** Its new revision comes only when all old pods are gone: until then none seems to be old. */
function isBeingRecreated({ updatedReplicas, replicas, strategy }: PickedWorkload): boolean {
  return strategy === "Recreate" && updatedReplicas < replicas;
}

/** maxSurge rounds up, and is worked out for as many pods as the workload may come to have. */
function surgePodsOf(
  { maxSurge, replicas }: PickedWorkload,
  { autoscalerMaxReplicas = 0, planning }: WorkloadSources,
): number {
  if (typeof maxSurge === "number") return maxSurge;
  const podsMax = Math.max(replicas, autoscalerMaxReplicas, planning.maxPods ?? 0);
  const percent = Number.parseInt(maxSurge, 10);
  return percentCeil(podsMax, Number.isNaN(percent) ? surgePercentDefault : percent);
}

/** Of a Deployment's rolling update. */
const surgePercentDefault = 25;

type TemplateFacts = Pick<
  PoolFacts,
  | "template"
  | "templateIsWhole"
  | "otherManagers"
  | "writtenPoolSize"
  | "reverts"
  | "undone"
  | "rolledAtMs"
  | "isRollUndone"
  | "ownRollAtMs"
  | "rolledPoolSize"
>;

function templateFacts(
  sources: WorkloadSources,
  container: ObservedContainer | undefined,
): TemplateFacts {
  const { workload, spec, entry, lookups } = sources;
  const holders = container ? [container] : workload.containers;
  const sizing = entrySizing(spec, entry);
  const resolve = lookups.inTemplate(workload.namespace);
  const seen = isSizedExample(sources)
    ? largestOwnSize([], sizing, { annotation: undefined, resolve })
    : largestOwnSize(holders, sizing, { annotation: undefined, resolve });
  const template = withPendingRoll(seen, sources);
  const wanted = entriesFor(spec, entry, template.poolSize, sources.idleTimeoutSeconds);
  const written = workload.templateAnnotations[poolSizeAnnotationOf(furtherPool(entry.pool))];
  const managers = wanted.flatMap(
    ({ name }) => workload.envManagers[`${container?.name ?? ""}/${name}`] ?? [],
  );
  return {
    template,
    templateIsWhole: wanted.every(
      ({ name, value }) => container?.env.findLast((e) => e.name === name)?.value === value,
    ),
    otherManagers: [...new Set(managers)].filter((name) => name !== fieldManager).sort(),
    // Of a workload that was released, the annotation is nobody's word any more.
    writtenPoolSize: written === undefined || !workload.ownedByUs ? undefined : poolSizeIn(written),
    ...lastRollFacts(sources),
  };
}

/** Of pods that are picked by labels: what their template says is not known, we wrote over it. */
function isSizedExample({ workload, entry }: WorkloadSources): boolean {
  const annotation = poolSizeAnnotationOf(furtherPool(entry.pool));
  return workload.kind === podsKind && workload.templateAnnotations[annotation] !== undefined;
}

/** What the last status planned for, and since when fewer pods would be. */
export function recentPlanOf(row: WorkloadRow | undefined): Pick<PoolFacts, "recentPlan"> {
  if (!row) return {};
  const plannedPods = row.recentlyPlannedPods ?? row.plannedPods;
  return { recentPlan: { plannedPods, fewerSinceMs: timeMs(row.fewerSince) } };
}

export function cooldownMsOf({ stability }: PoolPolicySpec): number {
  return durationMs(stability.cooldown);
}
