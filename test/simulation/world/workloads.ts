// The Deployments and StatefulSets of the cluster and everything that is done to them: by people,
// by their owners' tools, by autoscalers, by the operator. Each write changes the fields, counts
// the generation if the spec is another one, and wakes the controller.

import type { ObservedWorkload } from "../../../src/observed.ts";
import type { Clock } from "../../../src/ports.ts";
import { Controllers, type ControllersParts } from "./controllers.ts";
import type { OnWrite } from "./journal.ts";
import type { Kinds } from "./kinds.ts";
import type { Fields } from "./managed-fields.ts";
import type { ObjectKind } from "./object-kind.ts";
import type { Pod } from "./pod.ts";
import type { NewPod, PodFactory } from "./pod-factory.ts";
import { isOfTemplate } from "./template.ts";
import { ReplicaSet, Workload } from "./workload.ts";
import type { WorkloadSpec } from "./workload-spec.ts";

export interface WorkloadsParts {
  readonly clock: Clock;
  readonly kinds: Pick<Kinds, "workloads" | "replicaSets">;
  readonly factory: PodFactory;
  readonly terminate: (pod: Pod) => void;
  readonly lagMs: () => number;
  readonly onWrite: OnWrite;
}

export type WriteOf = Pick<Parameters<OnWrite>[0], "client" | "manager" | "verb"> & {
  readonly body?: unknown;
};

export class Workloads {
  readonly #parts: WorkloadsParts;
  readonly #all = new Map<string, Workload>();
  readonly #controllers: Controllers;
  #made = 0;

