// Plays one trace with one way. The fleet is created with the sizes of static sizing, the way goes
// to work on it, and the trace begins when that has come to rest: taking over a fleet is not part
// of what is compared.

import { Meter, type Readings } from "./meter.ts";
import { Restarts } from "./restarts.ts";
import { Scene } from "./scene.ts";
import { services } from "./services.ts";
import { staticSizes } from "./static-sizes.ts";
import { type Trace, traces } from "./traces.ts";
import { type WayName, ways } from "./ways.ts";

export interface Result {
  readonly trace: string;
  readonly way: WayName;
  readonly readings: Readings;
  /** What the judge of the simulation has to complain of, about Poolwarden alone. */
  readonly violation: string | undefined;
}

export interface Job {
  /** Of the trace. */
  readonly name: string;
  readonly way: WayName;
  readonly seed: number;
}

const minuteMs = 60_000;
/** Without a rollout of the way for so long the fleet is settled. */
const quietMs = 20 * minuteMs;
const settlingMaxMs = 6 * 60 * minuteMs;
const reviewEveryMs = 15_000;

/** `trace`: instead of the one of this name, for example a part of it. */
export async function play(
  { name, way, seed }: Job,
  trace: Trace | undefined = traces[name],
): Promise<Result> {
  if (!trace) throw new Error(`there is no trace ${name}`);
  const scene = new Scene(seed);
  const restarts = new Restarts(scene, ways[way]);
  const meter = new Meter(scene, restarts);
  const runFor = (ms: number): Promise<void> =>
    scene.time.runUntil(scene.time.nowMs() + ms, () => {
      scene.judge.look();
      meter.look();
      return true;
    });
  createFleet(scene, trace);
  ways[way].begin(scene);
  await settle(scene, restarts, runFor);
  const violationBefore = scene.judge.violation;
  meter.begin(trace.durationMs);
  review(scene);
  for (const { atMs, act } of trace.events(seed)) {
    scene.time.after(atMs, () => {
      act(scene);
    });
  }
  await runFor(trace.durationMs);
  if (violationBefore) throw new Error(`before the trace: ${JSON.stringify(violationBefore)}`);
  const { violation } = scene.judge;
  const isJudged = scene.operators.processes.length > 0;
  return {
    ...{ trace: name, way, readings: meter.readings() },
    violation: isJudged && violation ? `${violation.rule}: ${violation.message}` : undefined,
  };
}

function createFleet(scene: Scene, { startReplicas }: Trace): void {
  const sizes = staticSizes(services, 1);
  for (const service of services) {
    const replicas = startReplicas(service);
    scene.create(service, replicas, sizes.get(service.name) ?? 0);
    scene.demand(service.name, replicas);
  }
}

async function settle(
  scene: Scene,
  restarts: Restarts,
  runFor: (ms: number) => Promise<void>,
): Promise<void> {
  const limitMs = scene.time.nowMs() + settlingMaxMs;
  await runFor(quietMs);
  while (scene.time.nowMs() < restarts.lastRollMs + quietMs) {
    if (scene.time.nowMs() > limitMs) throw new Error("the fleet does not come to rest");
    await runFor(minuteMs);
  }
}

/** Puts the promise into force whenever the line holds. */
function review(scene: Scene): void {
  if (!scene.judge.isPromised) scene.judge.review();
  scene.time.after(reviewEveryMs, () => {
    review(scene);
  });
}
