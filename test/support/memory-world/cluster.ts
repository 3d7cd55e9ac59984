// The API server's side of the memory world: writes go into the stores at once, as if every watch
// were immediate, and are remembered for the test. What a test wants refused is refused.

import { workloadKindOf } from "../../../src/api/workload-kinds.ts";
import {
  fieldManager,
  poolSizeAnnotation,
  releasedAnnotation,
  resizedAnnotation,
} from "../../../src/api/group.ts";
import { poolPolicyStatus, type PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import type { ObservedPod, ObservedPolicy, ObservedWorkload } from "../../../src/observed.ts";
import type {
  Cluster,
  Failure,
  KubernetesEvent,
  Manifest,
  Outcome,
  PodReference,
  PodRelease,
  PodResize,
} from "../../../src/ports.ts";
import type { MemoryStores } from "./stores.ts";

export interface MemoryWrite {
  readonly kind: "status" | "apply" | "rule" | "evict" | "resize" | "release";
  /** `namespace/name` of the policy, the workload or the rule. */
  readonly key: string;
  readonly atMs: number;
  readonly status?: PoolPolicyStatus;
}

type Data = Readonly<Record<string, string>>;

export class MemoryCluster implements Cluster {
  readonly writes: MemoryWrite[] = [];
  readonly events: KubernetesEvent[] = [];
  /** Data of Secrets and ConfigMaps, by `Kind/namespace/name`. */
  readonly data = new Map<string, Data>();
  /** What is refused, and how; asked before every write, and before a workload is read. */
  refuse: (
    what: "status" | "apply" | "read" | "rule" | "evict" | "resize" | "release",
    key: string,
  ) => Failure | undefined = () => undefined;
  /** Whether the answer to a write gets lost after it has landed; asked for each. */
  losesAnswer: (what: "apply" | "evict", key: string) => boolean = () => false;
  /** What others do the moment that a workload was applied, before anybody acts on it. */
  onApply: (workload: ObservedWorkload) => void = () => undefined;
  /** Ends an evicted pod. */
  onEvict: (pod: ObservedPod) => void = () => undefined;
  readonly #stores: MemoryStores;
  readonly #nowMs: () => number;

  constructor(stores: MemoryStores, nowMs: () => number) {
    this.#stores = stores;
    this.#nowMs = nowMs;
  }

  readData(
    kind: "Secret" | "ConfigMap",
    namespace: string,
    name: string,
    keys: Iterable<string>,
  ): ReturnType<Cluster["readData"]> {
    const stored = this.data.get(`${kind}/${namespace}/${name}`);
    if (!stored) return answer(absent);
    const asked = [...keys].flatMap((key) => (key in stored ? [[key, stored[key] ?? ""]] : []));
    const data = Object.fromEntries(asked) as Record<string, string>;
    return answer({ kind: "ok", value: { resourceVersion: "1", data } });
  }

  readWorkload(key: string): Promise<Outcome<ObservedWorkload>> {
    const failure = this.refuse("read", key);
    const found = this.#workload(key);
    if (!found) return answer(failure ?? absent);
    const readyReplicas = this.#readyPodsOf(key);
    return answer(failure ?? { kind: "ok", value: { ...found, readyReplicas } });
  }

  #readyPodsOf(key: string): number {
    const own = [...this.#stores.pods.values()].filter(({ workload }) => workload === key);
    return own.filter(({ terminating, unready }) => !terminating && !unready).length;
  }

  apply(manifest: Manifest): ReturnType<Cluster["apply"]> {
    const { name, namespace = "" } = manifest.metadata;
    const before = this.#workload(`${namespace}/${manifest.kind}/${name}`);
    const key = `${namespace}/${name}`;
    if (manifest.kind === "PrometheusRule") return this.#applyRule(key);
    const failure = this.refuse("apply", key);
    if (failure) return answer(failure);
    if (!before) return answer(absent);
    const after = appliedTo(before, manifest, this.#stores.nextVersion());
    this.#storeOf(before).set(after);
    this.writes.push({ kind: "apply", key, atMs: this.#nowMs() });
    this.onApply(after);
    return answer(this.losesAnswer("apply", key) ? lost : { kind: "ok", value: after });
  }

  /** What stands in a rule is not kept: only whose its fields are. */
  #applyRule(key: string): ReturnType<Cluster["apply"]> {
    const failure = this.refuse("rule", key);
    if (failure) return answer(failure);
    const before = this.#stores.alertRules.get(key);
    if (before?.ownFields === "all") return answer({ kind: "ok", value: before });
    this.writes.push({ kind: "rule", key, atMs: this.#nowMs() });
    const resourceVersion = this.#stores.nextVersion();
    const rule = { uid: `rule-${resourceVersion}`, ...before, key, resourceVersion };
    this.#stores.alertRules.set({ ...rule, ownFields: "all" });
    return answer({ kind: "ok", value: rule });
  }

  release(key: string): ReturnType<Cluster["release"]> {
    const before = this.#workload(key);
    if (!before?.ownedByUs) return answer({ kind: "ok", value: false });
    this.#storeOf(before).set({
      ...before,
      ownedByUs: false,
      resourceVersion: this.#stores.nextVersion(),
      envManagers: Object.fromEntries(
        Object.entries(before.envManagers).map(([entry, managers]) => [
          entry,
          managers.filter((manager) => manager !== fieldManager),
        ]),
      ),
    });
    return answer({ kind: "ok", value: true });
  }

  remove({ metadata: { namespace = "", name } }: Manifest): ReturnType<Cluster["remove"]> {
    const key = `${namespace}/${name}`;
    if (this.#stores.alertRules.get(key)) {
      this.#stores.alertRules.delete(key);
      this.writes.push({ kind: "rule", key, atMs: this.#nowMs() });
    }
    return answer({ kind: "ok", value: undefined });
  }

  /** Held to the CRD's own schema, as the real one is. */
  writeStatus(
    key: string,
    resourceVersion: string,
    status: PoolPolicyStatus,
  ): Promise<Outcome<ObservedPolicy>> {
    const before = this.#stores.policies.get(key);
    const failure = this.refuse("status", key);
    if (failure) return answer(failure);
    if (!before) return answer(absent);
    if (before.resourceVersion !== resourceVersion) {
      return answer({ kind: "conflict", message: "the object has been modified", managers: [] });
    }
    const parsed = poolPolicyStatus.strict().safeParse(status);
    if (!parsed.success) return answer({ kind: "invalid", message: parsed.error.message });
    const after = { ...before, status, resourceVersion: this.#stores.nextVersion() };
    this.#stores.policies.set(after);
    this.writes.push({ kind: "status", key, atMs: this.#nowMs(), status });
    return answer({ kind: "ok", value: after });
  }

  evict({ key, uid }: PodReference): ReturnType<Cluster["evict"]> {
    const failure = this.refuse("evict", key);
    if (failure) return answer(failure);
    const pod = this.#stores.pods.get(key);
    if (!pod) return answer(absent);
    if (pod.uid !== uid) {
      return answer({
        kind: "conflict",
        message: "the UID in the precondition differs",
        managers: [],
      });
    }
    this.onEvict(pod);
    this.writes.push({ kind: "evict", key, atMs: this.#nowMs() });
    return answer(this.losesAnswer("evict", key) ? lost : { kind: "ok", value: undefined });
  }

  resizePod(
    { key, uid }: PodReference,
    { from, annotations }: PodResize,
  ): ReturnType<Cluster["resizePod"]> {
    const failure = this.refuse("resize", key);
    if (failure) return answer(failure);
    const pod = this.#stores.pods.get(key);
    if (pod?.uid !== uid || pod.poolSizeAnnotation !== from) {
      return answer({ kind: "conflict", message: "the test of the patch failed", managers: [] });
    }
    this.writes.push({ kind: "resize", key, atMs: this.#nowMs() });
    const [size, resized] = [annotations[poolSizeAnnotation], annotations[resizedAnnotation]];
    this.#stores.pods.set({
      ...pod,
      resourceVersion: this.#stores.nextVersion(),
      poolSizeAnnotation: size ?? pod.poolSizeAnnotation,
      ...(resized !== undefined && { resized }),
    });
    return answer({ kind: "ok", value: undefined });
  }

  releasePod(
    { key, uid }: PodReference,
    { gate: { place }, annotations }: PodRelease,
  ): ReturnType<Cluster["releasePod"]> {
    const failure = this.refuse("release", key);
    if (failure) return answer(failure);
    const pod = this.#stores.pods.get(key);
    if (pod?.uid !== uid || pod.gate?.place !== place) {
      return answer({ kind: "conflict", message: "the test of the patch failed", managers: [] });
    }
    this.writes.push({ kind: "release", key, atMs: this.#nowMs() });
    const rest = { ...pod };
    Reflect.deleteProperty(rest, "gate");
    const [size, resized] = [annotations[poolSizeAnnotation], annotations[resizedAnnotation]];
    this.#stores.pods.set({
      ...rest,
      addresses: [addressOf(key)],
      resourceVersion: this.#stores.nextVersion(),
      poolSizeAnnotation: size ?? pod.poolSizeAnnotation,
      ...(resized !== undefined && { resized }),
      ...(annotations[releasedAnnotation] === uid && { released: true as const }),
    });
    return answer({ kind: "ok", value: undefined });
  }

  createEvent(event: KubernetesEvent): ReturnType<Cluster["createEvent"]> {
    this.events.push(event);
    return answer({ kind: "ok", value: undefined });
  }

  #workload(key: string): ObservedWorkload | undefined {
    const [namespace = "", kind = "", name = ""] = key.split("/");
    const known = workloadKindOf(kind);
    return known && this.#stores[known].get(`${namespace}/${name}`);
  }

  #storeOf({ kind }: ObservedWorkload): MemoryStores["Deployment"] {
    return this.#stores[kind];
  }
}

/** Of a pod whose name ends in a number of its own. */
export function addressOf(key: string): string {
  const number = Number(key.slice(key.lastIndexOf("-") + 1));
  return `10.0.${Math.floor(number / 250)}.${number % 250}`;
}

const lost: Failure = { kind: "unavailable", message: "other side closed" };
const absent: Failure = { kind: "absent", message: "there is no such object" };

function answer<T>(outcome: T): Promise<T> {
  return Promise.resolve(outcome);
}

interface TemplateBody {
  readonly metadata?: { readonly annotations?: Data; readonly resourceVersion?: string };
  readonly spec: {
    readonly template: {
      readonly metadata?: { readonly annotations?: Data };
      readonly spec?: {
        readonly containers?: readonly {
          readonly name: string;
          readonly env?: readonly { readonly name: string; readonly value: string }[];
        }[];
      };
    };
  };
}

/** Server-side apply of what we send: entries by name, annotations by key; nothing is removed. */
function appliedTo(
  before: ObservedWorkload,
  manifest: Manifest,
  resourceVersion: string,
): ObservedWorkload {
  const { metadata, spec } = manifest as unknown as TemplateBody;
  const { template } = spec;
  return {
    ...before,
    ownedByUs: true,
    resourceVersion,
    generation: before.generation + 1,
    annotations: { ...before.annotations, ...metadata?.annotations },
    templateAnnotations: { ...before.templateAnnotations, ...template.metadata?.annotations },
    containers: before.containers.map((container) => {
      const ours = template.spec?.containers?.find(({ name }) => name === container.name)?.env;
      const wanted = new Map(ours?.map((entry) => [entry.name, entry]));
      // What is there keeps its place, what is new comes last.
      const kept = container.env.map((entry) => wanted.get(entry.name) ?? entry);
      const there = new Set(container.env.map(({ name }) => name));
      const added = (ours ?? []).filter(({ name }) => !there.has(name));
      return { ...container, env: [...kept, ...added] };
    }),
  };
}
