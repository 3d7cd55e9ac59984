// A namespace with workloads, policies and a kubelet, as its owners use it: kubectl for what they
// do, and the pods' own specs for what came of it. What the operator says of itself is read only
// where that is what a test is about.
import { readFile } from "node:fs/promises";
import { runKubectl } from "./control-plane/kubectl.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { createInstantRuntime } from "./kubelet/instant-runtime.ts";
import { startKubelet } from "./kubelet/kubelet.ts";
import type { Kubelet } from "./kubelet/kubelet.ts";
import type { Pod } from "./kubelet/pod.ts";
import type { Runtime } from "./kubelet/runtime.ts";
import { connectRest, read, readList } from "./kubernetes-rest.ts";
import type { KubernetesObject, KubernetesRest } from "./kubernetes-rest.ts";
import { waitUntil } from "./processes.ts";
import type { Postgres } from "./postgres.ts";

export type FleetOptions = {
  readonly kubectl: KubectlTarget;
  readonly namespace: string;
  /** What runs its pods; default: pods that are ready at once and take a second to end. */
  readonly runtime?: Runtime;
};

/** What is looked for in a condition; what is not given does not matter. */
export type ConditionWish = {
  readonly status?: "True" | "False" | "Unknown";
  readonly reason?: string;
  /** Parts of the message. */
  readonly says?: readonly string[];
};

export type Fleet = AsyncDisposable & {
  readonly namespace: string;
  readonly rest: KubernetesRest;
  /** kubectl in this namespace; throws what it says where it fails. */
  kubectl(args: string, stdin?: string): Promise<string>;
  /** `kubectl apply` of objects; their namespace is this one. */
  apply(...objects: readonly object[]): Promise<void>;
  applySecret(name: string, data: Readonly<Record<string, string>>): Promise<void>;
  /** Replaces the policy of that name. */
  applyPolicy(name: string, spec: object): Promise<void>;
  /** `kubectl wait --for=condition=Ready`. */
  waitForReady(policy: string): Promise<void>;
  /** Resolves with the message of the condition once it is as wished. */
  waitForCondition(policy: string, type: string, wish: ConditionWish): Promise<string>;
  statusOf(policy: string): Promise<unknown>;
  /** A workload as the API server has it. */
  deployment(name: string): Promise<unknown>;
  /** Pods as they are now, terminating ones included, of one workload or of all. */
  pods(workload?: string): Promise<readonly Pod[]>;
  /** Pool sizes in the environments of a workload's pods that are not on their way out. */
  sizesOf(workload: string): Promise<readonly number[]>;
  /** Waits until as many pods run, each with this pool size and none on its way out. */
  waitForPods(workload: string, pods: number, poolSize?: number): Promise<void>;
};

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { kubectl: target, namespace } = options;
  const rest = await connectRest(target.kubeconfigPath);
  await rest.createNamespace(namespace);
  const runtime = options.runtime ?? createInstantRuntime({ stopDelay: () => 1_000 });
  const kubeconfig = await readFile(target.kubeconfigPath, "utf8");
  const kubelet = await startKubelet({ kubeconfig, runtime, namespace });
  const kubectl: Fleet["kubectl"] = async (args, stdin) => {
    const words = ["-n", namespace, ...args.split(" ")];
    const { code, stdout, stderr } = await runKubectl(
      target,
      words,
      stdin === undefined ? {} : { stdin },
    );
    if (code !== 0) throw new Error(`kubectl ${args}: ${stderr}`);
    return stdout;
  };
  const apply: Fleet["apply"] = async (...objects) => {
    await kubectl("apply -f -", JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  };
  return {
    namespace,
    rest,
    kubectl,
    apply,
    applySecret: (name, stringData) =>
      apply({ apiVersion: "v1", kind: "Secret", metadata: { name }, stringData }),
    applyPolicy: (name, spec) => apply({ ...policyNamed(name), spec }),
    waitForReady: async (policy) => {
      const wait = `wait --for=condition=Ready poolpolicy/${policy} --timeout=45s`;
      await kubectl(wait).catch(async (error: unknown) => {
        const said = await kubectl(`describe poolpolicy ${policy}`);
        throw new Error(`it does not become Ready:\n${said}`, { cause: error });
      });
    },
    ...reader(rest, namespace),
    [Symbol.asyncDispose]: () => closeFleet({ rest, kubelet, kubectl }, namespace),
  };
}

