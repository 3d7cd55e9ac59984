// Workloads that wait: Recreate, StatefulSets, Deployments that are paused, blocked, late, or told
// to replace pods only once they are gone; and workloads that are deleted and made anew.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PlaneObserver } from "./observer.ts";
import type { Plane } from "./plane.ts";

export function testStrategies(openPlane: () => Promise<Plane>): void {
  let plane: Plane;
  let observer: PlaneObserver;

  beforeAll(async () => {
    observer = await PlaneObserver.open(openPlane);
    ({ plane } = observer);
  });

  afterAll(() => observer.close());

  describe("Recreate", () => {
    test("starts no pod of a new revision before all old ones are gone", async () => {
      await observer.settle({
        name: "recreate",
        replicas: 3,
        strategy: "Recreate",
        stopSeconds: 10,
      });
      await plane.deploy("recreate");
      await observer.untilSettled("recreate");
      const { total, liveLeast, revisions } = observer.extremes("recreate");
      expect({ total, liveLeast, revisions }).toEqual({ total: 3, liveLeast: 0, revisions: 1 });
    });

    test("replaces a deleted pod at once all the same, and scales at once", async () => {
      await observer.settle({
        name: "recreate-pod",
        replicas: 3,
        strategy: "Recreate",
        stopSeconds: 30,
      });
      await plane.deletePod(observer.podsOf("recreate-pod")[0]?.key ?? "");
      await plane.until("4 pods", () => observer.census("recreate-pod").total === 4);
      await plane.scale("Deployment", "recreate-pod", 5);
      await plane.until("6 pods", () => observer.census("recreate-pod").total === 6);
    });
  });

  describe("a Deployment that replaces pods once they are gone", () => {
    test("has never more than its replicas and its surge, terminating ones included", async (context) => {
      context.skip(
        !plane.canWaitForTermination,
        "this Kubernetes has no podReplacementPolicy for Deployments yet",
      );
      await observer.settle({
        name: "waits",
        replicas: 4,
        waitsForTermination: true,
        stopSeconds: 10,
      });
      expect(observer.workload("waits")?.waitsForTermination).toBe(true);
      await plane.deploy("waits");
      await observer.untilSettled("waits");
      expect(observer.extremes("waits").total).toBe(5);
      observer.forget("waits");
      await plane.deletePod(observer.podsOf("waits")[0]?.key ?? "");
      await plane.until("3 live pods", () => observer.census("waits").live === 3);
      await observer.untilSettled("waits");
      expect(observer.extremes("waits")).toMatchObject({ total: 4, liveLeast: 3 });
    });
  });

  describe("a paused Deployment", () => {
    test("takes a new template without a rollout, scales, and rolls out once resumed", async () => {
      await observer.settle({ name: "paused", replicas: 3 });
      const before = observer.newestSet("paused")?.revision;
      await plane.pause("paused");
      await plane.deploy("paused");
      await plane.scale("Deployment", "paused", 5);
      await plane.until("5 pods", () => observer.census("paused").live === 5);
      await plane.pass(5);
      expect(observer.podsOf("paused").map(({ revision }) => revision)).toEqual(
        new Array(5).fill(before),
      );
      expect(observer.workload("paused")).toMatchObject({ paused: true, updatedReplicas: 0 });
      await plane.resume("paused");
      await observer.untilSettled("paused");
      expect(observer.newestSet("paused")?.revision).not.toBe(before);
    });

    test("stops in the middle of a rollout", async () => {
      await observer.settle({ name: "halted", replicas: 10, startSeconds: 20 });
      await plane.deploy("halted");
      await plane.until("both revisions", () => observer.liveByRevision("halted").length === 2);
      await plane.pause("halted");
      await plane.until("the pause to be seen", () => {
        const workload = observer.workload("halted");
        return workload?.paused === true && workload.observedGeneration === workload.generation;
      });
      await plane.until("its surge to be filled up", () => observer.census("halted").live === 13);
      const counts = observer.liveByRevision("halted");
      await plane.pass(40);
      expect(observer.liveByRevision("halted")).toEqual(counts);
      await plane.resume("halted");
      await observer.untilSettled("halted");
    });
  });

  describe("a Deployment that does not get on", () => {
    test("says so after its deadline, and no longer once it has got on", async () => {
      const name = "late";
      await observer.settle({ name, replicas: 2, progressDeadlineSeconds: 2 });
      await plane.deploy(name, { broken: true });
      await plane.until("the deadline to be over", () => {
        return observer.workload(name)?.stuck?.includes("has timed out progressing") === true;
      });
      await plane.deploy(name);
      await observer.untilSettled(name);
      await plane.until("nothing to be stuck", () => observer.workload(name)?.stuck === undefined);
    });

    test("says that the quota is full, and goes on when it is not", async () => {
      await observer.settle({ name: "quota", replicas: 3 });
      await plane.setQuotaFull(true);
      await plane.deploy("quota");
      await plane.until("the quota to be named", () => {
        return observer.workload("quota")?.stuck?.includes("exceeded quota") === true;
      });
      expect(observer.liveByRevision("quota")).toEqual([3]);
      await plane.setQuotaFull(false);
      await observer.untilSettled("quota");
      await plane.until(
        "nothing to be stuck",
        () => observer.workload("quota")?.stuck === undefined,
      );
    });
  });

  describe("a StatefulSet", () => {
    test("replaces one pod after the other, and never has more than its replicas", async () => {
      await observer.settle({ kind: "StatefulSet", name: "rolled", replicas: 3, stopSeconds: 5 });
      const before = observer.workload("rolled")?.updateRevision;
      await plane.deploy("rolled", { kind: "StatefulSet" });
      await observer.untilSettled("rolled");
      expect(observer.workload("rolled")?.updateRevision).not.toBe(before);
      expect(observer.extremes("rolled")).toMatchObject({ total: 3, liveLeast: 2 });
    });

    test("stops at the first pod that does not get ready, the one of the highest ordinal", async () => {
      await observer.settle({ kind: "StatefulSet", name: "broken", replicas: 3 });
      const before = observer.workload("broken")?.updateRevision;
      await plane.deploy("broken", { kind: "StatefulSet", broken: true });
      const replaced = (): readonly string[] =>
        observer.livePodsOf("broken").flatMap((pod) => (pod.revision === before ? [] : [pod.key]));
      await plane.until("one to be replaced", () => replaced().length === 1);
      await plane.pass(20);
      expect(replaced()).toEqual([`${plane.namespace}/broken-2`]);
    });

    test("scales one pod after the other, in the order of their names", async () => {
      await observer.settle({ kind: "StatefulSet", name: "ordered", replicas: 3, stopSeconds: 5 });
      await plane.scale("StatefulSet", "ordered", 4);
      await observer.untilSettled("ordered");
      expect(observer.extremes("ordered")).toMatchObject({ total: 4, liveLeast: 3 });
      await plane.scale("StatefulSet", "ordered", 2);
      await observer.untilSettled("ordered");
      const names = observer.podsOf("ordered").map(({ key }) => key.split("/")[1]);
      expect(names.sort()).toEqual(["ordered-0", "ordered-1"]);
    });

    test("names the revision that its pods have", async () => {
      await observer.settle({ kind: "StatefulSet", name: "named", replicas: 1 });
      const revision = observer.workload("named")?.updateRevision;
      expect(revision).toMatch(/^named-/);
      expect(observer.podsOf("named").map((pod) => pod.revision)).toEqual([revision]);
    });

    test("does not make a pod before the one of its name is gone", async () => {
      await observer.settle({
        kind: "StatefulSet",
        name: "same-name",
        replicas: 2,
        stopSeconds: 10,
      });
      const [pod] = observer.podsOf("same-name");
      await plane.deletePod(pod?.key ?? "");
      await plane.until("another pod of that name", () => {
        const now = observer.podsOf("same-name").find(({ key }) => key === pod?.key);
        return now !== undefined && now.uid !== pod?.uid;
      });
      expect(observer.extremes("same-name").total).toBe(2);
    });
  });

  describe("a workload that is deleted", () => {
    test("leaves its pods to end, and comes back as another object with pods on top", async () => {
      const workload = { name: "anew", replicas: 3, stopSeconds: 600 };
      await observer.settle(workload);
      const before = observer.workload("anew");
      await plane.remove("Deployment", "anew");
      await plane.until("its pods to end", () => observer.census("anew").live === 0);
      expect(observer.census("anew").total).toBe(3);
      await plane.create(workload);
      await plane.until("3 live pods", () => observer.census("anew").live === 3);
      expect(observer.census("anew").total).toBe(6);
      const after = observer.workload("anew");
      expect(after?.uid).not.toBe(before?.uid);
      expect(after?.generation).toBe(1);
    });

    test("comes back as a StatefulSet that waits for the names of its pods, and for no others", async () => {
      const name = "anew-3";
      await observer.settle({ kind: "StatefulSet", name, replicas: 3, stopSeconds: 100 });
      await plane.deletePod(`${plane.namespace}/${name}-0`);
      await plane.until("it to end", () => observer.census(name).live === 2);
      await plane.pass(60);
      await plane.remove("StatefulSet", name);
      await plane.until("the others to end", () => observer.census(name).live === 0);
      await plane.create({ kind: "StatefulSet", name, replicas: 1, stopSeconds: 100 });
      await plane.until("a live pod", () => observer.census(name).live === 1);
      expect(observer.census(name).total).toBe(3);
      expect(observer.livePodsOf(name).map(({ key }) => key)).toEqual([
        `${plane.namespace}/${name}-0`,
      ]);
    });

    test("comes back with pods on top although its strategy waits for old ones", async () => {
      const workload = {
        name: "anew-2",
        replicas: 3,
        strategy: "Recreate",
        stopSeconds: 60,
      } as const;
      await observer.settle(workload);
      const uid = observer.workload("anew-2")?.uid;
      const former = observer.podsOf("anew-2").map(({ ownerUid }) => ownerUid);
      await plane.remove("Deployment", "anew-2");
      await plane.until("its pods to end", () => observer.census("anew-2").live === 0);
      await plane.create(workload);
      await plane.until("3 live pods", () => observer.census("anew-2").live === 3);
      expect(observer.census("anew-2").total).toBe(6);
      const owners = new Set(observer.livePodsOf("anew-2").map(({ ownerUid }) => ownerUid));
      expect(former.some((owner) => owners.has(owner))).toBe(false);
      const set = observer.newestSet("anew-2");
      expect([...owners]).toEqual([set?.uid]);
      expect(set?.workloadUid).toBe(observer.workload("anew-2")?.uid);
      expect(set?.workloadUid).not.toBe(uid);
    });
  });
}
