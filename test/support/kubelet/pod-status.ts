// The status a kubelet would write, as strategic merge patches. The uid in each of them makes the
// API server refuse a patch meant for an earlier pod of the same name.
import type { Pod } from "./pod.ts";

const HOST_ADDRESS = "127.0.0.1";

/** What a worker knows of its pod besides the pod. */
export type PodRun = {
  readonly address: string;
  readonly startTime: string;
  readonly restarts: number;
};

export type StatusPatch = {
  readonly metadata: { readonly uid: string };
  readonly status: Readonly<Record<string, unknown>>;
};

export function runningPatch(pod: Pod, run: PodRun, now: string): StatusPatch {
  return buildPatch(pod, run, {
    phase: "Running",
    state: { running: { startedAt: now } },
    isReady: true,
    now,
  });
}

/** Ended by itself, to be started again after a pause. */
export function crashedPatch(pod: Pod, run: PodRun, exitCode: number, now: string): StatusPatch {
  return buildPatch(pod, run, {
    phase: "Running",
    state: {
      waiting: { reason: "CrashLoopBackOff", message: `the process ended with code ${exitCode}` },
    },
    lastState: { terminated: terminated(exitCode, now) },
    isReady: false,
    now,
  });
}

/** Ended for good, as a Job's pod does. */
export function completedPatch(pod: Pod, run: PodRun, exitCode: number, now: string): StatusPatch {
  return buildPatch(pod, run, {
    phase: exitCode === 0 ? "Succeeded" : "Failed",
    state: { terminated: terminated(exitCode, now) },
    isReady: false,
    now,
  });
}

/** Whether a pod that ended with this code is started again. */
export function isStartedAgain({ spec }: Pod, exitCode: number): boolean {
  if (spec.restartPolicy === "Never") return false;
  return spec.restartPolicy !== "OnFailure" || exitCode !== 0;
}

type Situation = {
  phase: string;
  state: object;
  lastState?: object;
  isReady: boolean;
  now: string;
};

function buildPatch(pod: Pod, run: PodRun, situation: Situation): StatusPatch {
  const { phase, isReady, now } = situation;
  const condition = (type: string, isTrue: boolean): object => ({
    type,
    status: isTrue ? "True" : "False",
    lastTransitionTime: now,
  });
  return {
    metadata: { uid: pod.metadata.uid },
    status: {
      phase,
      hostIP: HOST_ADDRESS,
      hostIPs: [{ ip: HOST_ADDRESS }],
      podIP: run.address,
      podIPs: [{ ip: run.address }],
      startTime: run.startTime,
      conditions: [
        condition("Initialized", true),
        condition("Ready", isReady),
        condition("ContainersReady", isReady),
      ],
      containerStatuses: containerStatuses(pod, run, situation),
    },
  };
}

function containerStatuses({ spec }: Pod, { restarts }: PodRun, situation: Situation): object[] {
  const { state, lastState, isReady } = situation;
  return spec.containers.map(({ name, image = "" }) => ({
    name,
    image,
    imageID: "",
    ready: isReady,
    started: isReady,
    restartCount: restarts,
    state,
    ...(lastState === undefined ? {} : { lastState }),
  }));
}

function terminated(exitCode: number, now: string): object {
  return { exitCode, reason: exitCode === 0 ? "Completed" : "Error", finishedAt: now };
}
