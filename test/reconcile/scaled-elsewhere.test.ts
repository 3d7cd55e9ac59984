// Who decides how many pods there are need not name the workload: an autoscaler of the custom
// resource that owns it, and an Argo Rollout that takes its template.
// (On a real API server: test/integration/scaled-elsewhere.test.ts.)
import { describe, expect, it } from "vitest";
import type { ObservedAutoscaler, ObservedPod } from "../../src/observed.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const owner = { group: "example.io", kind: "Identity", name: "sso" };

function findingOf(world: MemoryWorld, reason: string): string | undefined {
  return world.status("orders").findings?.find((one) => one.reason === reason)?.message;
}

function plannedPods(world: MemoryWorld): number | undefined {
  return world.status("orders").workloads?.[0]?.plannedPods;
}

function autoscalerOf(world: MemoryWorld, change: Partial<ObservedAutoscaler>): void {
  const resourceVersion = world.stores.nextVersion();
  const target = { targetKind: "Identity", targetName: "sso", targetGroup: "example.io" };
  const identity = { key: "shop/hpa", uid: "hpa", resourceVersion, namespace: "shop" };
  world.stores.autoscalers.set({ ...identity, ...target, maxReplicas: 6, ...change });
}

describe("an autoscaler of a custom resource", () => {
  const rows = [
    { name: "counts for what it owns", workload: { owner }, want: 6 },
    { name: "of any group where none is stated", autoscaler: { targetGroup: undefined }, want: 6 },
    { name: "of another group is another resource", autoscaler: { targetGroup: "b.io" }, want: 2 },
    { name: "of another name is another resource", autoscaler: { targetName: "b" }, want: 2 },
    { name: "in another namespace as well", autoscaler: { namespace: "b" }, want: 2 },
    {
      name: "does not count where the replicas of now are asked for",
      entry: { plannedPods: "Current" },
      want: 2,
    },
  ] as const;
  it.each(rows)("$name", async (row) => {
    const {
      autoscaler = {},
      entry = {},
      want,
    } = { autoscaler: undefined, entry: undefined, ...row };
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "web", ...entry }] });
    world.deployment("web", { replicas: 2, owner });
    autoscalerOf(world, autoscaler);

    await world.pass(minuteMs);

    expect(plannedPods(world)).toBe(want);
    expect(findingOf(world, "ScaledElsewhere")).toBeUndefined();
  });

  it("of several workloads counts for none, and each says so", async () => {
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "job" }, { name: "task" }] });
    world.deployment("job", { replicas: 1, owner });
    world.deployment("task", { replicas: 2, owner });
    autoscalerOf(world, { maxReplicas: 20 });
    await world.pass(minuteMs);

    const { workloads = [], findings = [] } = world.status("orders");
    expect(workloads.map((row) => row.plannedPods)).toEqual([1, 2]);
    const found = findings.filter(({ reason }) => reason === "ScaledElsewhere");
    const said = found.map(({ message }) => message).join();
    for (const name of ["Deployment/job", "Deployment/task"]) expect(said).toContain(name);
    expect(said).toContain("set maxPods");
  });

  it("is named where it has the workload's name and is not known to own it", async () => {
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "web" }] });
    world.deployment("web", { replicas: 2 });
    autoscalerOf(world, { targetName: "web" });
    await world.pass(minuteMs);

    expect(findingOf(world, "ScaledElsewhere")).toBe(
      "Deployment/web: is planned with 2 pods, but an autoscaler scales Identity/web up to 6. If " +
        "those are this workload's pods, set maxPods: 6 in its entry",
    );

    world.policy("orders", { workloads: [{ name: "web", maxPods: 6 }] });
    await world.pass(minuteMs);

    expect(plannedPods(world)).toBe(6);
    expect(findingOf(world, "ScaledElsewhere")).toBeUndefined();
  });
});

