// How many pods a Deployment has at once, whatever happens to it. Bounds that hold at every moment
// are asserted on every event; where the pods of a revision never get ready, the rollout stops in
// one certain state, which is the same wherever the rules are the same.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PlaneObserver } from "./observer.ts";
import type { Plane } from "./plane.ts";

type Bound = readonly [least: number, most: number];

/**
 * Peaks of a rollout with pods that start in 10 s, by the seconds that they take to end. How soon a
 * controller acts moves those of pods that end before the rollout does: of these at least the first
 * step is seen. The simulation's own test has exact numbers.
 */
const peaks: readonly {
  readonly name: string;
  readonly replicas: number;
  readonly maxSurge: string | number;
  readonly maxUnavailable: string | number;
  readonly want: Readonly<Record<2 | 30 | 300, Bound>>;
}[] = [
  {
    ...{ name: "both-10", replicas: 10, maxSurge: "25%", maxUnavailable: "25%" },
    want: { 2: [13, 20], 30: [13, 20], 300: [20, 20] },
  },
  {
    ...{ name: "both-15", replicas: 15, maxSurge: "25%", maxUnavailable: "25%" },
    want: { 2: [19, 30], 30: [19, 30], 300: [30, 30] },
  },
  {
    ...{ name: "unavailable-10", replicas: 10, maxSurge: 0, maxUnavailable: "25%" },
    want: { 2: [10, 14], 30: [10, 18], 300: [20, 20] },
  },
  {
    ...{ name: "surge-10", replicas: 10, maxSurge: "25%", maxUnavailable: 0 },
    want: { 2: [13, 18], 30: [13, 20], 300: [20, 20] },
  },
  {
    ...{ name: "double-10", replicas: 10, maxSurge: "100%", maxUnavailable: 0 },
    want: { 2: [20, 20], 30: [20, 20], 300: [20, 20] },
  },
];