  constructor(parts: WorkloadsParts) {
    this.#parts = parts;
    this.#controllers = new Controllers({
      clock: parts.clock,
      lagMs: parts.lagMs,
      actions: this.#actions(),
      show: (workload) => {
        this.show(workload);
      },
    });
  }

  /** By `namespace/Kind/name`. */
  get(key: string): Workload | undefined {
    return this.#all.get(key);
  }

  /** Throws where there is none: scenarios know what they have made. */
  require(key: string): Workload {
    const found = this.#all.get(key);
    if (!found) throw new Error(`there is no workload ${key}`);
    return found;
  }

  values(): IterableIterator<Workload> {
    return this.#all.values();
  }

  /** Something about this workload (`namespace/Kind/name`), or its pods, has changed. */
  wake(key: string): void {
    const workload = this.#all.get(key);
    if (!workload) return;
    this.#controllers.wake(workload);
    for (const set of workload.sets) this.#controllers.wakeSet(workload, set);
  }

  show(workload: Workload): ObservedWorkload {
    return this.#kindOf(workload).put(workload.observed());
  }

  observed(workload: Workload): ObservedWorkload | undefined {
    return this.#kindOf(workload).get(workload.objectKey);
  }

  create(spec: WorkloadSpec): Workload {
    const workload = new Workload(spec, `workload-${++this.#made}`);
    if (this.#all.has(workload.key)) throw new Error(`${workload.key} exists already`);
    this.#all.set(workload.key, workload);
    workload.progress.atMs = this.#parts.clock.nowMs();
    this.show(workload);
    const manager = spec.manager ?? "kubectl-client-side-apply";
    this.#note(workload, { client: undefined, manager, verb: "create" }, ["spec"]);
    this.wake(workload.key);
    return workload;
  }

  /** The object goes at once; what it made is ended by the garbage collector a little later. */
  delete(workload: Workload): void {
    workload.isGone = true;
    workload.progress.cancelDeadline?.();
    this.#all.delete(workload.key);
    this.#kindOf(workload).delete(workload.objectKey);
    this.#note(workload, { client: undefined, manager: "kubectl", verb: "remove" }, ["metadata"]);
    this.#parts.clock.after(this.#parts.lagMs(), () => {
      for (const set of workload.sets) {
        this.#parts.kinds.replicaSets.delete(`${workload.spec.namespace}/${set.name}`);
        for (const pod of set.active) this.#parts.terminate(pod);
      }
      for (const pod of workload.ordinals.values()) this.#parts.terminate(pod);
    });
  }

  /** `edit` answers the fields that it has changed; `isSpec`: those beside the template. */
  edit(
    workload: Workload,
    write: WriteOf,
    edit: () => { readonly fields: readonly string[]; readonly isSpec: boolean },
  ): void {
    const { fields, isSpec } = edit();
    const isOtherTemplate = workload.refreshTemplate();
    if (isSpec || isOtherTemplate) workload.generation += 1;
    if (fields.length > 0) {
      this.show(workload);
      this.wake(workload.key);
    }
    this.#note(workload, write, fields);
  }

  update(
    workload: Workload,
    manager: string,
    fields: ReadonlyMap<string, string | undefined>,
  ): void {
    this.edit(workload, { client: undefined, manager, verb: "update" }, () => ({
      fields: workload.fields.update(manager, fields),
      isSpec: false,
    }));
  }

  /** The template of the revision before the newest, whole, as `kubectl rollout undo` puts it. */
  undo(workload: Workload, manager: string): void {
    const ranked = workload.sets.toSorted((a, b) => a.revisionNumber - b.revisionNumber);
    const templates =
      workload.spec.kind === "StatefulSet"
        ? [...workload.revisions.values()]
        : ranked.map(({ template }) => template);
    const former = templates.findLast(({ hash }) => hash !== workload.template.hash);
    if (former) this.replace(workload, manager, { fields: former.fields, isPart: isOfTemplate });
  }

  /** Makes the fields that `isPart` picks exactly these. */
  replace(
    workload: Workload,
    manager: string,
    { fields, isPart }: { readonly fields: Fields; readonly isPart: (field: string) => boolean },
  ): void {
    this.edit(workload, { client: undefined, manager, verb: "update" }, () => ({
      fields: workload.fields.replace(manager, fields, isPart),
      isSpec: false,
    }));
  }

  scale(workload: Workload, replicas: number, manager: string): void {
    this.edit(workload, { client: undefined, manager, verb: "update" }, () => {
      const isSpec = workload.replicas !== replicas;
      workload.replicas = replicas;
      return { fields: isSpec ? ["replicas"] : [], isSpec };
    });
  }

  setPaused(workload: Workload, paused: boolean): void {
    this.edit(workload, { client: undefined, manager: "kubectl-rollout", verb: "update" }, () => {
      const isSpec = workload.paused !== paused;
      workload.paused = paused;
      return { fields: isSpec ? ["paused"] : [], isSpec };
    });
    if (!paused) this.#controllers.resume(workload);
  }

  relabel(workload: Workload, labels: Readonly<Record<string, string>>): void {
    this.edit(workload, { client: undefined, manager: "kubectl-label", verb: "update" }, () => {
      workload.labels = labels;
      return { fields: ["labels"], isSpec: false };
    });
  }

  #note(workload: Workload, write: WriteOf, fields: readonly string[]): void {
    const { kind } = workload.spec;
    const atMs = this.#parts.clock.nowMs();
    this.#parts.onWrite({ ...write, atMs, kind, key: workload.key, fields });
  }

  #kindOf({ spec }: Workload): ObjectKind<ObservedWorkload> {
    return this.#parts.kinds.workloads[spec.kind];
  }

  #actions(): ControllersParts["actions"] {
    const { terminate, kinds } = this.#parts;
    const { replicaSets } = kinds;
    return {
      createSet: (workload) => {
        const set = this.#createSet(workload);
        workload.sets.push(set);
        return set;
      },
      showSet: (workload, set) => {
        replicaSets.put(set.observed(workload));
        // The controller writes the number into an annotation of the workload as well.
        this.show(workload);
      },
      deleteSet: (workload, set) => {
        workload.sets = workload.sets.filter((one) => one !== set);
        replicaSets.delete(`${workload.spec.namespace}/${set.name}`);
      },
      createPod: (workload, set) => this.#createPod(workload, set),
      createOrdinal: (workload, ordinal, revision) => {
        this.#createOrdinal(workload, ordinal, revision);
      },
      terminate,
    };
  }

  /** A name that a former Deployment's ReplicaSet still has gets another hash. */
  #createSet({ spec, template }: Workload): ReplicaSet {
    const { replicaSets } = this.#parts.kinds;
    let revision = template.hash;
    for (let collisions = 1; replicaSets.get(`${spec.namespace}/${spec.name}-${revision}`);) {
      revision = `${template.hash}${collisions++}`;
    }
    const name = `${spec.name}-${revision}`;
    return new ReplicaSet({ name, revision, uid: `set-${++this.#made}`, template });
  }

  #createPod(workload: Workload, set: ReplicaSet): boolean {
    const { factory } = this.#parts;
    const { template, revision } = set;
    const name = `${set.name}-${factory.suffix()}`;
    const onChange: NewPod["onChange"] = (changed) => {
      if (changed.isGone) set.pods.delete(changed);
      this.#controllers.wakeSet(workload, set);
      // Recreate waits for the last pod of the former revision to be gone.
      if (changed.isGone && workload.strategy === "Recreate") this.wake(workload.key);
    };
    const pod = factory.create(workload, { name, ownerUid: set.uid, revision, template, onChange });
    if (pod) set.pods.add(pod);
    return pod !== undefined;
  }

  #createOrdinal(workload: Workload, ordinal: number, revision: string): void {
    const template = workload.revisions.get(revision) ?? workload.template;
    const name = `${workload.spec.name}-${ordinal}`;
    const onChange: NewPod["onChange"] = (changed) => {
      if (changed.isGone) workload.ordinals.delete(ordinal);
      // A successor of this name may wait for it.
      this.wake(workload.key);
    };
    const pod = this.#parts.factory.create(workload, {
      ...{ name, ownerUid: workload.uid, revision, template },
      onChange,
    });
    if (pod) workload.ordinals.set(ordinal, pod);
  }
}