describe("a Deployment at 0 replicas", () => {
  function rolloutWorld(replicas: number): MemoryWorld {
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "web" }] });
    world.deployment("web", { replicas, containers: [aContainer(20)] });
    for (const uid of ["a", "b", "c", "d", "e"]) {
      world.stores.pods.set({
        ...{ key: `shop/${uid}`, uid, resourceVersion: "1", workload: "shop/Rollout/web" },
        ...{ addresses: [], revision: "r1", createdAtMs: 0, terminating: false, finished: false },
        ...{ containers: [aContainer(20)], poolSizeAnnotation: undefined },
      });
    }
    return world;
  }

  it("whose template a Rollout runs is not Ready, and says what runs", async () => {
    const world = rolloutWorld(0);
    autoscalerOf(world, { targetKind: "Rollout", targetName: "web", maxReplicas: 10 });
    await world.pass(minuteMs);

    expect(findingOf(world, "TemplateOfRollout")).toBe(
      "Deployment/web: has 0 replicas: Rollout/web runs 5 pods, up to 10 by its autoscaler, " +
        "from its template, which may hold 200 slots. To fix: pick the pods of the Rollout with an entry " +
        "of pods.matchLabels and maxPods, and take this workload out of the policy",
    );
    const ready = world.status("orders").conditions?.find(({ type }) => type === "Ready");
    expect(ready).toMatchObject({ status: "False", reason: "TemplateOfRollout" });
  });

  it("is in order once an entry picks the pods of the Rollout", async () => {
    const world = rolloutWorld(0);
    for (const pod of [...world.stores.pods.values()])
      world.stores.pods.set({ ...pod, labels: { app: "web" } });
    const pods = { pods: { matchLabels: { app: "web" } }, maxPods: 5 };
    world.policy("orders", { workloads: [{ name: "web" }, pods] });
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toBeUndefined();
  });

  it("is in order once an entry picks them, also while none of them runs", async () => {
    const world = new MemoryWorld();
    const pods = { pods: { matchLabels: { app: "web" } }, maxPods: 10 };
    world.policy("orders", { workloads: [{ name: "web" }, pods] });
    world.deployment("web", { replicas: 0, podLabels: { app: "web" } });
    autoscalerOf(world, { targetKind: "Rollout", targetName: "web", maxReplicas: 10 });
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toBeUndefined();

    world.deployment("web", { replicas: 0, podLabels: { app: "other" } });
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toContain("Rollout/web runs 0 pods, up to 10");
  });

  it("that the controller of Rollouts has scaled down says so before any pod runs", async () => {
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "web" }] });
    const podLabels = { app: "web" };
    world.deployment("web", { replicas: 0, podLabels, isScaledByRollouts: true });
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toBe(
      "Deployment/web: has 0 replicas: the controller of Argo Rollouts has scaled it down, so a Rollout takes " +
        "its template, of which no pod runs now. To fix: pick the pods of the Rollout with an entry of " +
        "pods.matchLabels and maxPods, and take this workload out of the policy",
    );

    world.deployment("web", { replicas: 1, isScaledByRollouts: true });
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toBeUndefined();
  });

  describe("and a Rollout of another name", () => {
    const podLabels = { app: "web", tier: "front" };
    const ofRollout = { ...podLabels, "rollouts-pod-template-hash": "5d9c" };

    async function playWith(pod: Partial<ObservedPod>): Promise<MemoryWorld> {
      const world = new MemoryWorld();
      world.policy("orders", { workloads: [{ name: "web" }] });
      world.deployment("web", { replicas: 0, podLabels, containers: [aContainer(20)] });
      for (const uid of ["a", "b"]) {
        const common = { resourceVersion: "1", addresses: [], revision: "r1", createdAtMs: 0 };
        world.stores.pods.set({
          ...{ key: `shop/${uid}`, uid, workload: "shop/Rollout/web-canary", labels: ofRollout },
          ...{ ...common, terminating: false, finished: false, poolSizeAnnotation: undefined },
          ...{ containers: [aContainer(20)], ...pod },
        });
      }
      await world.pass(minuteMs);
      return world;
    }

    it("that runs pods of its template is named", async () => {
      const world = await playWith({});
      expect(findingOf(world, "TemplateOfRollout")).toContain(
        "has 0 replicas: Rollout/web-canary runs 2 pods from its template, which may hold 40 slots",
      );
      const ready = world.status("orders").conditions?.find(({ type }) => type === "Ready");
      expect(ready?.reason).toBe("TemplateOfRollout");
    });

    it.each<[string, Partial<ObservedPod>]>([
      ["whose pods have other labels", { labels: { ...ofRollout, tier: "back" } }],
      ["whose pods have no labels", { labels: {} }],
      ["whose pods have other containers", { containers: [{ ...aContainer(20), name: "b" }] }],
      ["that is no Rollout", { workload: "shop/Job/web" }],
    ])("%s is another one", async (_, pod) => {
      expect(findingOf(await playWith(pod), "TemplateOfRollout")).toBeUndefined();
    });
  });

  it("counts the Rollout's pods where it has no autoscaler", async () => {
    const world = rolloutWorld(0);
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toContain("runs 5 pods from its template");
    expect(findingOf(world, "TemplateOfRollout")).toContain("may hold 100 slots");
  });

  it("that runs pods of its own beside those of the Rollout says that nobody counts these", async () => {
    const world = rolloutWorld(3);
    autoscalerOf(world, { targetKind: "Rollout", targetName: "web", maxReplicas: 10 });
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toBe(
      "Deployment/web: has 3 replicas: Rollout/web runs 5 pods, up to 10 by its autoscaler, " +
        "from its template, which may hold 200 slots. To fix: pick the pods of the Rollout with an entry " +
        "of pods.matchLabels and maxPods",
    );
    const ready = world.status("orders").conditions?.find(({ type }) => type === "Ready");
    expect(ready?.reason).not.toBe("TemplateOfRollout");
  });

  it("is a Deployment as any other beside an autoscaler of a Rollout without pods", async () => {
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "web" }] });
    world.deployment("web", { replicas: 3 });
    autoscalerOf(world, { targetKind: "Rollout", targetName: "web", maxReplicas: 10 });
    await world.pass(minuteMs);
    expect(findingOf(world, "TemplateOfRollout")).toBeUndefined();
  });

  it("without any Rollout is Ready", async () => {
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "web" }] });
    world.deployment("web", { replicas: 0 });
    await world.pass(minuteMs);
    expect(world.status("orders").findings).toEqual([]);
  });
});
