// A Deployment or StatefulSet of the simulated cluster: its spec with the owners of its fields, and
// the status that its controller has written last, which is older than the spec for a while after
// each change.

import { fieldManager } from "../../../src/api/group.ts";
import type { ObservedReplicaSet, ObservedWorkload } from "../../../src/observed.ts";
import { ManagedFields } from "./managed-fields.ts";
import type { Pod } from "./pod.ts";
import {
  envFields,
  imageField,
  readEnvManagers,
  readOwnAnnotations,
  readTemplate,
  type Template,
} from "./template.ts";
import {
  appContainer,
  defaultPools,
  type PoolSettings,
  type WorkloadSpec,
} from "./workload-spec.ts";

export interface WorkloadStatus {
  readonly observedGeneration: number;
  readonly updatedReplicas: number;
  readonly statusReplicas: number;
  readonly updateRevision: string | undefined;
  readonly revisionNumber?: number;
  readonly stuck: string | undefined;
}

interface SetStatus {
  /** Pods that do not terminate. */
  readonly replicas: number;
  readonly available: number;
  /** Why pods could not be created. */
  readonly failure: string | undefined;
}

interface Identity {
  readonly name: string;
  readonly revision: string;
  readonly uid: string;
}

/** One revision of a Deployment. */
export class ReplicaSet {
  readonly name: string;
  readonly uid: string;
  /** pod-template-hash of its pods. */
  readonly revision: string;
  readonly template: Template;
  readonly pods = new Set<Pod>();
  replicas = 0;
  /** Of the Deployment, when this was last scaled. */
  desired = 0;
  maxReplicas = 0;
  revisionNumber = 0;
  /** Its status: what its controller has said last. */
  said: SetStatus = { replicas: 0, available: 0, failure: undefined };
  isSyncPending = false;

  constructor({ name, revision, uid, template }: Identity & { readonly template: Template }) {
    this.name = name;
    this.revision = revision;
    this.uid = uid;
    this.template = template;
  }

  /** Pods that do not terminate. */
  get active(): Pod[] {
    return [...this.pods].filter(({ terminating }) => !terminating);
  }

  /** Ready pods, as its controller has said last. */
  get available(): number {
    return this.said.available;
  }

  observed({ key, spec, uid }: Workload): ObservedReplicaSet {
    return {
      key: `${spec.namespace}/${this.name}`,
      uid: this.uid,
      resourceVersion: "",
      workload: key,
      workloadUid: uid,
      revision: this.revision,
      revisionNumber: this.revisionNumber,
    };
  }
}

type FieldMetadata = Pick<ObservedWorkload, "annotations" | "envManagers" | "ownedByUs">;

/** How far its rollout has come, for the progress deadline. */
export interface Progress {
  /** Revision number of the rollout that this is about. */
  rollout: number;
  /** When it last got on. */
  atMs: number;
  /** Pods of the newest template, of others, and ready ones, when it was last looked at. */
  updated: number;
  old: number;
  ready: number;
  isComplete: boolean;
  isLate: boolean;
  cancelDeadline: (() => void) | undefined;
}

export class Workload {
  readonly spec: WorkloadSpec;
  readonly pools: PoolSettings;
  readonly uid: string;
  /** `namespace/Kind/name`. */
  readonly key: string;
  /** `namespace/name`. */
  readonly objectKey: string;
  readonly fields = new ManagedFields();
  readonly isTerminationAwaited: boolean;
  generation = 1;
  labels: Readonly<Record<string, string>>;
  replicas: number;
  paused = false;
  isGone = false;
  template: Template;
  #metadata: FieldMetadata;
  status: WorkloadStatus = {
    observedGeneration: 0,
    updatedReplicas: 0,
    statusReplicas: 0,
    updateRevision: undefined,
    stuck: undefined,
  };
  /** Of a Deployment, oldest first. */
  sets: ReplicaSet[] = [];
  /** Of a StatefulSet: by ordinal. */
  readonly ordinals = new Map<number, Pod>();
  /** Of a StatefulSet: each template that it ever had, by revision. */
  readonly revisions = new Map<string, Template>();
  /** Of a StatefulSet: the revision of the last complete update. */
  currentRevision: string;
  readonly progress: Progress = {
    rollout: 0,
    atMs: 0,
    updated: 0,
    old: 0,
    ready: 0,
    isComplete: false,
    isLate: false,
    cancelDeadline: undefined,
  };
  isSyncPending = false;