export function testRollouts(openPlane: () => Promise<Plane>): void {
  let plane: Plane;
  let observer: PlaneObserver;

  beforeAll(async () => {
    observer = await PlaneObserver.open(openPlane);
    ({ plane } = observer);
  });

  afterAll(() => observer.close());

  async function untilLive(name: string, ...byRevision: readonly number[]): Promise<void> {
    const want = JSON.stringify(byRevision);
    await plane.until(`${name} to have ${want} live pods by revision`, () => {
      return JSON.stringify(observer.liveByRevision(name)) === want;
    });
  }

  describe("the peak of a rollout", () => {
    test.each([2, 30, 300] as const)("of pods that take %d s to end", async (stopSeconds) => {
      const rows = peaks.map((row) => ({ ...row, name: `${row.name}-${stopSeconds}` }));
      const common = { startSeconds: 10, stopSeconds };
      await Promise.all(
        rows.map(({ name, replicas, maxSurge, maxUnavailable }) =>
          observer.settle({ ...common, name, replicas, maxSurge, maxUnavailable }),
        ),
      );
      await Promise.all(rows.map(({ name }) => plane.deploy(name)));
      for (const { name } of rows) await observer.untilRolledOut(name);
      for (const { name, want } of rows) {
        const [least, most] = want[stopSeconds];
        const { total } = observer.extremes(name);
        expect({ name, total, isWithin: total >= least && total <= most }).toEqual({
          ...{ name, total },
          isWithin: true,
        });
      }
    });

    test.each([
      { rollouts: 2, everySeconds: 20, least: 26, most: 30 },
      { rollouts: 3, everySeconds: 15, least: 31, most: 40 },
    ])(
      "of $rollouts rollouts, one after $everySeconds s, of 10 pods that take 300 s to end: up to $most",
      async ({ rollouts, everySeconds, least, most }) => {
        const name = `again-${rollouts}`;
        await observer.settle({ name, replicas: 10, startSeconds: 10, stopSeconds: 300 });
        for (let count = 0; count < rollouts; count++) {
          await plane.deploy(name);
          await plane.pass(everySeconds);
        }
        await observer.untilRolledOut(name);
        expect(observer.extremes(name).total).toBeGreaterThanOrEqual(least);
        expect(observer.extremes(name).total).toBeLessThanOrEqual(most);
        expect(observer.extremes(name).revisions).toBe(rollouts + 1);
      },
    );
  });

  describe("the live pods of a rollout", () => {
    // Stopped by pods that never get ready, it shows what may be there and what may be missing.
    test.each([
      { name: "quarter", replicas: 10, maxSurge: "25%", maxUnavailable: "25%", want: [8, 5] },
      { name: "three", replicas: 3, maxSurge: "25%", maxUnavailable: "25%", want: [3, 1] },
      { name: "one", replicas: 1, maxSurge: "25%", maxUnavailable: "25%", want: [1, 1] },
      { name: "no-surge", replicas: 4, maxSurge: 0, maxUnavailable: 1, want: [3, 1] },
      { name: "nothing", replicas: 4, maxSurge: "0%", maxUnavailable: "1%", want: [3, 1] },
      { name: "half", replicas: 5, maxSurge: "50%", maxUnavailable: "50%", want: [5, 3] },
      { name: "double", replicas: 4, maxSurge: "100%", maxUnavailable: 0, want: [4, 4] },
    ])(
      "$replicas with surge $maxSurge and unavailable $maxUnavailable: $want.0 and $want.1",
      async ({ want, ...workload }) => {
        await observer.settle(workload);
        await plane.deploy(workload.name, { broken: true });
        await untilLive(workload.name, ...want);
        await plane.pass(10);
        expect(observer.liveByRevision(workload.name)).toEqual(want);
        await plane.deploy(workload.name);
        await observer.untilSettled(workload.name);
      },
    );

    test("terminating ones come on top: surge and unavailable are there in the first second", async () => {
      await observer.settle({ name: "on-top", replicas: 10, stopSeconds: 3_000 });
      await plane.deploy("on-top", { broken: true });
      await untilLive("on-top", 8, 5);
      expect(observer.census("on-top")).toEqual({ total: 15, live: 13 });
      await plane.pass(20);
      expect(observer.census("on-top")).toEqual({ total: 15, live: 13 });
    });

    test("a third revision takes the place of a second one that is not ready", async () => {
      await observer.settle({ name: "rollover", replicas: 10 });
      await plane.deploy("rollover", { broken: true });
      await untilLive("rollover", 8, 5);
      const [second] = observer.livePodsOf("rollover").slice(-1);
      await plane.deploy("rollover", { broken: true });
      await plane.until("the second revision to be gone", () =>
        observer.livePodsOf("rollover").every(({ revision }) => revision !== second?.revision),
      );
      await untilLive("rollover", 8, 5);
      expect(observer.extremes("rollover").liveMost).toBeLessThanOrEqual(13);
      expect(observer.extremes("rollover").revisions).toBe(3);
      await plane.deploy("rollover");
      await observer.untilSettled("rollover");
    });

    test("undo brings the old revision back, as the newest, with its environment", async () => {
      await observer.settle({ name: "undo", replicas: 4, env: [{ name: "SIZE", value: "50" }] });
      const first = observer.newestSet("undo");
      await plane.setEnv("undo", "SIZE", "20");
      await observer.untilSettled("undo");
      const second = observer.newestSet("undo");
      expect(second?.revisionNumber).toBe(2);
      await plane.undo("undo");
      await plane.until("the old one to be the newest", () => {
        return observer.newestSet("undo")?.revisionNumber === 3;
      });
      await observer.untilSettled("undo");
      expect(observer.workload("undo")?.revisionNumber).toBe(3);
      expect(observer.newestSet("undo")?.revision).toBe(first?.revision);
      const sizes = observer.podsOf("undo").map(({ containers }) => containers[0]?.env[0]?.value);
      expect(sizes).toEqual(["50", "50", "50", "50"]);
    });

    test("undo in the middle of a rollout ends what is not ready first", async () => {
      await observer.settle({ name: "undo-broken", replicas: 10 });
      await plane.deploy("undo-broken", { broken: true });
      await untilLive("undo-broken", 8, 5);
      await plane.undo("undo-broken");
      await observer.untilSettled("undo-broken");
      expect(observer.extremes("undo-broken").liveLeast).toBeGreaterThanOrEqual(8);
      expect(observer.extremes("undo-broken").liveMost).toBeLessThanOrEqual(13);
    });
  });

  describe("scaling", () => {
    test("in the middle of a rollout is shared out by size", async () => {
      await observer.settle({ name: "proportional", replicas: 10 });
      await plane.deploy("proportional", { broken: true });
      await untilLive("proportional", 8, 5);
      await plane.scale("Deployment", "proportional", 20);
      await untilLive("proportional", 15, 10);
      await plane.scale("Deployment", "proportional", 5);
      await plane.until("it to be small", () => observer.census("proportional").live === 7);
      await plane.deploy("proportional");
      await observer.untilSettled("proportional");
    });

    test("is no rollout: the pods that stay are the same, the revision too", async () => {
      await observer.settle({ name: "scaled", replicas: 3 });
      const before = observer.podsOf("scaled").map(({ uid }) => uid);
      await plane.scale("Deployment", "scaled", 8);
      await observer.untilSettled("scaled");
      const after = observer.podsOf("scaled").map(({ uid }) => uid);
      expect(after).toEqual(expect.arrayContaining(before));
      await plane.scale("Deployment", "scaled", 3);
      await observer.untilSettled("scaled");
      const staying = observer.podsOf("scaled").map(({ uid }) => uid);
      expect(after).toEqual(expect.arrayContaining(staying));
      expect(observer.extremes("scaled").liveLeast).toBe(3);
    });

    test("to 0 and back", async () => {
      await observer.settle({ name: "to-zero", replicas: 3 });
      await plane.scale("Deployment", "to-zero", 0);
      await plane.until("no pods", () => observer.census("to-zero").total === 0);
      await plane.scale("Deployment", "to-zero", 2);
      await observer.untilSettled("to-zero");
    });
  });

  test("a deleted pod is replaced at once, while it still ends", async () => {
    await observer.settle({ name: "deleted-pod", replicas: 3, stopSeconds: 30 });
    await plane.deletePod(observer.podsOf("deleted-pod")[0]?.key ?? "");
    await plane.until("4 pods", () => observer.census("deleted-pod").total === 4);
    await observer.untilSettled("deleted-pod");
    expect(observer.extremes("deleted-pod")).toMatchObject({ total: 4, liveMost: 3, liveLeast: 2 });
  });
}
