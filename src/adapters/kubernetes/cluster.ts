// Writes and single reads. Every foreseeable answer of the API server is a value, not an
// exception, and every write is counted here, where none can be missed.
//
// The status is replaced by PUT: a merge patch keeps the entries of a map that the new status no
// longer has, and so would server-side apply for entries that another manager once wrote. A grant
// that must go would stay and be handed out to new pods.

import { readObjectKey, readWorkloadKey } from "../../api/keys.ts";
import { fieldManager, kind as policyKind } from "../../api/group.ts";
import { apiVersion as policyApiVersion } from "../../api/group.ts";
import { usualKind, workloadKindOf } from "../../api/workload-kinds.ts";
import type { PolicyKey, WorkloadKey } from "../../domain/facts/facts.ts";
import { OperatorError } from "../../errors.ts";
import type { ObservedObject, ObservedWorkload } from "../../observed.ts";
import type { Cluster, Clock, Manifest, Metrics, Outcome } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import type { Client, RequestOptions } from "./client.ts";
import { evictPod } from "./eviction.ts";
import { buildEvent } from "./event.ts";
import { identify } from "./identity.ts";
import type { Projections } from "./project.ts";
import { at, fields, list, textOfAnyLength } from "./raw-values.ts";
import { releasePod } from "./release-pod.ts";
import { resizePod } from "./resize-pod.ts";
import { collectionPath, objectPath, resourceOf } from "./resources.ts";

export interface ClusterOptions {
  readonly client: Client;
  readonly projections: Projections;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, "count">;
  /** Name of this process in events, such as its pod's name. */
  readonly instance: string;
}

export function createCluster(options: ClusterOptions): Cluster {
  const { client } = options;
  return {
    readData: (kind, namespace, name, keys) =>
      readData(options, kind, { namespace, name, keys: [...keys] }),
    readWorkload: (key) => readWorkload(options, key),
    apply: (manifest, { force }) =>
      counted(options, manifest.kind, () => applyManifest(client, manifest, force)),
    release: (key) => counted(options, kindOf(key), () => releaseOwnership(client, key)),
    remove: (manifest) => counted(options, manifest.kind, () => removeObject(client, manifest)),
    writeStatus: (policy, resourceVersion, status) =>
      counted(options, `${policyKind}Status`, () =>
        replaceStatus(client, policy, { resourceVersion, status }),
      ),
    evict: (pod) => counted(options, "Eviction", () => evictPod(client, pod)),
    resizePod: (pod, resize) => counted(options, "Pod", () => resizePod(client, pod, resize)),
    releasePod: (pod, release) => counted(options, "Pod", () => releasePod(client, pod, release)),
    createEvent: (event) =>
      counted(options, "Event", async () => {
        const body = buildEvent(event, {
          nowMs: options.clock.nowMs(),
          instance: options.instance,
        });
        const path = collectionPath(resourceOf("Event"), body.metadata.namespace);
        return await attempt(client, ["POST", path, { body }], () => undefined);
      }),
  };
}

async function counted<T>(
  { metrics }: ClusterOptions,
  kind: string,
  write: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const outcome = await write();
  metrics.count("poolwarden_writes_total", { kind, outcome: outcome.kind });
  return outcome;
}

type Data = {
  resourceVersion: string;
  data: Readonly<Record<string, string>>;
  busyMs: number;
};

/**
 * Of a Secret or ConfigMap as JSON: room for a CA of 262,144 characters with its URI, or for the
 * bundle of a cloud with kubectl's copy of it. To parse more takes time from everybody.
 */
const dataLimitBytes = 512 * 1024;

async function readData(
  { client, clock }: ClusterOptions,
  kind: "Secret" | "ConfigMap",
  { namespace, name, keys }: { namespace: string; name: string; keys: readonly string[] },
): Promise<Outcome<Data>> {
  const path = objectPath(resourceOf(kind), namespace, name);
  const encoding = kind === "Secret" ? "base64" : "utf8";
  let parsingMs = 0;
  const tellBusy = (busyMs: number): void => {
    parsingMs = busyMs;
  };
  const options: RequestOptions = { limitBytes: dataLimitBytes, tellBusy };
  return await attempt(client, ["GET", path, options], (raw) => {
    const sinceMs = clock.monotonicMs();
    const data = decodeData(at(raw, "data"), { keys, encoding });
    const busyMs = parsingMs + clock.monotonicMs() - sinceMs;
    return { resourceVersion: identify(raw)?.resourceVersion ?? "", data, busyMs };
  });
}