  constructor(spec: WorkloadSpec, uid: string) {
    this.spec = spec;
    this.uid = uid;
    this.key = `${spec.namespace}/${spec.kind}/${spec.name}`;
    this.objectKey = `${spec.namespace}/${spec.name}`;
    this.labels = spec.labels ?? {};
    this.replicas = spec.replicas;
    this.pools = { ...defaultPools, ...spec.pools };
    this.isTerminationAwaited = spec.podReplacementPolicy === "TerminationComplete";
    this.fields.update(spec.manager ?? "kubectl-client-side-apply", initialFields(spec));
    this.template = this.#readTemplate();
    this.#metadata = this.#readMetadata();
    this.currentRevision = this.revision;
  }

  get maxSurge(): number | string {
    return this.spec.maxSurge ?? "25%";
  }

  get maxUnavailable(): number | string {
    return this.spec.maxUnavailable ?? "25%";
  }

  get strategy(): ObservedWorkload["strategy"] {
    return this.spec.strategy ?? "RollingUpdate";
  }

  get image(): string {
    return this.template.images.get(imageField(appContainer)) ?? "";
  }

  /** Revision as the pods' labels carry it. */
  get revision(): string {
    const { hash } = this.template;
    return this.spec.kind === "StatefulSet" ? `${this.spec.name}-${hash}` : hash;
  }

  /** To be called when fields or owners have changed; true if the template is another one. */
  refreshTemplate(): boolean {
    const before = this.template.hash;
    this.template = this.#readTemplate();
    this.#metadata = this.#readMetadata();
    return this.template.hash !== before;
  }

  observed(): ObservedWorkload {
    const { spec, status, template } = this;
    const isStateful = spec.kind === "StatefulSet";
    return {
      key: this.objectKey,
      uid: this.uid,
      resourceVersion: "",
      kind: spec.kind,
      namespace: spec.namespace,
      name: spec.name,
      generation: this.generation,
      labels: this.labels,
      replicas: this.replicas,
      ...status,
      strategy: this.strategy,
      maxSurge: isStateful || this.strategy === "Recreate" ? 0 : this.maxSurge,
      waitsForTermination: isStateful || this.isTerminationAwaited,
      paused: this.paused,
      containers: template.containers,
      defaultContainer: undefined,
      templateAnnotations: template.annotations,
      ...this.#metadata,
    };
  }

  #readMetadata(): FieldMetadata {
    const { fields } = this;
    return {
      annotations: readOwnAnnotations(fields.values),
      envManagers: readEnvManagers(fields.values, (field) => fields.ownersOf(field)),
      ownedByUs: fields.isManager(fieldManager),
    };
  }

  #readTemplate(): Template {
    const { envFrom, sidecars = [] } = this.spec;
    const app = { name: appContainer, ...(envFrom ? { envFrom } : {}) };
    return readTemplate(this.fields.values, [app, ...sidecars.map((name) => ({ name }))]);
  }
}

function initialFields({ env = {}, sidecars = [] }: WorkloadSpec): Map<string, string> {
  const images = [appContainer, ...sidecars].map(
    (name) => [imageField(name), `${name}:1`] as const,
  );
  const entries = Object.entries(env).flatMap(([name, value]) =>
    envFields(appContainer, name, value),
  );
  return new Map([...images, ...entries]);
}
