// Pods as real processes on this machine: the command and the environment of the pod's first
// container, nothing else inherited but PATH. SIGTERM, the grace period and SIGKILL are real too.
// Every process dies with us, as all that is started from a workspace.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { liveVolumeName } from "../../../src/api/group.ts";
import { openWorkspace } from "../processes.ts";
import type { GuardedProcess, Workspace } from "../processes.ts";
import { findLoopbackAddresses } from "./loopback-addresses.ts";
import type { AddressSource } from "./loopback-addresses.ts";
import type { Container, Pod } from "./pod.ts";
import type { Runtime, Started } from "./runtime.ts";

export type ProcessRuntimeOptions = {
  /** A pod is ready once its process has printed this; default: as soon as it is started. */
  readonly readyWhenPrinted?: string;
  /** Everything the processes print. */
  readonly onOutput?: (pod: Pod, text: string) => void;
  /** Default: unique 127.x.y.z where the system has them, else 127.0.0.1. */
  readonly addresses?: AddressSource;
};

// What Kubernetes reports for a container that could not be started at all.
const START_ERROR = 128;
// 128 + SIGKILL, as shells and Kubernetes count.
const KILLED = 137;

type Running = { readonly address: string; process?: Promise<GuardedProcess> };

export async function createProcessRuntime(options: ProcessRuntimeOptions = {}): Promise<Runtime> {
  const workspace = await openWorkspace("poolwarden-pods-");
  const addresses = options.addresses ?? (await findLoopbackAddresses());
  const pods = new Map<string, Running>();
  return {
    start: async (pod) => {
      const { uid } = pod.metadata;
      const running: Running = pods.get(uid) ?? { address: addresses() };
      pods.set(uid, running);
      return startPod({ workspace, pod, options }, running);
    },
    changed: (pod) => {
      if (pods.has(pod.metadata.uid)) writeSizeFile(workspace.directory, pod);
    },
    stop: async (pod, graceMs) => {
      const process = await pods.get(pod.metadata.uid)?.process?.catch(() => undefined);
      // Kubernetes kills after the grace period, and at once where there is none.
      await process?.stop(graceMs === 0 ? "SIGKILL" : "SIGTERM", graceMs);
      pods.delete(pod.metadata.uid);
    },
    close: () => workspace.close(),
  };
}

type PodStart = { workspace: Workspace; pod: Pod; options: ProcessRuntimeOptions };

async function startPod(start: PodStart, running: Running): Promise<Started> {
  const { address } = running;
  const ready = Promise.withResolvers<undefined>();
  running.process = spawnPod(start, address, () => {
    ready.resolve(undefined);
  });
  try {
    const { exited } = await running.process;
    const ended = exited.then(({ code }) => code ?? KILLED);
    await Promise.race([ready.promise, ended]);
    return { address, ended };
  } catch (error) {
    const report = start.options.onOutput ?? printOnStderr;
    report(start.pod, `cannot start: ${String(error)}\n`);
    return { address, ended: Promise.resolve(START_ERROR) };
  }
}

function printOnStderr({ metadata }: Pod, text: string): void {
  process.stderr.write(`pod ${metadata.namespace}/${metadata.name}: ${text}`);
}

async function spawnPod(
  { workspace, pod, options }: PodStart,
  address: string,
  onReady: () => void,
): Promise<GuardedProcess> {
  const [container] = pod.spec.containers;
  const [program, ...args] = [...(container?.command ?? []), ...(container?.args ?? [])];
  if (container === undefined || program === undefined) {
    throw new Error("its first container has no command");
  }
  const { readyWhenPrinted = "", onOutput } = options;
  if (readyWhenPrinted === "") onReady();
  let printed = "";
  const sizeFile = writeSizeFile(workspace.directory, pod);
  return workspace.spawn(program, args, {
    env: { ...containerEnvironment(pod, container, address), ...sizeFile },
    ...(container.workingDir === undefined ? {} : { cwd: container.workingDir }),
    onOutput: (text) => {
      onOutput?.(pod, text);
      printed = (printed + text).slice(-4_096);
      if (printed.includes(readyWhenPrinted)) onReady();
    },
  });
}

/**
 * What the kubelet keeps current: the file of a live pool, replaced as a whole. Processes here have
 * no root of their own, so its path is told by POOL_SIZE_FILE.
 */
function writeSizeFile(directory: string, pod: Pod): NodeJS.ProcessEnv {
  const volume = pod.spec.volumes?.find(({ name }) => name === liveVolumeName);
  const [item] = volume?.downwardAPI?.items ?? [];
  if (!item) return {};
  const folder = join(directory, pod.metadata.uid);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, item.path);
  const text = readField(pod, "", item.fieldRef?.fieldPath ?? "");
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  return { POOL_SIZE_FILE: path };
}

/** PATH, POD_IP, POD_NAME and the container's own entries, of which the last of a name counts. */
export function containerEnvironment(
  pod: Pod,
  container: Container,
  address: string,
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    POD_IP: address,
    POD_NAME: pod.metadata.name,
  };
  for (const { name, value, valueFrom } of container.env ?? []) {
    environment[name] = value ?? readField(pod, address, valueFrom?.fieldRef?.fieldPath ?? "");
  }
  return environment;
}

function readField({ metadata }: Pod, address: string, path: string): string {
  const [, key] = /^metadata\.annotations\['(.*)'\]$/.exec(path) ?? [];
  if (key !== undefined) return metadata.annotations?.[key] ?? "";
  const fields: Readonly<Record<string, string>> = {
    "status.podIP": address,
    "metadata.name": metadata.name,
    "metadata.namespace": metadata.namespace,
    "metadata.uid": metadata.uid,
  };
  return fields[path] ?? "";
}
