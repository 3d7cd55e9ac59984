// Act 1, the incident that everybody knows: an autoscaler takes a service from 3 to 15 pods, each
// with a pool of 50, and a server with 200 connections begins to refuse logins, to its neighbours
// as well.
import { setTimeout as delay } from "node:timers/promises";
import { waitUntil } from "../support/processes.ts";
import { scaleUpSteps } from "./scaling.ts";
import type { Stage } from "./stage.ts";

/** Time between two steps of the autoscaler. A real one takes 15 s. */
export const STEP_MS = 2_500;

const START_PODS = 3;
const MOST_PODS = 15;
const INCIDENT_MS = 5_000;
const CALM_MS = 2_000;

export async function playWithoutPolicy(stage: Stage): Promise<void> {
  const { observer, screen, kubectl } = stage;
  await kubectl("apply -f examples/demo/services.yaml");
  await waitUntil("both services to be ready", () => countReady(stage) === 2 * START_PODS);
  observer.begin("Act 1, no policy", false);
  await delay(CALM_MS);
  screen.say(
    `${START_PODS} pods of web with DB_POOL_MAX_SIZE=50, and a worker beside it. All is well.`,
  );
  await scaleUpWeb(stage);
  await delay(INCIDENT_MS);
  screen.say(`${MOST_PODS} × 50 = 750 sessions do not fit into 200: PostgreSQL refuses logins.`);
  await scaleDown(stage);
}

/** As an autoscaler would, with its steps. */
export async function scaleUpWeb({ observer, kubectl }: Stage): Promise<void> {
  observer.mark(`web ${START_PODS} to ${MOST_PODS} pods`);
  for (const replicas of scaleUpSteps(START_PODS, MOST_PODS)) {
    await kubectl(`scale deployment/web --replicas=${replicas}`);
    await delay(STEP_MS);
  }
}

async function scaleDown(stage: Stage): Promise<void> {
  const { observer, kubectl } = stage;
  observer.mark(`back to ${START_PODS}`);
  await kubectl(`scale deployment/web --replicas=${START_PODS}`);
  await waitUntil("the other pods to be gone", () =>
    observer.services().every(({ pods }) => pods === START_PODS),
  );
  await waitUntil("every pod to be ready", () => countReady(stage) === 2 * START_PODS);
  await waitUntilNobodyIsRefused(stage);
}

function countReady({ observer }: Stage): number {
  return observer.services().reduce((sum, { ready }) => sum + ready, 0);
}

// The pods that are left fill their pools; what they still have to wait for belongs to this act.
async function waitUntilNobodyIsRefused({ observer }: Stage): Promise<void> {
  let refused = observer.latest().refused;
  let sinceMs = observer.latest().atMs;
  await waitUntil("the server to refuse nobody", () => {
    const { refused: now, atMs } = observer.latest();
    if (now !== refused) [refused, sinceMs] = [now, atMs];
    return atMs - sinceMs >= CALM_MS;
  });
}
