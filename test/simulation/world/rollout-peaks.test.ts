// How many pods a rollout has at once. The numbers are those of a rolling update's own rules, found
// with another model and on real nodes before this one was written; the decision's room for
// rollouts rests on them.

import { expect, test } from "vitest";
import { constantRandom } from "../../support/prng.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import type { WorkloadSpec } from "./workload-spec.ts";
import { World } from "./world.ts";

const clockStartMs = Date.parse("2026-09-01T00:00:00Z");

class Rollout {
  readonly clock = new VirtualClock(clockStartMs);
  readonly world = new World({ clock: this.clock, random: constantRandom() });
  readonly key: string;

  constructor(spec: Partial<WorkloadSpec>, stopMs: number) {
    this.world.podTimes.stopMs = () => stopMs;
    this.key = this.world.createWorkload({
      ...{ kind: "Deployment", namespace: "shop", name: "web", replicas: 10, graceMs: 600_000 },
      ...spec,
    });
  }

  get count(): number {
    return [...this.world.pods()].length;
  }

  /** The most pods at once until nothing has changed for a while. */
  async peakWhile(act: (waitMs: (ms: number) => Promise<void>) => Promise<void>): Promise<number> {
    let peak = this.count;
    const wait = async (ms: number): Promise<void> => {
      for (const endMs = this.clock.nowMs() + ms; this.clock.nowMs() < endMs;) {
        await this.clock.advance(100);
        peak = Math.max(peak, this.count);
      }
    };
    await act(wait);
    return peak;
  }
}

type Row = {
  readonly replicas: number;
  readonly maxSurge: string | number;
  readonly maxUnavailable: string | number;
  /** By the seconds that a pod takes to end. */
  readonly wantPeaks: Readonly<Record<2 | 30 | 300, number>>;
};

test.each<Row>([
  { replicas: 10, maxSurge: "25%", maxUnavailable: "25%", wantPeaks: { 2: 18, 30: 20, 300: 20 } },
  { replicas: 15, maxSurge: "25%", maxUnavailable: "25%", wantPeaks: { 2: 26, 30: 30, 300: 30 } },
  { replicas: 10, maxSurge: 0, maxUnavailable: "25%", wantPeaks: { 2: 12, 30: 16, 300: 20 } },
  { replicas: 10, maxSurge: "25%", maxUnavailable: 0, wantPeaks: { 2: 16, 30: 20, 300: 20 } },
  { replicas: 10, maxSurge: "100%", maxUnavailable: 0, wantPeaks: { 2: 20, 30: 20, 300: 20 } },
])(
  "$replicas pods, surge $maxSurge, unavailable $maxUnavailable: as many at once as the rules say",
  async ({ wantPeaks, ...spec }) => {
    const peaks: Record<number, number> = {};
    for (const seconds of [2, 30, 300] as const) {
      const rollout = new Rollout(spec, seconds * 1_000);
      await rollout.clock.advance(60_000);
      expect(rollout.count).toBe(spec.replicas);
      peaks[seconds] = await rollout.peakWhile(async (wait) => {
        rollout.world.deploy(rollout.key);
        await wait(200_000);
      });
    }
    expect(peaks).toEqual(wantPeaks);
  },
);

test.each([
  { rollouts: 2, everyMs: 20_000, wantPeak: 30 },
  { rollouts: 3, everyMs: 15_000, wantPeak: 40 },
])(
  "$rollouts rollouts, one every $everyMs ms, of pods that take 300 s to end: $wantPeak at once",
  async ({ rollouts, everyMs, wantPeak }) => {
    const rollout = new Rollout({}, 300_000);
    await rollout.clock.advance(60_000);
    const peak = await rollout.peakWhile(async (wait) => {
      for (let count = 0; count < rollouts; count++) {
        rollout.world.deploy(rollout.key);
        await wait(everyMs);
      }
      await wait(150_000);
    });
    expect(peak).toBe(wantPeak);
  },
);

type Interruption = (rollout: Rollout, waitMs: (ms: number) => Promise<void>) => Promise<void>;

const pause: Interruption = async ({ world, key }) => {
  await Promise.resolve();
  world.pause(key);
};

/** As an autoscaler does whose maximum is ten. */
const scaleToTen: Interruption = async ({ world, key }, wait) => {
  for (let replicas = 6; replicas <= 10; replicas++) {
    world.scale(key, replicas);
    await wait(15_000);
  }
};

test.each([
  { name: "surge 25%, paused", maxSurge: "25%", replicas: 10, interrupt: pause, wantPeak: 22 },
  { name: "surge 100%, paused", maxSurge: "100%", replicas: 10, interrupt: pause, wantPeak: 29 },
  { name: "Recreate, paused", replicas: 10, interrupt: pause, wantPeak: 20 },
  { name: "surge 25%, scaled", maxSurge: "25%", replicas: 5, interrupt: scaleToTen, wantPeak: 17 },
  {
    name: "surge 100%, scaled",
    maxSurge: "100%",
    replicas: 5,
    interrupt: scaleToTen,
    wantPeak: 38,
  },
])(
  "$replicas pods, $name in the middle of a rollout: filled up beside pods that end, $wantPeak at once",
  async ({ maxSurge, replicas, interrupt, wantPeak }) => {
    const strategy = maxSurge === undefined ? "Recreate" : "RollingUpdate";
    const spec = { replicas, strategy, ...(maxSurge === undefined ? {} : { maxSurge }) } as const;
    const peaks: number[] = [];
    for (let afterMs = 4_000; afterMs < 40_000; afterMs += 4_000) {
      const rollout = new Rollout(spec, 300_000);
      // They get ready one after the other.
      let started = 0;
      rollout.world.podTimes.startMs = () => 1_000 + (started++ % 10) * 3_000;
      await rollout.clock.advance(60_000);
      const peak = await rollout.peakWhile(async (wait) => {
        rollout.world.deploy(rollout.key);
        await wait(afterMs);
        await interrupt(rollout, wait);
        await wait(100_000);
      });
      peaks.push(peak);
    }
    expect(Math.max(...peaks)).toBe(wantPeak);
  },
);

test("once it is over, exactly the replicas are there, all of the new revision", async () => {
  const rollout = new Rollout({}, 30_000);
  await rollout.clock.advance(60_000);
  const [before] = rollout.world.pods();
  rollout.world.deploy(rollout.key);
  await rollout.clock.advance(300_000);
  const pods = [...rollout.world.pods()];
  expect(pods).toHaveLength(10);
  expect(pods.every((pod) => pod.ready && pod.revision !== before?.revision)).toBe(true);
});
