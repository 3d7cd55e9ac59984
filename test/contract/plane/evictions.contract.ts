// What an eviction does: its pod ends in its own time and is replaced meanwhile, a
// PodDisruptionBudget may forbid it, and it never ends another pod than the one that was meant.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ObservedPod } from "../../../src/observed.ts";
import { PlaneObserver } from "./observer.ts";
import type { Plane } from "./plane.ts";

export function testEvictions(openPlane: () => Promise<Plane>): void {
  let plane: Plane;
  let observer: PlaneObserver;

  beforeAll(async () => {
    observer = await PlaneObserver.open(openPlane);
    ({ plane } = observer);
  });

  afterAll(() => observer.close());

  async function running(name: string, replicas: number): Promise<readonly ObservedPod[]> {
    const ready = (): readonly ObservedPod[] =>
      observer.podsOf(name).filter(({ unready, terminating }) => unready !== true && !terminating);
    await plane.until(`${replicas} ready pods of ${name}`, () => ready().length === replicas);
    return ready();
  }

  async function started(name: string): Promise<ObservedPod> {
    await plane.create({ name, replicas: 2, stopSeconds: 20 });
    const [pod] = await running(name, 2);
    if (!pod) throw new Error(`${name} has no pod`);
    return pod;
  }

  function has(name: string, uid: string): boolean {
    return observer.podsOf(name).some((pod) => pod.uid === uid);
  }

  async function ending(name: string, uid: string): Promise<void> {
    const isEnding = (): boolean =>
      observer.podsOf(name).some((pod) => pod.uid === uid && pod.terminating);
    await plane.until("it to end", isEnding);
  }

  test("the pod ends in its own time, and its replacement starts meanwhile", async () => {
    const pod = await started("evicted");
    expect(await plane.cluster.evict(pod)).toEqual({ kind: "ok", value: undefined });
    await ending("evicted", pod.uid);
    await running("evicted", 2);
    expect(has("evicted", pod.uid)).toBe(true);
    await plane.until("it to be gone", () => !has("evicted", pod.uid));
  });

  test("a pod that ends already may be evicted again, which changes nothing", async () => {
    const pod = await started("again");
    await plane.cluster.evict(pod);
    expect(await plane.cluster.evict(pod)).toMatchObject({ kind: "ok" });
    await ending("again", pod.uid);
    await running("again", 2);
    expect(observer.podsOf("again")).toHaveLength(3);
  });

  test("a pod is unready until its containers are ready", async () => {
    await plane.create({ name: "slow", replicas: 1, startSeconds: 10 });
    await plane.until("it to be there", () => observer.podsOf("slow").length === 1);
    expect(observer.podsOf("slow")[0]?.unready).toBe(true);
    await running("slow", 1);
  });

  test("another pod of its name is not ended", async () => {
    const pod = await started("renamed");
    const other = await plane.cluster.evict({ key: pod.key, uid: "another" });
    expect(other).toMatchObject({ kind: "conflict", managers: [] });
    expect(await plane.cluster.evict({ key: `${pod.key}-gone`, uid: pod.uid })).toMatchObject({
      kind: "absent",
    });
    expect(observer.podsOf("renamed").some(({ terminating }) => terminating)).toBe(false);
  });

  test("a PodDisruptionBudget forbids it, names itself, and allows it later", async () => {
    const pod = await started("guarded");
    await plane.setDisruptionsAllowed("guarded", 0);
    const refused = await plane.cluster.evict(pod);
    expect(refused.kind === "guarded" && refused.message).toContain("disruption budget guarded");
    expect(observer.podsOf("guarded").some(({ terminating }) => terminating)).toBe(false);
    await plane.setDisruptionsAllowed("guarded", 1);
    expect(await plane.cluster.evict(pod)).toMatchObject({ kind: "ok" });
    await ending("guarded", pod.uid);
    const [next] = await running("guarded", 2);
    if (next) expect(await plane.cluster.evict(next)).toMatchObject({ kind: "guarded" });
  });
}
