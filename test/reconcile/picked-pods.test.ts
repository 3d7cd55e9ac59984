// Entries that pick pods by the pods' own labels, whatever made them.
import { describe, expect, it } from "vitest";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";
import { finishPod, startPod } from "../support/memory-world/labelled-pods.ts";

const labels = { app: "nightly", team: "shop" };
const nightly = { pods: { matchLabels: { app: "nightly" } }, maxPods: 4 };
const row = "Pods/orders:nightly";

function worldWith(entries: readonly object[], admission = true): MemoryWorld {
  const world = new MemoryWorld({ admission });
  world.deployment("web", { replicas: 2 });
  world.policy("orders", { workloads: entries });
  return world;
}

/** Capacity 97, budget 87. */
async function settle(world: MemoryWorld, minutes = 6): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    world.read({ maxConnections: 100 });
    await world.pass(minuteMs, 10_000);
  }
}

function rowOf(world: MemoryWorld, name = row, policy = "orders"): WorkloadRow | undefined {
  return world.status(policy).workloads?.find(({ workload }) => workload === name);
}

function grantOf(world: MemoryWorld, name = row, policy = "orders"): number | undefined {
  return world.status(policy).grants?.[name]?.poolSize;
}

function findingOf(world: MemoryWorld, reason: string, policy = "orders"): string | undefined {
  return world.status(policy).findings?.find((one) => one.reason === reason)?.message;
}

function conditionOf(world: MemoryWorld, type: string): string {
  const found = world.status("orders").conditions?.find((one) => one.type === type);
  return `${found?.status ?? ""} ${found?.reason ?? ""}`;
}

function sizesIn(world: MemoryWorld): readonly (string | undefined)[] {
  return [...world.stores.pods.values()]
    .filter((pod) => pod.labels?.["app"] === "nightly")
    .map(({ poolSizeAnnotation }) => poolSizeAnnotation);
}