/** A Secret may have 60,000 keys, of which one or two are asked for. */
function decodeData(
  data: unknown,
  { keys, encoding }: { readonly keys: readonly string[]; readonly encoding: BufferEncoding },
): Readonly<Record<string, string>> {
  const there = keys.filter((key) => Object.hasOwn(fields(data), key));
  const decoded = there.map((key) => {
    return [key, Buffer.from(textOfAnyLength(at(data, key)) ?? "", encoding).toString()] as const;
  });
  return Object.fromEntries(decoded);
}

async function readWorkload(
  { client, projections }: ClusterOptions,
  key: WorkloadKey,
): Promise<Outcome<ObservedWorkload>> {
  const path = workloadPath(key);
  const project = projections[workloadKindOf(kindOf(key)) ?? usualKind];
  return await attempt(client, ["GET", path], (raw) => required(project(raw), path));
}

async function applyManifest(
  client: Client,
  manifest: Manifest,
  force: boolean,
): Promise<Outcome<ObservedObject>> {
  const path = pathOf(manifest);
  const options: RequestOptions = {
    query: { fieldManager, force: String(force) },
    // JSON is YAML.
    contentType: "application/apply-patch+yaml",
    body: manifest,
  };
  return await attempt(client, ["PATCH", path, options], (raw) => required(identify(raw), path));
}

/**
 * Takes our entry out of managedFields. An apply without our fields would not do: it removes those
 * that only we own. The resourceVersion in the patch makes it a conflict if anybody wrote in
 * between. Of no manager at all the server is told by one empty entry: an empty list changes
 * nothing.
 */
async function releaseOwnership(client: Client, key: WorkloadKey): Promise<Outcome<boolean>> {
  const path = workloadPath(key);
  const live = await attempt(client, ["GET", path], (raw) => at(raw, "metadata"));
  if (live.kind === "absent") return { kind: "ok", value: false };
  if (live.kind !== "ok") return live;
  const managed = list(at(live.value, "managedFields"));
  const others = managed.filter((entry) => at(entry, "manager") !== fieldManager);
  if (others.length === managed.length) return { kind: "ok", value: false };
  const value = others.length > 0 ? others : [{}];
  const resourceVersion = at(live.value, "resourceVersion");
  const body = [
    { op: "replace", path: "/metadata/managedFields", value },
    { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
  ];
  const options = { query: { fieldManager }, contentType: "application/json-patch+json", body };
  return await attempt(client, ["PATCH", path, options], () => true);
}

async function removeObject(client: Client, manifest: Manifest): Promise<Outcome<undefined>> {
  const outcome = await attempt(client, ["DELETE", pathOf(manifest)], () => undefined);
  return outcome.kind === "absent" ? { kind: "ok", value: undefined } : outcome;
}

async function replaceStatus(
  client: Client,
  policy: PolicyKey,
  { resourceVersion, status }: { resourceVersion: string; status: unknown },
): Promise<Outcome<ObservedObject>> {
  const { namespace, name } = readObjectKey(policy);
  const path = `${objectPath(resourceOf(policyKind), namespace, name)}/status`;
  const body = {
    apiVersion: policyApiVersion,
    kind: policyKind,
    metadata: { namespace, name, resourceVersion },
    status,
  };
  return await attempt(client, ["PUT", path, { query: { fieldManager }, body }], (raw) =>
    required(identify(raw), path),
  );
}

function workloadPath(key: WorkloadKey): string {
  const { namespace, kind, name } = readWorkloadKey(key);
  return objectPath(resourceOf(kind), namespace, name);
}

function kindOf(key: WorkloadKey): string {
  return readWorkloadKey(key).kind;
}

function pathOf({ kind, metadata }: Manifest): string {
  return objectPath(resourceOf(kind), metadata.namespace, metadata.name);
}

function required<T>(value: T | undefined, path: string): T {
  if (value !== undefined) return value;
  throw new OperatorError("K8S_UNAVAILABLE", `${path}: the answer is not the object asked for`);
}
