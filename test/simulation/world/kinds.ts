// Every kind of object that is watched, on one counter of versions and one beat: a single timer
// brings all watches their bookmarks.

import { byKind, type WorkloadKind } from "../../../src/api/workload-kinds.ts";
import type {
  ObservedAlertRule,
  ObservedAutoscaler,
  ObservedPod,
  ObservedPolicy,
  ObservedPresence,
  ObservedReplicaSet,
  ObservedWorkload,
} from "../../../src/observed.ts";
import type { Clock, Random, Sources } from "../../../src/ports.ts";
import { ObjectKind, Versions } from "./object-kind.ts";

const bookmarkMs = 60_000;
/** The API server ends each watch after a time of its own choosing. */
const watchMs = { least: 290_000, most: 591_000 };

export class Kinds {
  readonly versions = new Versions();
  readonly policies: ObjectKind<ObservedPolicy>;
  readonly workloads: Readonly<Record<WorkloadKind, ObjectKind<ObservedWorkload>>>;
  readonly pods: ObjectKind<ObservedPod>;
  readonly replicaSets: ObjectKind<ObservedReplicaSet>;
  readonly autoscalers: ObjectKind<ObservedAutoscaler>;
  readonly admissionPolicies: ObjectKind<ObservedPresence>;
  readonly admissionBindings: ObjectKind<ObservedPresence>;
  /** Nobody writes any here; watched without faults. */
  readonly alertRules: ObjectKind<ObservedAlertRule>;
  readonly #clock: Clock;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    const parts = {
      versions: this.versions,
      nowMs: () => clock.nowMs(),
      endOfWatchMs: () =>
        clock.nowMs() + watchMs.least + random.next() * (watchMs.most - watchMs.least),
    };
    this.policies = new ObjectKind(parts);
    this.workloads = byKind(() => new ObjectKind(parts));
    this.pods = new ObjectKind(parts);
    this.replicaSets = new ObjectKind(parts);
    this.autoscalers = new ObjectKind(parts);
    this.admissionPolicies = new ObjectKind(parts);
    this.admissionBindings = new ObjectKind(parts);
    this.alertRules = new ObjectKind({ ...parts, endOfWatchMs: () => Infinity });
    this.#beat();
  }

  sources(): Sources {
    return {
      policies: (namespace) => this.policies.source(namespace),
      ...byKind((kind) => (namespace) => this.workloads[kind].source(namespace)),
      pods: (namespace) => this.pods.source(namespace),
      replicaSets: (namespace) => this.replicaSets.source(namespace),
      autoscalers: (namespace) => this.autoscalers.source(namespace),
      admissionPolicies: (namespace) => this.admissionPolicies.source(namespace),
      admissionBindings: (namespace) => this.admissionBindings.source(namespace),
      alertRules: (namespace) => this.alertRules.source(namespace),
    };
  }

  /** Forgets its history: watches that break now have to start over. */
  compact(): void {
    for (const kind of this.#all()) kind.compact();
  }

  breakWatches(): void {
    for (const kind of this.#all()) kind.breakWatches();
  }

  #all(): readonly Pick<ObjectKind<ObservedPod>, "compact" | "breakWatches" | "beat">[] {
    return [
      ...[this.policies, ...Object.values(this.workloads), this.pods, this.replicaSets],
      ...[this.autoscalers, this.admissionPolicies, this.admissionBindings],
    ];
  }

  #beat(): void {
    this.#clock.after(bookmarkMs, () => {
      for (const kind of [...this.#all(), this.alertRules]) kind.beat(this.#clock.nowMs());
      this.#beat();
    });
  }
}