describe("pods that an entry picks by labels", () => {
  it("are planned by maxPods and have a grant before the first of them is there", async () => {
    const world = worldWith([nightly]);
    await settle(world);
    expect(rowOf(world)).toMatchObject({ plannedPods: 4, pods: 0, replicas: 0, slots: 40 });
    // 87 of 4 planned pods and as many beside them, when all are replaced at once.
    expect(grantOf(world)).toBe(10);
    expect(world.status("orders").grants?.[row]?.container).toBe("");
    expect(world.status("orders").workloads).toHaveLength(1);
    expect(conditionOf(world, "Ready")).toBe("True Ready");
  });

  it("are sized when they start, and count until they have ended", async () => {
    const world = worldWith([nightly, { name: "web" }]);
    await settle(world);
    const size = grantOf(world) ?? 0;
    const pods = [1, 2, 3].map((one) => startPod(world, `nightly-${one}`, { labels }));
    await settle(world, 1);
    expect(sizesIn(world)).toEqual(Array(3).fill(String(size)));
    expect(rowOf(world)).toMatchObject({ pods: 3, replicas: 3, heldSlots: 3 * size });
    for (const key of pods) finishPod(world, key);
    await settle(world, 1);
    expect(rowOf(world)).toMatchObject({ pods: 0, replicas: 0, heldSlots: 0, plannedPods: 4 });
    expect(findingOf(world, "StartedUnsized")).toBeUndefined();
  });

  it("are never rolled nor evicted, even where they hold what others wait for", async () => {
    const world = worldWith([{ name: "web", poolSize: { min: 5 } }]);
    for (const one of [1, 2]) startPod(world, `nightly-${one}`, { labels });
    world.policy("orders", { workloads: [{ name: "web", poolSize: { min: 5 } }, nightly] });
    await settle(world);
    expect(world.evictions).toEqual([]);
    expect(world.rolls).toEqual(["web"]);
    expect(rowOf(world)).toMatchObject({ heldSlots: 40, reason: "NeverReplaced" });
    expect(rowOf(world)?.message).toContain("2 pods keep larger pools until they end");
    expect(conditionOf(world, "Applied")).toBe("False NeverReplaced");
  });

  it("beyond maxPods are counted and said", async () => {
    const world = worldWith([{ ...nightly, maxPods: 1 }]);
    await settle(world);
    for (const one of [1, 2, 3]) startPod(world, `nightly-${one}`, { labels });
    await settle(world, 1);
    expect(rowOf(world)).toMatchObject({ pods: 3, plannedPods: 3 });
  });

  it("of which some are made by a selected Deployment count there", async () => {
    const world = worldWith([nightly, { name: "web" }]);
    await settle(world);
    world.controller.graceMs = minuteMs;
    startPod(world, "web-x", { labels, owner: "Deployment/web" });
    startPod(world, "nightly-1", { labels });
    await world.look();
    expect(rowOf(world)).toMatchObject({ pods: 1 });
    expect(findingOf(world, "PodsOfWorkload")).toBe(
      "Pods/orders:nightly: 1 pod with its labels belongs to Deployment/web, which an entry " +
        "selects: they count there. To fix: name in pods.matchLabels a label that only the other pods have",
    );
  });

  it("belong to the first entry of the policy that picks them", async () => {
    const wide = { pods: { matchLabels: { team: "shop" } }, name: "wide", maxPods: 2 };
    const world = worldWith([nightly, wide]);
    startPod(world, "nightly-1", { labels });
    startPod(world, "other-1", { labels: { team: "shop" } });
    await settle(world, 1);
    expect(rowOf(world)).toMatchObject({ pods: 1 });
    expect(rowOf(world, "Pods/orders:wide")).toMatchObject({ pods: 1 });
    expect(findingOf(world, "ClaimedTwice")).toBeUndefined();
  });

  it("that two policies pick are sized by neither, and count once", async () => {
    const world = worldWith([nightly]);
    world.policy("others", {
      workloads: [{ ...nightly, pods: { matchLabels: { team: "shop" } } }],
    });
    startPod(world, "nightly-1", { labels });
    await settle(world, 2);
    expect(findingOf(world, "ClaimedTwice")).toContain("picked or selected by shop/others as well");
    expect(findingOf(world, "ClaimedTwice", "others")).toContain(
      "picked or selected by shop/orders as well",
    );
    const rows = [rowOf(world), rowOf(world, "Pods/others:shop", "others")];
    expect(rows.map((one) => one?.pods)).toEqual([1, 0]);
    expect(rows.map((one) => one?.decision)).toEqual(["Unmanaged", "Unmanaged"]);
  });

  it("of a Deployment that a policy of another server selects count on both, and are sized by none", async () => {
    const world = worldWith([{ ...nightly, pods: { matchLabels: { app: "web" } } }]);
    // Nobody else makes pods of it.
    world.controller.isAway = true;
    const own = { labels: { app: "web" }, owner: "Deployment/web" };
    for (const one of [1, 2, 3]) startPod(world, `web-${one}`, own);
    const other = world.otherDatabase("other", "other.shop.svc:5432");
    world.policy("others", { database: other, workloads: [{ name: "web" }] });
    await settle(world, 2);
    const name = "Pods/orders:web";
    expect(rowOf(world, name)).toMatchObject({ pods: 3, heldSlots: 60, decision: "Unmanaged" });
    expect(findingOf(world, "ClaimedTwice")).toContain("picked or selected by shop/others as well");
    expect(findingOf(world, "PodsOfWorkload")).toBeUndefined();
  });

  it("have pools beside each other, as those of a workload", async () => {
    const file = { ...nightly, pool: "reports", env: { maxSize: "REPORTS_POOL_SIZE" } };
    const world = worldWith([nightly, file]);
    await settle(world);
    startPod(world, "nightly-1", { labels });
    await settle(world, 1);
    const [pod] = [...world.stores.pods.values()].filter((one) => one.labels?.["app"]);
    expect(pod?.furtherPoolSizes).toEqual({ reports: String(grantOf(world, `${row}/reports`)) });
    expect(rowOf(world, `${row}/reports`)).toMatchObject({ pods: 1, plannedPods: 4 });
  });

  it("cannot be sized by a template, which is said with the way out", async () => {
    const world = worldWith([nightly, { name: "web" }], false);
    startPod(world, "nightly-1", { labels });
    await settle(world, 1);
    expect(findingOf(world, "PodsNeedAdmission")).toContain("or set manage: Count");
    expect(conditionOf(world, "Applied")).toBe("False PodsNeedAdmission");
    expect(rowOf(world)).toMatchObject({ decision: "Unmanaged", heldSlots: 20, slots: 80 });

    world.policy("orders", { workloads: [{ ...nightly, manage: "Count" }, { name: "web" }] });
    await settle(world, 2);
    expect(findingOf(world, "PodsNeedAdmission")).toBeUndefined();
    expect(rowOf(world)).toMatchObject({ reason: "Counted", heldSlots: 20 });
  });

  it("go on being sized by the API server where a policy changes to templates", async () => {
    const world = worldWith([nightly, { name: "web" }]);
    await settle(world);
    const size = grantOf(world);
    world.policy("orders", { delivery: "Template", workloads: [nightly, { name: "web" }] });
    await settle(world, 12);
    expect(world.status("orders")).toMatchObject({ delivery: "Admission" });
    expect(world.status("orders").deliveryMessage).toContain("still without: orders:nightly");
    expect(grantOf(world)).toBe(size);
    expect(findingOf(world, "PodsNeedAdmission")).toContain("set manage: Count");

    world.policy("orders", {
      delivery: "Template",
      workloads: [{ ...nightly, manage: "Count" }, { name: "web" }],
    });
    await settle(world, 12);
    expect(world.status("orders").delivery).toBe("Template");
  });

  it("of several revisions are no rollout, which others would wait for", async () => {
    const world = worldWith([nightly, { name: "web" }]);
    await settle(world);
    for (const [at, revision] of ["a", "b", "c"].entries()) {
      const key = startPod(world, `nightly-${at}`, { labels });
      const pod = world.stores.pods.get(key);
      await settle(world, 1);
      if (pod) world.stores.pods.set({ ...pod, revision, terminating: at === 0 });
    }
    await settle(world, 1);
    const position = world.plan().positions.find(({ workload }) => workload.kind === "Pods");
    expect(position).toMatchObject({ rolling: false, stayingPods: 2, leavingPods: 1 });
  });

  it("that are only counted are written nothing", async () => {
    const world = worldWith([{ ...nightly, manage: "Count", unmanagedPoolSize: 6 }]);
    await settle(world);
    startPod(world, "nightly-1", { labels, containers: [{ ...aContainer(1), env: [] }] });
    await settle(world, 1);
    expect(sizesIn(world)).toEqual([undefined]);
    expect(rowOf(world)).toMatchObject({ reason: "Counted", heldSlots: 6, slots: 24 });
  });

  it("say once that an entry of the same name and pool picks nothing more", async () => {
    const world = worldWith([nightly, { ...nightly, maxPods: 9 }]);
    await settle(world, 1);
    expect(findingOf(world, "EntryUnused")).toContain(
      "an earlier entry has the same name or labels",
    );
    expect(rowOf(world)).toMatchObject({ plannedPods: 4 });
  });

  it("leave the account with their entry, and their grant stays for a while", async () => {
    const world = worldWith([nightly, { name: "web" }]);
    await settle(world);
    world.policy("orders", { workloads: [{ name: "web" }] });
    await settle(world, 1);
    expect(grantOf(world)).toBeGreaterThan(0);
    await settle(world, 8);
    expect(rowOf(world)).toBeUndefined();
    expect(grantOf(world)).toBeUndefined();
  });

  it("count with unmanagedPoolSize where nobody has seen a pod that was not sized", async () => {
    const world = worldWith([{ ...nightly, unmanagedPoolSize: 15 }]);
    await settle(world);
    startPod(world, "nightly-1", { labels });
    await settle(world, 1);
    expect(world.plan().positions[0]?.pool.template).toMatchObject({ poolSize: 15 });
    startPod(world, "nightly-2", { labels: { ...labels, started: "elsewhere" } });
    const pod = world.stores.pods.get("shop/nightly-2");
    if (pod)
      world.stores.pods.set({
        ...pod,
        containers: [aContainer(33)],
        poolSizeAnnotation: undefined,
      });
    await settle(world, 1);
    expect(world.plan().positions[0]?.pool.template).toMatchObject({ poolSize: 33 });
    expect(findingOf(world, "StartedUnsized")).toContain("1 of 2 pods started without a pool size");
  });

  it("keep their grant through a restart of the operator", async () => {
    const world = worldWith([nightly, { name: "web" }]);
    await settle(world);
    const size = grantOf(world);
    world.restartOperator();
    await settle(world, 2);
    expect(grantOf(world)).toBe(size);
    expect(rowOf(world)).toMatchObject({ decision: "Unchanged" });
  });
});

describe("revisions of Knative, of which each has a Deployment", () => {
  const service = { "serving.knative.dev/service": "orders" };
  const entry = { pods: { matchLabels: service }, maxPods: 10, poolSize: { min: 3, max: 20 } };

  it("are planned together (case 13)", async () => {
    const world = new MemoryWorld();
    for (const [name, replicas] of [
      ["orders-1", 0],
      ["orders-2", 0],
      ["orders-3", 4],
    ] as const) {
      world.deployment(name, { replicas, labels: service });
    }
    world.policy("orders", { workloads: [entry] });
    for (const one of [1, 2, 3, 4]) {
      startPod(world, `orders-3-${one}`, { labels: service, owner: "Deployment/orders-3" });
    }
    for (let minute = 0; minute < 3; minute += 1) {
      world.read({ maxConnections: 100 });
      await world.pass(minuteMs, 10_000);
    }
    expect(rowOf(world, "Pods/orders:orders")).toMatchObject({
      plannedPods: 10,
      wantedPoolSize: 4,
    });
    expect(conditionOf(world, "Feasible")).toBe("True Feasible");
  });
});
