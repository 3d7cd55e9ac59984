// Which changes in the caches have a server decided anew, and which do not: a fleet of thousands of
// pods reports readiness all day long.

import { beforeEach, describe, expect, test } from "vitest";
import type { Informers } from "../../src/informers.ts";
import type {
  ObservedAlertRule,
  ObservedAutoscaler,
  ObservedObject,
  ObservedPod,
  ObservedPolicy,
  ObservedPresence,
  ObservedReplicaSet,
  ObservedWorkload,
} from "../../src/observed.ts";
import type { Caches } from "../../src/reconcile/caches.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { WorkQueue } from "../../src/runtime/work-queue.ts";
import { wakeOnChanges } from "../../src/wake.ts";
import { aSource, aSpec } from "../support/builders.ts";
import { MemoryStores } from "../support/memory-world/stores.ts";
import { aDeployment } from "../support/memory-world/world.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

type Cached =
  | ObservedAlertRule
  | ObservedAutoscaler
  | ObservedPod
  | ObservedPolicy
  | ObservedPresence
  | ObservedReplicaSet
  | ObservedWorkload;
type Handler = (before: unknown, after: unknown) => void;

/** The caches, of which a test says what changes; and the servers that were woken by it. */
class Scene {
  readonly clock = new VirtualClock();
  readonly stores = new MemoryStores();
  readonly book = new PolicyBook();
  readonly queues = {
    policies: new WorkQueue(this.clock),
    databases: new WorkQueue(this.clock),
    looks: new WorkQueue(this.clock),
    servers: new WorkQueue(this.clock),
    releases: new WorkQueue(this.clock),
    consoles: new WorkQueue(this.clock),
  };
  readonly #handlers = new Map<string, Handler>();