function policyNamed(name: string): KubernetesObject {
  return { apiVersion: "poolwarden.dev/v1alpha1", kind: "PoolPolicy", metadata: { name } };
}

type Reader = Pick<
  Fleet,
  "waitForCondition" | "statusOf" | "deployment" | "pods" | "sizesOf" | "waitForPods"
>;

function reader(rest: KubernetesRest, namespace: string): Reader {
  const get = async (apiVersion: string, kind: string, name: string): Promise<unknown> =>
    (await rest.get({ apiVersion, kind, metadata: { namespace, name } })).body;
  const statusOf: Fleet["statusOf"] = async (policy) =>
    read(await get("poolwarden.dev/v1alpha1", "PoolPolicy", policy), "status");
  const pods: Fleet["pods"] = async (workload) => {
    const selector = workload === undefined ? "" : `app=${workload}`;
    const list = { apiVersion: "v1", kind: "Pod", metadata: { namespace } };
    return (await rest.list(list, selector)) as readonly Pod[];
  };
  return {
    waitForCondition: (policy, type, wish) => waitForCondition(statusOf, { policy, type, wish }),
    statusOf,
    deployment: (name) => get("apps/v1", "Deployment", name),
    pods,
    sizesOf: async (workload) => (await pods(workload)).filter(isStaying).map(poolSizeOf),
    waitForPods: (workload, count, poolSize) =>
      waitUntil(
        `${count} pods of ${workload} with size ${poolSize ?? "any"}`,
        async () => {
          const found = await pods(workload);
          const isRight = (pod: Pod): boolean =>
            isStaying(pod) && (poolSize === undefined || poolSizeOf(pod) === poolSize);
          return found.length === count && found.every(isRight);
        },
        // A roll whose pods an API server still gave the old size is made again after a minute.
        100_000,
      ),
  };
}

type Closing = { rest: KubernetesRest; kubelet: Kubelet; kubectl: Fleet["kubectl"] };

/** A fleet that is gone must not be decided on by the operators of later tests. */
async function closeFleet({ rest, kubelet, kubectl }: Closing, namespace: string): Promise<void> {
  await kubectl("delete poolpolicies --all --wait=false").catch(() => "");
  await kubectl(`delete namespace ${namespace} --wait=false`).catch(() => "");
  await kubelet.stop();
  rest.close();
}

async function waitForCondition(
  statusOf: Fleet["statusOf"],
  { policy, type, wish }: { policy: string; type: string; wish: ConditionWish },
): Promise<string> {
  let last: unknown;
  const isAsWished = async (): Promise<boolean> => {
    last = conditionIn(await statusOf(policy), type);
    const message = String(read(last, "message"));
    return (
      (wish.status === undefined || read(last, "status") === wish.status) &&
      (wish.reason === undefined || read(last, "reason") === wish.reason) &&
      (wish.says ?? []).every((part) => message.includes(part))
    );
  };
  try {
    await waitUntil(`${type} of ${policy} to be ${JSON.stringify(wish)}`, isAsWished, 30_000);
  } catch (error) {
    throw new Error(`it is ${JSON.stringify(last)}`, { cause: error });
  }
  return String(read(last, "message"));
}

/** One condition of a status; undefined where there is none. */
export function conditionIn(status: unknown, type: string): unknown {
  return readList(status, "conditions").find((one) => read(one, "type") === type);
}

export function isStaying({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined;
}

/** Of the services of tests. */
const sizeNames: ReadonlySet<string> = new Set([
  ...["DB_POOL_MAX_SIZE", "REDIS_POOL_SIZE", "DEFAULT_POOL_SIZE"],
]);

/** What the process in the pod reads as the maximum of its pool; NaN where nothing says it. */
export function poolSizeOf({ spec }: Pod): number {
  const container = spec.containers.find((one) => one.name === "app");
  const entry = container?.env?.findLast((one) => sizeNames.has(one.name));
  return Number(entry?.value ?? "NaN");
}

/** Sessions that these pods may open, terminating ones included: one pool each. */
export function sumOfSlots(pods: readonly Pod[]): number {
  return pods.reduce((sum, pod) => sum + poolSizeOf(pod), 0);
}

/** What ordinary logins of the server may hold beside the policy's reserve and our own session. */
export async function budgetOn(postgres: Postgres, reserve = 10): Promise<number> {
  const [row] = await postgres.query(`SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - current_setting('reserved_connections')::int AS slots`);
  return Number(row?.["slots"]) - reserve - 1;
}
