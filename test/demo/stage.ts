// Sets the stage: a PostgreSQL with 200 connections, a Kubernetes control plane, and a kubelet
// that runs each pod as a process of its own. All of it belongs to this run alone, on ports and
// addresses of its own, and goes when the run goes.
import { createProcessRuntime } from "../support/kubelet/process-runtime.ts";
import { startKubelet } from "../support/kubelet/kubelet.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { connectRest } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { startObserver } from "./observer.ts";
import type { Observer } from "./observer.ts";
import { secretReader, withSecrets } from "./pod-secrets.ts";
import { REFUSAL_LOG_FLAGS } from "./refusal-log.ts";
import type { Screen } from "./screen.ts";

export const LIMIT = 200;
export const NAMESPACE = "shop";

const CONTROLLERS = [
  "deployment-controller",
  "replicaset-controller",
  "statefulset-controller",
  "garbage-collector-controller",
  "namespace-controller",
];
const ROLE = "orders";
const PASSWORD = "orders";

export type Stage = {
  readonly screen: Screen;
  readonly plane: ControlPlane;
  readonly rest: KubernetesRest;
  readonly observer: Observer;
  /** Runs kubectl in the demo's namespace, shows the command, and gives what it printed. */
  readonly kubectl: (command: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

export async function setStage(screen: Screen): Promise<Stage> {
  await using started = new AsyncDisposableStack();
  screen.say(`demo: starting PostgreSQL with max_connections = ${LIMIT}, and a control plane`);
  const say = (line: string): void => {
    screen.say(line);
  };
  const plane = started.use(await startControlPlane({ controllers: CONTROLLERS, say }));
  const postgres = started.use(await startDatabase());
  const rest = await connectRest(plane.kubeconfigPath);
  started.defer(() => {
    rest.close();
  });
  await rest.createNamespace(NAMESPACE);
  await createSecret(rest, postgres.uri(ROLE, ROLE, PASSWORD));
  started.use(await startNode(plane, rest));
  const observer = await startObserver({
    postgres,
    rest,
    namespace: NAMESPACE,
    limit: LIMIT,
    screen,
  });
  started.defer(() => observer.stop());
  const everything = started.move();
  return {
    screen,
    plane,
    rest,
    observer,
    kubectl: (command) => runShown(plane, screen, command),
    close: () => everything.disposeAsync(),
  };
}

async function startDatabase(): Promise<Postgres> {
  const postgres = await startPostgres({ maxConnections: LIMIT, flags: REFUSAL_LOG_FLAGS });
  await postgres.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
  await postgres.query(`CREATE DATABASE ${ROLE} OWNER ${ROLE}`);
  // With it the operator sees whose sessions there are; without it, it would say so.
  await postgres.query(`GRANT pg_monitor TO ${ROLE}`);
  return postgres;
}

async function createSecret(rest: KubernetesRest, uri: string): Promise<void> {
  const answer = await rest.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { namespace: NAMESPACE, name: "orders-db" },
    stringData: { uri },
  });
  if (answer.status !== 201) throw new Error(`creating the secret: ${answer.message}`);
}

async function startNode(plane: ControlPlane, rest: KubernetesRest): Promise<AsyncDisposable> {
  const processes = await createProcessRuntime({
    readyWhenPrinted: "ready",
    onOutput: () => undefined,
  });
  return startKubelet({
    kubeconfig: plane.kubeconfig,
    runtime: withSecrets(processes, secretReader(rest)),
    namespace: NAMESPACE,
  });
}

async function runShown(plane: ControlPlane, screen: Screen, command: string): Promise<string> {
  screen.say(`$ kubectl ${command}`);
  const { code, stdout, stderr } = await plane.kubectl(["-n", NAMESPACE, ...command.split(" ")]);
  if (code !== 0) throw new Error(`kubectl ${command} ended with ${code}:\n${stderr}${stdout}`);
  return stdout;
}
