// The life of one pod, from its binding to its removal, in the order in which a real kubelet
// writes it. States: binding → starting → running (→ crashed → starting) → stopping → gone, where
// a deletion leads from any of them to stopping; a pod that has ended for good waits for it.
import { setTimeout as delay } from "node:timers/promises";
import type { Answer, ApiClient } from "./api-client.ts";
import { graceMs, isTerminating, podPath } from "./pod.ts";
import type { Pod } from "./pod.ts";
import { completedPatch, crashedPatch, isStartedAgain, runningPatch } from "./pod-status.ts";
import type { StatusPatch } from "./pod-status.ts";
import type { Runtime } from "./runtime.ts";

export type PodHome = {
  readonly api: ApiClient;
  readonly runtime: Runtime;
  readonly nodeName: string;
  readonly restartDelayMs: number;
};

export type PodWorker = {
  /** The pod has changed: a deletion matters, and what the downward API shows of it. */
  update(pod: Pod): void;
  /** The pod is gone from the API server: nothing to be graceful for. */
  remove(): void;
  /** Resolves when nothing of it runs any more; rejects when the runtime fails. */
  readonly done: Promise<void>;
};

export function startPodWorker(pod: Pod, home: PodHome): PodWorker {
  const { promise: deletion, resolve } = Promise.withResolvers<Deletion>();
  const update = (current: Pod): void => {
    if (isTerminating(current)) resolve({ kind: "asked", graceMs: graceMs(current) });
    else home.runtime.changed?.(current);
  };
  update(pod);
  return {
    update,
    remove: () => {
      resolve({ kind: "happened" });
    },
    done: live(pod, home, deletion),
  };
}

type Deletion = { kind: "asked"; graceMs: number } | { kind: "happened" };

async function live(pod: Pod, home: PodHome, deletion: Promise<Deletion>): Promise<void> {
  const isOurs = await bind(pod, home);
  if (!isOurs) return;
  const { kind, ...asked } = await run(pod, home, deletion);
  await home.runtime.stop(pod, "graceMs" in asked ? asked.graceMs : 0);
  if (kind === "asked") await deletePod(pod, home.api);
}

async function bind(pod: Pod, { api, nodeName }: PodHome): Promise<boolean> {
  if (pod.spec.nodeName !== undefined) return true;
  const { name, namespace, uid } = pod.metadata;
  const answer = await api.ask({
    method: "POST",
    path: `${podPath(pod)}/binding`,
    body: {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, uid },
      target: { apiVersion: "v1", kind: "Node", name: nodeName },
    },
  });
  if (answer?.status !== 409) return isAccepted(answer);
  // Bound by somebody else, or by us when an answer got lost.
  const current = await readPod(pod, api);
  return current?.spec.nodeName === nodeName;
}

// Keeps it running until somebody wants it gone.
async function run(pod: Pod, home: PodHome, deletion: Promise<Deletion>): Promise<Deletion> {
  if (isTerminating(pod)) return deletion;
  const startTime = now();
  for (let restarts = 0; ; restarts++) {
    const started = await Promise.race([home.runtime.start(pod), deletion]);
    if ("kind" in started) return started;
    const state = { address: started.address, startTime, restarts };
    const hasEndedAtOnce = (await Promise.race([started.ended, Promise.resolve()])) !== undefined;
    if (!hasEndedAtOnce) await writeStatus(pod, home.api, runningPatch(pod, state, now()));
    const ended = await Promise.race([started.ended, deletion]);
    if (typeof ended !== "number") return ended;
    // Closing the kubelet ends its pods: they are not to come back.
    if (home.api.isClosed()) return deletion;
    if (!isStartedAgain(pod, ended)) {
      await writeStatus(pod, home.api, completedPatch(pod, state, ended, now()));
      return deletion;
    }
    await writeStatus(pod, home.api, crashedPatch(pod, state, ended, now()));
    const paused = await Promise.race([delay(home.restartDelayMs), deletion]);
    if (paused !== undefined) return paused;
    if (home.api.isClosed()) return deletion;
  }
}

async function writeStatus(pod: Pod, api: ApiClient, patch: StatusPatch): Promise<void> {
  const request = { method: "PATCH", path: `${podPath(pod)}/status`, body: patch } as const;
  let answer = await api.ask(request);
  // Either another writer came between, or this pod is gone and the name is another's.
  while (answer?.status === 409 && (await readPod(pod, api)) !== undefined) {
    answer = await api.ask(request);
  }
  isAccepted(answer);
}

async function deletePod(pod: Pod, api: ApiClient): Promise<void> {
  const preconditions = { uid: pod.metadata.uid };
  const body = { gracePeriodSeconds: 0, preconditions };
  isAccepted(await api.ask({ method: "DELETE", path: podPath(pod), body }));
}

/** The pod as it is now, unless it is gone. */
async function readPod(pod: Pod, api: ApiClient): Promise<Pod | undefined> {
  const answer = await api.ask({ method: "GET", path: podPath(pod) });
  if (answer?.status !== 200) return undefined;
  const current = answer.body as Pod;
  return current.metadata.uid === pod.metadata.uid ? current : undefined;
}

// That a pod is gone, or the kubelet closed, is ordinary; any other refusal is a mistake of ours.
function isAccepted(answer: Answer | undefined): boolean {
  if (answer === undefined || answer.status === 404 || answer.status === 409) return false;
  if (answer.status < 300) return true;
  throw new Error(`the API server answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

function now(): string {
  return new Date().toISOString();
}
