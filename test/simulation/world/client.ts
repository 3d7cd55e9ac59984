// The world as one operator meets it: lists and watches, writes, and the database, without delay
// and without faults. Whoever wants those wraps what this gives.

import { fieldManager } from "../../../src/api/group.ts";
import type { Manifest, Outcome, Sources, Cluster, Database } from "../../../src/ports.ts";
import type { ObservedObject } from "../../../src/observed.ts";
import { DatabaseClient } from "./database-client.ts";
import { readManifest } from "./manifest-fields.ts";
import type { Write } from "./journal.ts";
import type { World } from "./world.ts";
import { hasReference } from "./template.ts";
import type { Workload } from "./workload.ts";

export interface Connection {
  readonly sources: Sources;
  readonly cluster: Cluster;
  readonly database: Database;
}

/** `name` tells this operator from others in the journal, and is its address on the database. */
export function connect(world: World, name: string): Connection {
  return {
    sources: world.kinds.sources(),
    cluster: clusterOf(world, name),
    database: new DatabaseClient({
      clock: world.clock,
      address: name,
      serverOf: (server) => world.databases.get(server),
    }),
  };
}

function clusterOf(world: World, client: string): Cluster {
  const note = (write: Pick<Write, "verb" | "kind" | "key" | "fields" | "body">): void => {
    world.onWrite({ atMs: world.clock.nowMs(), client, manager: fieldManager, ...write });
  };
  return {
    readData: (kind, namespace, name) => Promise.resolve(world.data.read(kind, namespace, name)),
    readWorkload: (key) => {
      const workload = world.workloads.get(key);
      const value = workload && world.workloads.observed(workload);
      return Promise.resolve(value ? { kind: "ok", value } : absent(key));
    },
    apply: (manifest, { force }) => Promise.resolve(apply(world, client, { manifest, force })),
    release: (key) => {
      const workload = world.workloads.get(key);
      if (!workload?.fields.release(fieldManager)) return Promise.resolve(ok(false));
      workload.refreshTemplate();
      world.workloads.show(workload);
      note({ verb: "update", kind: workload.spec.kind, key, fields: [] });
      return Promise.resolve(ok(true));
    },
    remove: (manifest) => {
      const key = keyOf(manifest);
      if (world.others.delete(`${manifest.kind}/${key}`)) {
        note({ verb: "remove", kind: manifest.kind, key, fields: ["metadata"], body: manifest });
      }
      return Promise.resolve({ kind: "ok", value: undefined });
    },
    writeStatus: (key, resourceVersion, status) => {
      const outcome = world.policies.writeStatus(key, resourceVersion, status);
      const isChange = outcome.kind === "ok" && outcome.value.resourceVersion !== resourceVersion;
      const fields = isChange ? ["status"] : [];
      if (outcome.kind === "ok") {
        note({ verb: "status", kind: "PoolPolicy", key, fields, body: status });
      }
      return Promise.resolve(outcome);
    },
    evict: (pod) => {
      const outcome = world.evictions.evict(pod);
      if (outcome.kind === "ok") {
        note({ verb: "evict", kind: "Pod", key: pod.key, fields: ["metadata"], body: pod });
      }
      return Promise.resolve(outcome);
    },
    resizePod: (pod, resize) => {
      const outcome = world.evictions.resize(pod, resize);
      if (outcome.kind === "ok") {
        note({ verb: "resize", kind: "Pod", key: pod.key, fields: ["metadata"], body: resize });
      }
      return Promise.resolve(outcome);
    },
    releasePod: (pod, release) => {
      const outcome = world.evictions.release(pod, release);
      if (outcome.kind === "ok") {
        note({
          verb: "release",
          kind: "Pod",
          key: pod.key,
          fields: ["metadata", "spec"],
          body: release,
        });
      }
      return Promise.resolve(outcome);
    },
    createEvent: (event) => {
      const { namespace, name, kind } = event.regarding;
      const key = `${namespace}/${kind}/${name}`;
      note({ verb: "event", kind: "Event", key, fields: [], body: event });
      return Promise.resolve({ kind: "ok", value: undefined });
    },
  };
}

