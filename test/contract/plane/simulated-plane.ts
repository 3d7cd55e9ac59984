// The simulated cluster as a control plane under test: scenario seconds are virtual ones, and
// waiting is letting virtual time pass.

import { constantRandom } from "../../support/prng.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import type { EnvValue } from "../../simulation/world/template.ts";
import { World } from "../../simulation/world/world.ts";
import type { WorkloadSpec } from "../../simulation/world/workload-spec.ts";
import type { Plane, PlaneWorkload } from "./plane.ts";

const namespace = "plane";
const stepMs = 50;
const patienceMs = 3_600_000;

interface Seconds {
  readonly start: number;
  readonly stop: number;
}

export function openSimulatedPlane(): Plane {
  const clock = new VirtualClock();
  const world = new World({ clock, random: constantRandom() });
  const seconds = new Map<string, Seconds>();
  const secondsOf = (key: string): Seconds => seconds.get(key) ?? { start: 3, stop: 3 };
  world.podTimes.startMs = ({ workload }) => secondsOf(workload).start * 1_000;
  world.podTimes.stopMs = ({ workload }) => secondsOf(workload).stop * 1_000;
  world.installAdmission();
  const { sources, cluster } = world.connect();
  const blocked = new Set<string>();
  const act = (run: () => void): Promise<void> => {
    run();
    return Promise.resolve();
  };
  return {
    ...{ namespace, sources, cluster },
    canWaitForTermination: true,
    create: (workload) =>
      act(() => {
        const key = world.createWorkload(specOf(workload));
        const { startSeconds = 3, stopSeconds = 3 } = workload;
        seconds.set(key, { start: startSeconds, stop: stopSeconds });
        blocked.add(key);
      }),
    deploy: (name, { kind = "Deployment", broken = false } = {}) =>
      act(() => {
        world.deploy(`${namespace}/${kind}/${name}`, { broken });
      }),
    setEnv: (name, variable, value) =>
      act(() => {
        world.setEnv(deployment(name), variable, value);
      }),
    undo: (name) =>
      act(() => {
        world.undo(deployment(name));
      }),
    pause: (name) =>
      act(() => {
        world.pause(deployment(name));
      }),
    resume: (name) =>
      act(() => {
        world.resume(deployment(name));
      }),
    scale: (kind, name, replicas) =>
      act(() => {
        world.scale(`${namespace}/${kind}/${name}`, replicas);
      }),
    relabel: (name, labels) =>
      act(() => {
        world.relabel(deployment(name), labels);
      }),
    remove: (kind, name) =>
      act(() => {
        world.deleteWorkload(`${namespace}/${kind}/${name}`);
      }),
    deletePod: (key) =>
      act(() => {
        world.deletePod(key);
      }),
    setDisruptionsAllowed: (name, count) =>
      act(() => {
        world.evictions.allow(deployment(name), count);
      }),
    createPolicy: (name, spec = { reserve: { connections: 1 } }) =>
      act(() => {
        world.createPolicy({ namespace, name, spec });
      }),
    editPolicy: (name) =>
      act(() => {
        world.editPolicy(`${namespace}/${name}`, { reserve: { connections: 2 } });
      }),
    setQuotaFull: (isFull) =>
      act(() => {
        for (const key of blocked) world.setQuotaBlocked(key, isFull);
      }),
    forgetHistory: () =>
      act(() => {
        world.compact();
        world.breakWatches();
      }),
    pass: (count) => clock.advance(count * 1_000),
    until: (what, isTrue) => waitUntil(clock, what, isTrue),
    close: () => Promise.resolve(),
  };
}

async function waitUntil(
  clock: VirtualClock,
  what: string,
  isTrue: () => boolean | Promise<boolean>,
): Promise<void> {
  const endMs = clock.nowMs() + patienceMs;
  for (;;) {
    await clock.advance(stepMs);
    if (await isTrue()) return;
    if (clock.nowMs() > endMs) throw new Error(`waited an hour for ${what}`);
  }
}

function deployment(name: string): string {
  return `${namespace}/Deployment/${name}`;
}

function specOf(workload: PlaneWorkload): WorkloadSpec {
  const { kind = "Deployment", name, replicas, env = [], waitsForTermination = false } = workload;
  const { maxSurge, maxUnavailable, strategy, progressDeadlineSeconds } = workload;
  return {
    ...{ kind, namespace, name, replicas },
    labels: { app: name },
    manager: "owner",
    graceMs: 3_600_000,
    env: Object.fromEntries(env.map((one): [string, EnvValue] => [one.name, valueOf(one)])),
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(waitsForTermination ? { podReplacementPolicy: "TerminationComplete" } : {}),
    ...(progressDeadlineSeconds === undefined
      ? {}
      : { progressDeadlineMs: progressDeadlineSeconds * 1_000 }),
  };
}

function valueOf({ from, value = "" }: NonNullable<PlaneWorkload["env"]>[number]): EnvValue {
  return from ?? value;
}