  constructor() {
    const kinds = Object.keys(this.stores.caches).map((name) => [
      name,
      { onChange: (handler: Handler) => this.#handlers.set(name, handler) },
    ]);
    wakeOnChanges(Object.fromEntries(kinds) as Informers, this.stores.caches, this);
    for (const [name, selector] of [
      ["orders", { team: "shop" }],
      ["others", { team: "other" }],
    ] as const) {
      this.book.set({
        key: `shop/${name}`,
        namespace: "shop",
        source: aSource,
        spec: aSpec({ workloads: [{ selector: { matchLabels: selector } }] }),
        server: `${name}:5432`,
        connection: undefined,
        role: undefined,
        database: undefined,
        failure: undefined,
      });
    }
  }

  /** Puts an object into a cache, or takes it out, and tells of it. */
  change(kind: keyof Caches, after: Cached | undefined, key = after?.key ?? ""): void {
    const store = this.stores[kind] as unknown as Map<string, ObservedObject>;
    const before = store.get(key);
    if (after) this.stores[kind].set(after as never);
    else this.stores[kind].delete(key);
    this.#handlers.get(kind)?.(before, after);
  }

  /** Servers to be decided anew, once the events that belong together have come. */
  async woken(): Promise<string[]> {
    await this.clock.advance(50);
    const woken: string[] = [];
    while (this.queues.servers.size > 0) {
      const server = (await this.queues.servers.take()) ?? "";
      this.queues.servers.finish(server);
      woken.push(server);
    }
    return woken.sort();
  }
}

const web = aDeployment("web", 0);
const pod: ObservedPod = {
  key: "shop/web-1",
  uid: "1",
  resourceVersion: "1",
  workload: "shop/Deployment/web",
  addresses: [],
  revision: "r1",
  createdAtMs: 0,
  terminating: false,
  finished: false,
  containers: [],
  poolSizeAnnotation: undefined,
};
const autoscaler = {
  ...{ key: "shop/web", uid: "1", resourceVersion: "1", namespace: "shop" },
  ...{ targetKind: "Deployment", targetName: "web", maxReplicas: 5 },
};
const replicaSet = {
  ...{ key: "shop/web-r1", uid: "1", resourceVersion: "1", workload: "shop/Deployment/web" },
  ...{ revision: "r1", revisionNumber: 1 },
};

let scene: Scene;
beforeEach(async () => {
  scene = new Scene();
  scene.change("Deployment", web);
  scene.change("pods", pod);
  scene.change("autoscalers", autoscaler);
  scene.change("replicaSets", replicaSet);
  expect(await scene.woken()).toEqual(["orders:5432"]);
});

describe("a pod", () => {
  const rows: readonly { name: string; change: Partial<ObservedPod>; want: string[] }[] = [
    { name: "becomes ready", change: { resourceVersion: "2" }, want: [] },
    { name: "gets its address", change: { addresses: ["10.0.0.1"] }, want: ["orders:5432"] },
    { name: "ends", change: { terminating: true }, want: ["orders:5432"] },
    { name: "has finished", change: { finished: true }, want: ["orders:5432"] },
    { name: "gets a size", change: { poolSizeAnnotation: "6" }, want: ["orders:5432"] },
    { name: "is another one of its name", change: { uid: "2" }, want: ["orders:5432"] },
  ];
  test.each(rows)("that $name", async ({ change, want }) => {
    scene.change("pods", { ...pod, ...change });
    expect(await scene.woken()).toEqual(want);
  });

  test("that is gone wakes the server of its workload", async () => {
    scene.change("pods", undefined, pod.key);
    expect(await scene.woken()).toEqual(["orders:5432"]);
  });

  test("whose workload is gone wakes every server of its namespace", async () => {
    scene.change("Deployment", undefined, web.key);
    await scene.woken();
    scene.change("pods", { ...pod, terminating: true });
    expect(await scene.woken()).toEqual(["orders:5432", "others:5432"]);
  });

  test("of nobody wakes the server of the policy that picks it by its labels", async () => {
    const labels = { app: "nightly" };
    const entry = { pods: { matchLabels: labels }, maxPods: 1 };
    const unknown = { connection: undefined, role: undefined, database: undefined };
    scene.book.set({
      ...{ key: "shop/jobs", namespace: "shop", source: aSource, failure: undefined, ...unknown },
      ...{ spec: aSpec({ workloads: [entry] }), server: "jobs:5432" },
    });
    const bare = { ...pod, key: "shop/bare", workload: undefined, labels };
    scene.change("pods", bare);
    expect(await scene.woken()).toEqual(["jobs:5432"]);
    scene.change("pods", { ...bare, labels: { app: "other" } });
    expect(await scene.woken()).toEqual(["jobs:5432"]);
    scene.change("pods", { ...bare, labels: { app: "other" }, terminating: true });
    expect(await scene.woken()).toEqual([]);
  });

  test("of nobody wakes nobody", async () => {
    scene.change("pods", { ...pod, key: "shop/bare", workload: undefined });
    expect(await scene.woken()).toEqual([]);
  });
});

describe("a workload", () => {
  test("that a selector claims since it was edited wakes its server before the edit is looked at", async () => {
    const bills = { ...web, key: "shop/bills", name: "bills", labels: { team: "bank" } };
    const spec = { database: { secretRef: { name: "db" } }, workloads: [{ name: "bills" }] };
    const source = { ...aSource, generation: aSource.generation + 1 };
    const edited = { key: "shop/others", namespace: "shop", name: "others", ...source, spec };
    scene.stores.policies.set({ ...edited, resourceVersion: "2", status: {}, deleting: false });
    scene.change("Deployment", bills);
    expect(await scene.woken()).toEqual(["others:5432"]);
  });

  test("that changes wakes the server of the policy that claims it", async () => {
    scene.change("Deployment", { ...web, replicas: 5 });
    expect(await scene.woken()).toEqual(["orders:5432"]);
  });

  test("that moves from one policy to another wakes both servers", async () => {
    scene.change("Deployment", { ...web, labels: { team: "other" } });
    expect(await scene.woken()).toEqual(["orders:5432", "others:5432"]);
  });

  test("that nobody claims wakes nobody", async () => {
    scene.change("Deployment", { ...web, key: "shop/else", name: "else", labels: {} });
    expect(await scene.woken()).toEqual([]);
  });
});

test("an autoscaler of something else, such as a custom resource, wakes its namespace", async () => {
  const other = { ...autoscaler, key: "shop/sso", targetKind: "Identity", targetName: "sso" };
  scene.change("autoscalers", other);
  expect(await scene.woken()).toEqual(["orders:5432", "others:5432"]);
});

test("an autoscaler wakes when its maximum changes or it goes, not when it scales", async () => {
  scene.change("autoscalers", { ...autoscaler, resourceVersion: "2" });
  expect(await scene.woken()).toEqual([]);
  scene.change("autoscalers", { ...autoscaler, maxReplicas: 9 });
  expect(await scene.woken()).toEqual(["orders:5432"]);
  scene.change("autoscalers", undefined, autoscaler.key);
  expect(await scene.woken()).toEqual(["orders:5432"]);
});

test("a ReplicaSet wakes when it is a new revision, or an old one again", async () => {
  scene.change("replicaSets", { ...replicaSet, resourceVersion: "2" });
  expect(await scene.woken()).toEqual([]);
  scene.change("replicaSets", { ...replicaSet, revisionNumber: 3 });
  expect(await scene.woken()).toEqual(["orders:5432"]);
});

test("the admission policy wakes every server when it comes or goes", async () => {
  const presence = { key: "poolwarden", uid: "1", resourceVersion: "1", createdAtMs: 0 };
  scene.change("admissionBindings", presence);
  expect(await scene.woken()).toEqual(["orders:5432", "others:5432"]);
  scene.change("admissionBindings", { ...presence, resourceVersion: "2" });
  expect(await scene.woken()).toEqual([]);
  scene.change("admissionBindings", { ...presence, namespaces: ["shop"] });
  expect(await scene.woken()).toEqual(["orders:5432", "others:5432"]);
});

test("an alert rule wakes its namespace when it comes, goes, or has lost a field of ours", async () => {
  const rule = { key: "shop/poolpolicy-orders", uid: "1", resourceVersion: "1", ownFields: "all" };
  const bothServers = ["orders:5432", "others:5432"];
  scene.change("alertRules", rule);
  expect(await scene.woken()).toEqual(bothServers);
  scene.change("alertRules", { ...rule, resourceVersion: "2" });
  expect(await scene.woken()).toEqual([]);
  scene.change("alertRules", { ...rule, ownFields: "some" });
  expect(await scene.woken()).toEqual(bothServers);
  scene.change("alertRules", undefined, rule.key);
  expect(await scene.woken()).toEqual(bothServers);
});

test("a policy's status wakes its server; a new spec is looked at first", async () => {
  const policy = {
    ...{ key: "shop/orders", uid: "1", resourceVersion: "1", namespace: "shop", name: "orders" },
    ...{ generation: 1, spec: {}, status: {}, deleting: false },
  };
  scene.change("policies", policy);
  expect(scene.queues.policies.size).toBe(1);
  expect(await scene.woken()).toEqual([]);

  scene.change("policies", { ...policy, resourceVersion: "2", status: { used: 1 } });
  expect(await scene.woken()).toEqual(["orders:5432"]);
  expect(scene.queues.policies.size).toBe(1);
});
