// The API server of a plan: what the operator writes goes into the stores at once, and nowhere
// else. Values of ConfigMaps and Secrets are those of the manifests. Nobody else writes, so nothing
// is ever refused.

import { at, fields } from "../adapters/kubernetes/raw-values.ts";
import { fieldManager, poolSizeAnnotation, resizedAnnotation } from "../api/group.ts";
import { readWorkloadKey } from "../api/keys.ts";
import type { PoolPolicyStatus } from "../api/poolpolicy.ts";
import { workloadKindOf } from "../api/workload-kinds.ts";
import type {
  EnvEntry,
  ObservedContainer,
  ObservedObject,
  ObservedPod,
  ObservedWorkload,
} from "../observed.ts";
import type { Cluster, Manifest, Outcome, PodReference, PodRelease, PodResize } from "../ports.ts";
import { merged } from "./merged-entries.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { ManifestObject } from "./objects.ts";
import { replacePod } from "./started-pods.ts";

type Data = Readonly<Record<string, string>>;

/** What the operator looked for in the manifests. */
export interface MissingData {
  readonly kind: "Secret" | "ConfigMap";
  readonly namespace: string;
  readonly name: string;
  /** Undefined: all of it is missing. */
  readonly key?: string;
}

const absent = { kind: "absent", message: "it is not among the manifests" } as const;

export class ManifestCluster implements Cluster {
  /** May hold one several times. */
  readonly missing: MissingData[] = [];
  readonly #stores: ManifestStores;
  /** By `Kind/namespace/name`. */
  #data: ReadonlyMap<string, Data>;
  readonly #readElsewhere: Cluster["readData"] | undefined;
  #version = 1;

  /** `readElsewhere`: what no manifest has. */
  constructor(
    stores: ManifestStores,
    data: ReadonlyMap<string, Data>,
    readElsewhere?: Cluster["readData"],
  ) {
    this.#stores = stores;
    this.#data = data;
    this.#readElsewhere = readElsewhere;
  }

  /** From now on: somebody has applied others. */
  replaceData(data: ReadonlyMap<string, Data>): void {
    this.#data = data;
  }

  async readData(
    kind: "Secret" | "ConfigMap",
    namespace: string,
    name: string,
    keys: Iterable<string> = [],
  ): ReturnType<Cluster["readData"]> {
    const data = this.#data.get(`${kind}/${namespace}/${name}`);
    const source = { kind, namespace, name };
    const elsewhere = data ? undefined : await this.#readElsewhere?.(kind, namespace, name, keys);
    if (elsewhere?.kind === "ok") return elsewhere;
    if (!data) this.missing.push(source);
    else
      for (const key of keys) if (!Object.hasOwn(data, key)) this.missing.push({ ...source, key });
    return answer(data ? { kind: "ok", value: { resourceVersion: "1", data } } : absent);
  }

  readWorkload(key: string): Promise<Outcome<ObservedWorkload>> {
    const value = this.#workload(key);
    return answer(value ? { kind: "ok", value } : absent);
  }

  apply(manifest: Manifest): ReturnType<Cluster["apply"]> {
    const { namespace = "", name } = manifest.metadata;
    const before = this.#workload(`${namespace}/${manifest.kind}/${name}`);
    if (!before) return this.#applyOther(manifest);
    const after = appliedTo(before, manifest, this.#nextVersion());
    this.#stores[before.kind].set(after);
    return answer({ kind: "ok", value: after });
  }

  /** Alert rules: that they are there is all that is known of them. */
  #applyOther({ metadata: { namespace, name } }: Manifest): Promise<Outcome<ObservedObject>> {
    const key = namespace === undefined ? name : `${namespace}/${name}`;
    const known = this.#stores.alertRules.get(key);
    const value = known ?? { key, uid: key, resourceVersion: "1", ownFields: "all" };
    this.#stores.alertRules.set(value);
    return answer({ kind: "ok", value });
  }

  release(): ReturnType<Cluster["release"]> {
    return answer({ kind: "ok", value: false });
  }

  remove(): ReturnType<Cluster["remove"]> {
    return answer({ kind: "ok", value: undefined });
  }