interface Application {
  readonly manifest: Manifest;
  readonly force: boolean;
}

function apply(world: World, client: string, application: Application): Outcome<ObservedObject> {
  const { kind, metadata } = application.manifest;
  const isWorkload = kind === "Deployment" || kind === "StatefulSet";
  if (!isWorkload) return applyOther(world, client, application.manifest);
  const key = `${metadata.namespace ?? ""}/${kind}/${metadata.name}`;
  const workload = world.workloads.get(key);
  const live = workload && world.workloads.observed(workload);
  if (!workload || !live) return conflict(`uid mismatch: no object ${key} was found`);
  return isStale(application.manifest, live)
    ? conflict(`Operation cannot be fulfilled on ${key}: the object has been modified`)
    : applyFields(world, client, { ...application, workload });
}

/** It was made for another object of that name, or for an older version. */
function isStale({ metadata }: Manifest, live: ObservedObject): boolean {
  const { uid = live.uid, resourceVersion = live.resourceVersion } = metadata;
  return uid !== live.uid || resourceVersion !== live.resourceVersion;
}

function applyFields(
  world: World,
  client: string,
  { manifest, force, workload }: Application & { readonly workload: Workload },
): Outcome<ObservedObject> {
  const read = readManifest(manifest);
  if (read.problem !== undefined) return { kind: "invalid", message: read.problem };
  const referenced = read.entries.find(([container, name]) =>
    hasReference(workload.fields.values, container, name),
  );
  if (referenced) {
    const message = `env[${referenced[1]}].valueFrom: may not be specified when \`value\` is not empty`;
    return { kind: "invalid", message };
  }
  const unknown = read.entries.find(
    ([container]) => !workload.template.containers.some(({ name }) => name === container),
  );
  if (unknown) return { kind: "invalid", message: `containers[${unknown[0]}].image: Required` };
  const outcome = workload.fields.apply(fieldManager, read.fields, { force });
  if (outcome.kind === "conflict") {
    const { managers } = outcome;
    return { kind: "conflict", message: `conflicts with ${managers.join(", ")}`, managers };
  }
  const { changed, isOtherOwner } = outcome;
  world.workloads.edit(
    workload,
    { client, manager: fieldManager, verb: "apply", body: manifest },
    () => ({ fields: changed, isSpec: false }),
  );
  if (isOtherOwner && changed.length === 0) world.workloads.show(workload);
  const value = world.workloads.observed(workload);
  return value ? { kind: "ok", value } : absent(workload.key);
}

/** Kinds that nobody here looks into, such as PrometheusRule: served only where installed. */
function applyOther(world: World, client: string, manifest: Manifest): Outcome<ObservedObject> {
  const { kind } = manifest;
  const key = keyOf(manifest);
  if (!world.servedKinds.has(kind)) return absent(`the server could not find ${kind}`);
  const text = JSON.stringify(manifest);
  const isSame = world.others.get(`${kind}/${key}`) === text;
  world.others.set(`${kind}/${key}`, text);
  const fields = isSame ? [] : ["spec"];
  const write = { verb: "apply", kind, key, fields, body: manifest } as const;
  world.onWrite({ atMs: world.clock.nowMs(), client, manager: fieldManager, ...write });
  return { kind: "ok", value: { key, uid: key, resourceVersion: "1" } };
}

function keyOf({ metadata: { namespace, name } }: Manifest): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function ok<T>(value: T): Outcome<T> {
  return { kind: "ok", value };
}

function absent(what: string): { readonly kind: "absent"; readonly message: string } {
  return { kind: "absent", message: `${what} not found` };
}

function conflict(message: string): Outcome<never> {
  return { kind: "conflict", message, managers: [] };
}
