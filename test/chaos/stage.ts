// The real parts of a run: a control plane, PostgreSQL, a kubelet that runs each pod as a process
// with a real pool, and the two lines through which the operator reaches its API server and its
// database, so that they can be cut while everybody else stays connected.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane, ControlPlaneOptions } from "../support/control-plane/control-plane.ts";
import { REFUSAL_LOG_FLAGS } from "../demo/refusal-log.ts";
import { startInstalledPlane } from "../support/installed-plane.ts";
import { connectApi } from "../support/kubelet/api-client.ts";
import type { ApiClient } from "../support/kubelet/api-client.ts";
import { startKubelet } from "../support/kubelet/kubelet.ts";
import { watchPods } from "../support/kubelet/pod-watch.ts";
import type { Pod } from "../support/kubelet/pod.ts";
import { createProcessRuntime } from "../support/kubelet/process-runtime.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { openWorkspace } from "../support/processes.ts";
import { startLine } from "../support/tcp.ts";
import type { Line } from "../support/tcp.ts";
import {
  APP_ROLE,
  fleetObjects,
  MAX_CONNECTIONS,
  NAMESPACE,
  RESERVED_CONNECTIONS,
  SECRET,
} from "./services.ts";

const OPERATOR_ROLE = "poolwarden";
const CONTROLLERS = [
  "deployment-controller",
  "replicaset-controller",
  "garbage-collector-controller",
  "namespace-controller",
];

export type Stage = AsyncDisposable & {
  readonly plane: ControlPlane;
  readonly postgres: Postgres;
  readonly api: ApiClient;
  /** Between the operator and the API server. */
  readonly apiLine: Line;
  /** Between the operator and PostgreSQL. */
  readonly databaseLine: Line;
  /** What the operator is started with: it leads through the line. */
  readonly operatorKubeconfigPath: string;
  /** `kubectl apply` of objects in the run's namespace; throws what it says where it fails. */
  apply(...objects: readonly object[]): Promise<void>;
  /** Calls with all pods that exist, at every change of one of them. */
  watchFleet(onChange: (pods: readonly Pod[]) => void): void;
};

export async function setStage(options: ControlPlaneOptions = {}): Promise<Stage> {
  await using started = new AsyncDisposableStack();
  const plane = started.use(await startInstalledPlane({ controllers: CONTROLLERS, ...options }));
  const postgres = started.use(await startDatabase());
  const apiLine = started.use(await startLine(Number(new URL(plane.server).port)));
  const databaseLine = started.use(await startLine(postgres.port));
  const workspace = await openWorkspace("poolwarden-chaos-");
  started.defer(() => workspace.close());
  const operatorKubeconfigPath = join(workspace.directory, "kubeconfig");
  const throughLine = plane.kubeconfig.replaceAll(
    plane.server,
    `https://127.0.0.1:${apiLine.port}`,
  );
  await writeFile(operatorKubeconfigPath, throughLine, { mode: 0o600 });
  const api = await connectApi(plane.kubeconfig, 4);
  started.defer(() => api.close());
  const apply = (...objects: readonly object[]): Promise<void> => applyOn(plane, objects);
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  started.use(await startNode(plane));
  await apply(
    buildSecret(databaseLine.port),
    ...fleetObjects(databaseUri(postgres.port, APP_ROLE)),
  );
  const everything = started.move();
  return {
    plane,
    postgres,
    api,
    apiLine,
    databaseLine,
    operatorKubeconfigPath,
    apply,
    watchFleet: (onChange) => {
      watchFleet(api, onChange);
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

async function startDatabase(): Promise<Postgres> {
  const postgres = await startPostgres({
    maxConnections: MAX_CONNECTIONS,
    reservedConnections: RESERVED_CONNECTIONS,
    flags: REFUSAL_LOG_FLAGS,
  });
  await postgres.query(`CREATE ROLE ${APP_ROLE} LOGIN PASSWORD '${APP_ROLE}'`);
  await postgres.query(`CREATE ROLE ${OPERATOR_ROLE} LOGIN PASSWORD '${OPERATOR_ROLE}'`);
  // With the first it sees whose sessions there are; with the second it is let in on a full server.
  await postgres.query(`GRANT pg_monitor, pg_use_reserved_connections TO ${OPERATOR_ROLE}`);
  return postgres;
}

function databaseUri(port: number, role: string): string {
  return `postgresql://${role}:${role}@127.0.0.1:${port}/postgres`;
}

function buildSecret(linePort: number): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: NAMESPACE, name: SECRET },
    stringData: { uri: databaseUri(linePort, OPERATOR_ROLE) },
  };
}

async function startNode(plane: ControlPlane): Promise<AsyncDisposable> {
  const runtime = await createProcessRuntime({ readyWhenPrinted: "ready" });
  return startKubelet({ kubeconfig: plane.kubeconfig, runtime, namespace: NAMESPACE });
}

async function applyOn(plane: ControlPlane, objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const { code, stderr } = await plane.kubectl(["apply", "-f", "-"], { stdin: list });
  if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
}

function watchFleet(api: ApiClient, onChange: (pods: readonly Pod[]) => void): void {
  const pods = new Map<string, Pod>();
  const tell = (): void => {
    onChange([...pods.values()]);
  };
  // Ends when the client is closed.
  void watchPods(api, `/api/v1/namespaces/${NAMESPACE}/pods`, {
    seen: (pod) => {
      pods.set(pod.metadata.uid, pod);
      tell();
    },
    gone: (uid) => {
      pods.delete(uid);
      tell();
    },
  });
}