  writeStatus(
    key: string,
    _resourceVersion: string,
    status: PoolPolicyStatus,
  ): Promise<Outcome<ObservedObject>> {
    const before = this.#stores.policies.get(key);
    if (!before) return answer(absent);
    const after = { ...before, status, resourceVersion: this.#nextVersion() };
    this.#stores.policies.set(after);
    return answer({ kind: "ok", value: after });
  }

  evict({ key }: Parameters<Cluster["evict"]>[0]): ReturnType<Cluster["evict"]> {
    replacePod(this.#stores, key);
    return answer({ kind: "ok", value: undefined });
  }

  resizePod({ key }: PodReference, { annotations }: PodResize): ReturnType<Cluster["resizePod"]> {
    return this.#annotatePod(key, annotations, (pod) => pod);
  }

  releasePod(
    { key }: PodReference,
    { annotations }: PodRelease,
  ): ReturnType<Cluster["releasePod"]> {
    return this.#annotatePod(key, annotations, withoutGate);
  }

  #annotatePod(
    key: string,
    annotations: Data,
    changed: (pod: ObservedPod) => ObservedPod,
  ): Promise<Outcome<undefined>> {
    const pod = this.#stores.pods.get(key);
    if (!pod) return answer(absent);
    const { [poolSizeAnnotation]: size, [resizedAnnotation]: resized } = annotations;
    this.#stores.pods.set({
      ...changed(pod),
      poolSizeAnnotation: size,
      ...(resized !== undefined && { resized }),
    });
    return answer({ kind: "ok", value: undefined });
  }

  createEvent(): ReturnType<Cluster["createEvent"]> {
    return answer({ kind: "ok", value: undefined });
  }

  #workload(key: string): ObservedWorkload | undefined {
    const { namespace, kind, name } = readWorkloadKey(key);
    const known = workloadKindOf(kind);
    return known && this.#stores[known].get(`${namespace}/${name}`);
  }

  #nextVersion(): string {
    return String((this.#version += 1));
  }
}

function withoutGate(pod: ObservedPod): ObservedPod {
  const { gate, ...started } = pod;
  return gate === undefined ? pod : { ...started, released: true };
}

function answer<T>(outcome: T): Promise<T> {
  return Promise.resolve(outcome);
}

/** Of Secrets and ConfigMaps, decoded, by `Kind/namespace/name`. */
export function dataIn(objects: readonly ManifestObject[]): Map<string, Data> {
  const ofKind = objects.filter(({ kind }) => kind === "Secret" || kind === "ConfigMap");
  return new Map(
    ofKind.map(({ kind, namespace, name, raw }) => {
      return [`${kind}/${namespace}/${name}`, { ...dataOf(kind, raw), ...plainDataOf(raw) }];
    }),
  );
}

function dataOf(kind: string, raw: ManifestObject["raw"]): Data {
  const decode = (text: string): string =>
    kind === "Secret" ? Buffer.from(text, "base64").toString() : text;
  return textsIn(raw["data"], decode);
}

function plainDataOf(raw: ManifestObject["raw"]): Data {
  return textsIn(raw["stringData"], (text) => text);
}

function textsIn(value: unknown, decode: (text: string) => string): Data {
  return Object.fromEntries(
    Object.entries(fields(value)).flatMap(([key, text]) =>
      typeof text === "string" ? [[key, decode(text)]] : [],
    ),
  );
}

/** Server-side apply of what the operator sends: entries by name, annotations by key. */
function appliedTo(
  before: ObservedWorkload,
  manifest: Manifest,
  resourceVersion: string,
): ObservedWorkload {
  const template = at(manifest, "spec", "template");
  const annotations = textsIn(manifest.metadata["annotations"], (text) => text);
  const ofTemplate = textsIn(at(template, "metadata", "annotations"), (text) => text);
  const generation = before.generation + 1;
  return {
    ...before,
    ...{ resourceVersion, generation, observedGeneration: generation, ownedByUs: true },
    annotations: { ...before.annotations, ...annotations },
    templateAnnotations: { ...before.templateAnnotations, ...ofTemplate },
    containers: before.containers.map((container) => withEntries(container, template)),
    envManagers: { ...before.envManagers, ...managersIn(before, template) },
  };
}

function entriesFor(container: string, template: unknown): readonly EnvEntry[] {
  const all = ["containers", "initContainers"].flatMap((field) => {
    const found = at(template, "spec", field);
    return Array.isArray(found) ? (found as unknown[]) : [];
  });
  const env = at(
    all.find((one) => at(one, "name") === container),
    "env",
  );
  return Array.isArray(env) ? (env as EnvEntry[]) : [];
}

/** What is there keeps its place, what is new comes last. */
function withEntries(container: ObservedContainer, template: unknown): ObservedContainer {
  return { ...container, env: merged(container.env, entriesFor(container.name, template)) };
}

function managersIn({ containers }: ObservedWorkload, template: unknown): Record<string, string[]> {
  const names = containers.flatMap(({ name }) =>
    entriesFor(name, template).map((entry) => `${name}/${entry.name}`),
  );
  return Object.fromEntries(names.map((name) => [name, [fieldManager]]));
}
