// What the deployment controller, its ReplicaSets and the kubelet do to the memory world's pods, at
// their worst: a rollout starts every new pod while all the old ones still end, as a default
// rolling update may. Pods get their size as the API server would give it: the grant in a policy's
// status where admission works, else what their template says.

import { mainPool, poolKeyOf, poolNameIn, workloadKeyOf } from "../../../src/api/keys.ts";
import { poolSizeAnnotation } from "../../../src/api/group.ts";
import type { PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import type {
  EnvEntry,
  ObservedContainer,
  ObservedPod,
  ObservedPresence,
  ObservedWorkload,
} from "../../../src/observed.ts";
import { byWorkload } from "../../../src/reconcile/caches.ts";
import { holdsNumber } from "../../../src/reconcile/sizes/not-a-number.ts";
import { addressOf } from "./cluster.ts";
import type { MemoryStores } from "./stores.ts";

interface Revision {
  readonly template: string;
  readonly name: string;
  number: number;
}

export class DeploymentController {
  /** How long a pod that was told to end goes on to hold its sessions. */
  graceMs = 0;
  /** Away as in a leader change of its own: writes of others are seen by nobody. */
  isAway = false;
  /** Whether the API server acts on grants: an admission policy may be there and do nothing. */
  admits = true;
  /** Whether a gate that it adds is still there when the pod is stored: others may take it away. */
  gates = true;
  /** Rollouts that do not get on, by the name of the Deployment: the condition's message. */
  readonly stuck = new Map<string, string>();
  readonly #stores: MemoryStores;
  readonly #revisions = new Map<string, Revision[]>();
  readonly #endsAtMs = new Map<string, number>();
  #podsMade = 0;

  constructor(stores: MemoryStores) {
    this.#stores = stores;
  }

  run(nowMs: number): void {
    this.#removeEnded(nowMs);
    if (this.isAway) return;
    for (const deployment of [...this.#stores.Deployment.values()]) this.#keep(deployment, nowMs);
    for (const pod of [...this.#stores.pods.values()]) {
      if (this.#isOrphan(pod)) this.end(pod, nowMs);
    }
  }

  #keep(deployment: ObservedWorkload, nowMs: number): void {
    const revision = this.#revisionOf(deployment);
    const all = this.#stores.pods.byIndex(byWorkload, workloadKeyOf(deployment));
    const live = all.filter(({ terminating }) => !terminating);
    const isRollout = live.some((pod) => pod.revision !== revision);
    const stuck = isRollout ? this.stuck.get(deployment.name) : undefined;
    const stays = (pod: ObservedPod): boolean =>
      pod.revision === revision || stuck !== undefined || deployment.paused;
    const kept = live.filter(stays);
    const wanted = deployment.replicas + (stuck === undefined ? 0 : 1);
    for (const pod of live.filter((one) => !stays(one))) this.end(pod, nowMs);
    for (const pod of kept.slice(wanted)) this.end(pod, nowMs);
    for (let count = kept.length; count < wanted; count++) this.#start(deployment, revision, nowMs);
    this.#tell(deployment, revision, stuck);
  }

  /** The controller's own account: status, and that it has seen the newest spec. */
  #tell(deployment: ObservedWorkload, revision: string, stuck: string | undefined): void {
    const live = this.#stores.pods
      .byIndex(byWorkload, workloadKeyOf(deployment))
      .filter(({ terminating }) => !terminating);
    const told = {
      observedGeneration: deployment.generation,
      statusReplicas: live.length,
      updatedReplicas: this.#hasRevision(deployment)
        ? live.filter((pod) => pod.revision === revision).length
        : 0,
      stuck,
    };
    const isNew = Object.entries(told).some(
      ([field, value]) => deployment[field as keyof typeof told] !== value,
    );
    if (!isNew) return;
    const resourceVersion = this.#stores.nextVersion();
    this.#stores.Deployment.set({ ...deployment, ...told, resourceVersion });
  }

  /** While it is paused, a template that was changed has none. */
  #hasRevision(deployment: ObservedWorkload): boolean {
    const known = this.#revisions.get(workloadKeyOf(deployment)) ?? [];
    const newest = known.toSorted((a, b) => b.number - a.number)[0];
    return newest?.template === templateOf(deployment);
  }

  /** The ReplicaSet of the template: a new one, or an old one again, as after `rollout undo`. */
  #revisionOf(deployment: ObservedWorkload): string {
    const key = workloadKeyOf(deployment);
    const template = templateOf(deployment);
    const known = this.#revisions.get(key) ?? [];
    this.#revisions.set(key, known);
    const newest = known.toSorted((a, b) => b.number - a.number)[0];
    if (newest && (deployment.paused || newest.template === template)) return newest.name;
    const number = (newest?.number ?? 0) + 1;
    const before = known.find((one) => one.template === template);
    const revision = before ?? { template, name: `r${known.length + 1}`, number };
    revision.number = number;
    if (!before) known.push(revision);
    this.#stores.replicaSets.set({
      key: `${deployment.key}-${revision.name}`,
      uid: `${key}-${revision.name}`,
      resourceVersion: this.#stores.nextVersion(),
      workload: key,
      revision: revision.name,
      revisionNumber: number,
    });
    return revision.name;
  }

  #start(deployment: ObservedWorkload, revision: string, nowMs: number): void {
    const key = `${deployment.key}-${(this.#podsMade += 1)}`;
    const admitted = this.#admitted(deployment);
    this.#stores.pods.set({
      key,
      uid: key,
      resourceVersion: this.#stores.nextVersion(),
      workload: workloadKeyOf(deployment),
      revision,
      createdAtMs: nowMs,
      terminating: false,
      finished: false,
      addresses: admitted.gate ? [] : [addressOf(key)],
      ...admitted,
    });
  }

  /** As the admission policy would have it: every policy of the namespace that has a grant. */
  #admitted(deployment: ObservedWorkload): AdmittedPod {
    let { containers } = deployment;
    const sizes = annotatedSizes(deployment);
    let isLive = false;
    let isGated = false;
    for (const { pool, grant } of this.admits ? poolGrantsOn(this.#stores, deployment) : []) {
      containers = containers.map((one) => withEntries(one, grant));
      sizes.set(pool, String(grant.poolSize));
      if (pool !== mainPool) continue;
      isLive = grant.liveVariable !== undefined;
      isGated = this.gates && isLive && grant.gatedFrom !== undefined;
    }
    const further = [...sizes].filter(([pool]) => pool !== mainPool);
    return {
      containers,
      poolSizeAnnotation: sizes.get(mainPool),
      ...(isLive && { live: true as const }),
      ...(isGated && { gate: { place: 0 } }),
      ...(further.length > 0 && { furtherPoolSizes: Object.fromEntries(further) }),
    };
  }

  #isOrphan({ workload = "", terminating }: ObservedPod): boolean {
    const [namespace = "", kind, name = ""] = workload.split("/");
    const isGone = this.#stores.Deployment.get(`${namespace}/${name}`) === undefined;
    return kind === "Deployment" && isGone && !terminating;
  }

  end(pod: ObservedPod, nowMs: number): void {
    if (this.graceMs === 0) {
      this.#stores.pods.delete(pod.key);
      return;
    }
    this.#endsAtMs.set(pod.key, nowMs + this.graceMs);
    const resourceVersion = this.#stores.nextVersion();
    this.#stores.pods.set({ ...pod, terminating: true, resourceVersion });
  }

  #removeEnded(nowMs: number): void {
    for (const [key, endsAtMs] of this.#endsAtMs) {
      if (endsAtMs > nowMs) continue;
      this.#endsAtMs.delete(key);
      this.#stores.pods.delete(key);
    }
  }
}

