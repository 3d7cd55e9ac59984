// What happens to the fleet: seven histories that fleets really have. All of a trace is drawn
// before it is played, so that each way meets the same. In every trace the load of some service
// changes a little every few minutes, as it does in any fleet.

import type { Random } from "../../src/ports.ts";
import { seededRandom } from "../support/prng.ts";
import type { Scene } from "./scene.ts";
import { newcomer, type Service, services } from "./services.ts";

export interface TraceEvent {
  readonly atMs: number;
  readonly act: (scene: Scene) => void;
}

export interface Trace {
  readonly title: string;
  readonly what: string;
  readonly durationMs: number;
  /** Replicas only: nobody has a reason to restart a pod but its own deploys. */
  readonly isScalingOnly: boolean;
  /** Sessions that nobody ends are left behind, and pods wait for their slots. */
  readonly losesNode?: true;
  /** Pods that a service's load asks for when the trace begins. */
  readonly startReplicas: (service: Service) => number;
  readonly events: (seed: number) => readonly TraceEvent[];
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const loadEveryMs = 5 * minuteMs;

/** In the order of the table. */
export const traces: Readonly<Record<string, Trace>> = {
  daily: {
    title: "daily cycle",
    what: "24 h of load with a peak in each service's afternoon; every service deploys once",
    durationMs: 24 * hourMs,
    isScalingOnly: true,
    startReplicas: (service) => dailyReplicas(service, 0, 0.5),
    events: (seed) => [...dailyLoad(seededRandom(seed)), ...dailyDeploys()],
  },
  flash: {
    title: "flash crowd",
    what: "checkout goes from 3 to 50 pods for an hour, with a hotfix in the middle",
    durationMs: 2 * hourMs,
    isScalingOnly: true,
    startReplicas: atLoad(0),
    events: (seed) => [
      ...smallChanges(seed, { load: 0, durationMs: 2 * hourMs, besides: ["checkout"] }),
      at(10 * minuteMs, (scene) => {
        scene.demand("checkout", 50);
      }),
      at(40 * minuteMs, (scene) => {
        scene.deploy("checkout");
      }),
      at(70 * minuteMs, (scene) => {
        scene.demand("checkout", 3);
      }),
    ],
  },
  storm: {
    title: "deploy storm",
    what: "ten services deploy within a minute, on a busy day",
    durationMs: 90 * minuteMs,
    isScalingOnly: true,
    startReplicas: atLoad(0.8),
    events: (seed) => [
      ...smallChanges(seed, { load: 0.8, durationMs: 90 * minuteMs }),
      ...services.slice(0, 10).map(({ name }, index) =>
        at(10 * minuteMs + index * 6_000, (scene) => {
          scene.deploy(name);
        }),
      ),
    ],
  },
  newcomer: {
    title: "a service added",
    what: "a 25th service, for up to 20 pods, whose load then grows",
    durationMs: 4 * hourMs,
    isScalingOnly: false,
    startReplicas: atLoad(0.5),
    events: (seed) => [
      ...smallChanges(seed, { load: 0.5, durationMs: 4 * hourMs }),
      at(10 * minuteMs, (scene) => {
        scene.addService(newcomer);
      }),
      ...[60, 90, 120].map((minute, step) =>
        at(minute * minuteMs, (scene) => {
          scene.demand(newcomer.name, 8 + 6 * step);
        }),
      ),
    ],
  },
  node: {
    title: "a node lost",
    what: "one of ten nodes vanishes without a word and comes back an hour later; the server keeps its sessions for 2 h",
    durationMs: 3.5 * hourMs,
    isScalingOnly: false,
    losesNode: true,
    startReplicas: atLoad(0.8),
    events: (seed) => [
      ...smallChanges(seed, { load: 0.8, durationMs: 3.5 * hourMs }),
      at(10 * minuteMs, (scene) => {
        scene.loseNode(3);
      }),
      at(70 * minuteMs, (scene) => {
        scene.restoreNode(3);
      }),
    ],
  },
  job: {
    title: "a foreign job at night",
    what: "somebody's export holds 150 sessions for 3 h, of which nobody was told",
    durationMs: 8 * hourMs,
    isScalingOnly: false,
    startReplicas: atLoad(0.1),
    events: (seed) => [
      ...smallChanges(seed, { load: 0.1, durationMs: 8 * hourMs }),
      at(2 * hourMs, (scene) => {
        scene.startNightJob(150);
      }),
      at(5 * hourMs, (scene) => {
        scene.endNightJob();
      }),
    ],
  },
  swing: {
    title: "an oscillating autoscaler",
    what: "search swings between 6 and 18 pods every minute for an hour",
    durationMs: 2 * hourMs,
    isScalingOnly: true,
    startReplicas: atLoad(0.3),
    events: (seed) => [
      ...smallChanges(seed, { load: 0.3, durationMs: 2 * hourMs, besides: ["search"] }),
      ...Array.from({ length: 60 }, (_, minute) =>
        at((10 + minute) * minuteMs, (scene) => {
          scene.demand("search", minute % 2 === 0 ? 18 : 6);
        }),
      ),
    ],
  },
};

function at(atMs: number, act: TraceEvent["act"]): TraceEvent {
  return { atMs, act };
}

/** Load as a part of what the autoscaler has beyond its minimum. */
function atLoad(load: number): Trace["startReplicas"] {
  return ({ min, max }) => min + Math.round(load * (max - min));
}

/** Every few minutes one service gets a pod or two more or less than the load asks for. */
function smallChanges(
  seed: number,
  {
    load,
    durationMs,
    besides = [],
  }: { readonly load: number; readonly durationMs: number; readonly besides?: readonly string[] },
): TraceEvent[] {
  const random = seededRandom(seed);
  const drifting = services.filter(({ name }) => !besides.includes(name));
  return Array.from({ length: Math.floor(durationMs / loadEveryMs) }, (_, index) => {
    const service = drifting[Math.floor(random.next() * drifting.length)];
    const change = Math.floor(random.next() * 5) - 2;
    return at((index + 0.5) * loadEveryMs, (scene) => {
      if (service) scene.demand(service.name, atLoad(load)(service) + change);
    });
  });
}

/** Between the minimum at night and the maximum at the busiest hour. */
function dailyReplicas({ min, max, peakHour }: Service, hour: number, chance: number): number {
  const height = (1 + Math.cos(((hour - peakHour) / 24) * 2 * Math.PI)) / 2;
  return min + Math.round((max - min) * height ** 2 * (0.9 + 0.2 * chance));
}

/** What an autoscaler makes of it: the most of the last minutes, as its window for going down. */
function dailyLoad(random: Random): TraceEvent[] {
  return services.flatMap((service) => {
    let before = 0;
    return Array.from({ length: (24 * hourMs) / loadEveryMs }, (_, index) => {
      const atMs = (index + random.next()) * loadEveryMs;
      const wanted = dailyReplicas(service, atMs / hourMs, random.next());
      const replicas = Math.max(before, wanted);
      before = wanted;
      return at(atMs, (scene) => {
        scene.demand(service.name, replicas);
      });
    });
  });
}

/** One after the other through the working day, each long after the one before has ended. */
function dailyDeploys(): TraceEvent[] {
  return services.map(({ name }, index) =>
    at(9 * hourMs + index * 25 * minuteMs, (scene) => {
      scene.deploy(name);
    }),
  );
}
