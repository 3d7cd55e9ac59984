// How a pod comes into being: a node, a name, one of the API servers that takes the request and
// gives it the size that it believes in, and the kubelet.

import type { Clock, Random } from "../../../src/ports.ts";
import type { ApiServer, PodToAdmit, PolicyHistory } from "./admission.ts";
import type { Kubelet } from "./kubelet.ts";
import type { Pod } from "./pod.ts";
import type { TakenGates } from "./taken-gates.ts";
import type { Template } from "./template.ts";
import { imageField } from "./template.ts";
import type { Workload } from "./workload.ts";
import {
  appContainer,
  type LookUp,
  type PoolSettings,
  slotsIn,
  withOwnSize,
} from "./workload-spec.ts";

export interface PodFactoryParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly kubelet: Kubelet;
  readonly policies: PolicyHistory;
  readonly apiServers: readonly ApiServer[];
  readonly nodes: readonly string[];
  readonly lookUp: LookUp;
  readonly takenGates: TakenGates;
  /** The quota forbids more pods of it. */
  readonly isBlocked: (workload: Workload) => boolean;
}

export interface NewPod {
  readonly name: string;
  readonly ownerUid: string;
  readonly revision: string;
  readonly template: Template;
  /** It came, changed or went. */
  readonly onChange: (pod: Pod) => void;
}

/** A pod of a Job. */
export interface JobPod {
  readonly namespace: string;
  readonly name: string;
  /** Kind/name. */
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What its template says. */
  readonly poolSize: number;
  readonly pools: PoolSettings;
  readonly graceMs: number;
}

function admissionOf({ namespace, owner, labels, poolSize }: JobPod): PodToAdmit {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: String(poolSize) }];
  const containers = [{ name: appContainer, env, envFrom: [] }];
  return { namespace, workload: owner, labels, containers };
}

const graceDefaultMs = 30_000;

export class PodFactory {
  readonly #parts: PodFactoryParts;
  #made = 0;

  constructor(parts: PodFactoryParts) {
    this.#parts = parts;
  }

  /** Undefined: it is forbidden. */
  create(workload: Workload, made: NewPod): Pod | undefined {
    const { name, ownerUid, revision, template, onChange } = made;
    const { clock, kubelet, isBlocked, takenGates } = this.#parts;
    const { spec, key, pools } = workload;
    // A pod of this name that still ends stands in the way.
    if (isBlocked(workload) || kubelet.get(`${spec.namespace}/${name}`)) return undefined;
    const number = ++this.#made;
    const node = this.#node(number);
    const { gated, ...admitted } = this.#admit(workload, template);
    const isPassedBy = gated === true && takenGates.isTaken(key);
    const pod: Pod = kubelet.create({
      namespace: spec.namespace,
      name,
      uid: `pod-${number}`,
      workload: key,
      workloadUid: workload.uid,
      ownerUid,
      node,
      createdAtMs: clock.nowMs(),
      revision,
      image: template.images.get(imageField(appContainer)) ?? "",
      ...admitted,
      ...(gated && !isPassedBy && { gated }),
      pools,
      lot: this.#parts.random.next(),
      graceMs: spec.graceMs ?? graceDefaultMs,
      onChange: () => {
        onChange(pod);
      },
    });
    if (isPassedBy) takenGates.note(pod);
    onChange(pod);
    return pod;
  }

  /** A pod that no workload makes; undefined: one of its name is there. */
  createJob(job: JobPod): Pod | undefined {
    const { clock, kubelet, random } = this.#parts;
    const { namespace, name, owner, labels, pools, graceMs } = job;
    if (kubelet.get(`${namespace}/${name}`)) return undefined;
    const number = ++this.#made;
    return kubelet.create({
      ...{ namespace, name, labels, pools, graceMs, uid: `pod-${number}` },
      workload: `${namespace}/${owner}`,
      ...{ workloadUid: owner, ownerUid: owner, node: this.#node(number), revision: "" },
      ...{ createdAtMs: clock.nowMs(), image: "job", lot: random.next() },
      ...this.#admitAs(admissionOf(job)),
      onChange: () => undefined,
    });
  }

  /** The most that such a pod could hold, on whichever API server. */
  nextSlotsOfJob(job: JobPod): number {
    return this.#mostOf(admissionOf(job), job.pools, job.pools.server);
  }

  /** The most that a pod of its newest template could hold on a server. */
  nextSlots(workload: Workload, on: string | undefined): number {
    return this.#mostSlots(workload, workload.template, on);
  }

  /** Slots of the pods that ReplicaSets of former templates are short of, where larger. */
  missingSlots(workload: Workload, on: string | undefined): readonly number[] {
    const next = this.nextSlots(workload, on);
    const former = workload.sets.filter(({ template }) => template.hash !== workload.template.hash);
    return former.flatMap((set) => {
      const missing = Math.max(0, set.replicas - set.active.length);
      const slots = missing === 0 ? 0 : this.#mostSlots(workload, set.template, on);
      return slots > next ? new Array<number>(missing).fill(slots) : [];
    });
  }

  /** On whichever API server. */
  #mostSlots(
    { spec, pools }: Workload,
    { containers: given }: Template,
    on = pools.server,
  ): number {
    const { kind, namespace, name } = spec;
    return this.#mostOf({ namespace, workload: `${kind}/${name}`, containers: given }, pools, on);
  }

  #mostOf(pod: PodToAdmit, pools: PoolSettings, on = ""): number {
    const { apiServers, policies, clock, lookUp, takenGates } = this.#parts;
    const key = `${pod.namespace}/${pod.workload}`;
    const sizes = apiServers.map((server) => {
      const { gatedFromMs, ...admitted } = server.preview(policies, pod, clock.nowMs());
      const { containers, annotation, gated } = admitted;
      // It holds nothing before it is released.
      if (gated && !takenGates.isKnowable(key, gatedFromMs ?? 0)) return 0;
      const app = containers.find((one) => one.name === appContainer);
      const own = app && withOwnSize(app, annotation);
      return slotsIn(own, pools, (reference) => lookUp(pod.namespace, reference), on);
    });
    return Math.max(...sizes);
  }

  /** The part of a name that makes it unique. */
  suffix(): string {
    return (this.#made + 1).toString(36).padStart(5, "0");
  }

  #admit({ spec }: Workload, { containers }: Template): ReturnType<ApiServer["admit"]> {
    const { namespace, kind, name } = spec;
    return this.#admitAs({ namespace, workload: `${kind}/${name}`, containers });
  }

  #admitAs(pod: PodToAdmit): ReturnType<ApiServer["admit"]> {
    const { apiServers, random, policies, clock } = this.#parts;
    const server = apiServers[Math.floor(random.next() * apiServers.length)];
    if (!server) return { containers: pod.containers, annotation: undefined };
    return server.admit(policies, pod, clock.nowMs());
  }

  /** One after the other, among those that are there. */
  #node(number: number): string {
    const { nodes, kubelet } = this.#parts;
    const present = nodes.filter((node) => !kubelet.isLost(node));
    const from = present.length > 0 ? present : nodes;
    return from[number % from.length] ?? "node-0";
  }
}