type AdmittedPod = Pick<
  ObservedPod,
  "containers" | "poolSizeAnnotation" | "furtherPoolSizes" | "live" | "gate"
>;

/** By pool. */
function annotatedSizes({ templateAnnotations }: ObservedWorkload): Map<string, string> {
  const all = Object.entries(templateAnnotations).filter(([name]) => {
    return name.startsWith(poolSizeAnnotation);
  });
  return new Map(
    all.map(([name, size]) => [name.slice(poolSizeAnnotation.length + 1) || mainPool, size]),
  );
}

type Grants = NonNullable<PoolPolicyStatus["grants"]>;

interface PoolGrant {
  readonly pool: string;
  readonly grant: Grants[string];
}

/** The grants that the API server would act on for a new pod of the workload. */
export function grantsOn(...given: Parameters<typeof poolGrantsOn>): Grants[string][] {
  return poolGrantsOn(...given).flatMap(({ pool, grant }) => (pool === mainPool ? grant : []));
}

/** The same of all of its pools: of further ones those that the policy's entries name. */
function poolGrantsOn(
  { policies, admissionPolicies, admissionBindings }: MemoryStores,
  { namespace, kind, name }: Pick<ObservedWorkload, "namespace" | "kind" | "name">,
): PoolGrant[] {
  const reaches = ({ namespaces }: ObservedPresence): boolean =>
    namespaces?.includes(namespace) !== false;
  const isSized = [admissionPolicies, admissionBindings].every((store) =>
    [...store.values()].some(reaches),
  );
  if (!isSized) return [];
  return [...policies.values()].flatMap((policy) => {
    const { mode = "Enforce", workloads = [] } = policy.spec as {
      readonly mode?: string;
      readonly workloads?: readonly { readonly pool?: string }[];
    };
    const { delivery, grants = {} } = (policy.status ?? {}) as PoolPolicyStatus;
    const isActive = policy.namespace === namespace && mode === "Enforce" && !policy.deleting;
    if (!isActive || delivery !== "Admission") return [];
    const named = workloads.map(({ pool = mainPool }) => pool);
    return [...new Set([mainPool, ...named])].flatMap((pool) => {
      const grant = grants[poolNameIn(poolKeyOf(`${namespace}/${kind}/${name}`, pool))];
      return grant ? [{ pool, grant }] : [];
    });
  });
}

function withEntries(container: ObservedContainer, grant: Grants[string]): ObservedContainer {
  if (container.name !== grant.container) return container;
  const names = new Set(grant.env.map(({ name }) => name));
  const ours = container.env.filter(({ name }) => names.has(name));
  if (!ours.every((entry) => holdsNumber(entry, container.env))) return container;
  const others = container.env.filter(({ name }) => !names.has(name));
  const env = grant.env.map((entry): EnvEntry => {
    return entry.name === grant.liveVariable ? { name: entry.name, isOwnSize: true } : entry;
  });
  return { ...container, env: [...env, ...others] };
}

function templateOf({ uid, containers, templateAnnotations }: ObservedWorkload): string {
  return JSON.stringify({ uid, containers, templateAnnotations });
}
