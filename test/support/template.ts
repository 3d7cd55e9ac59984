// What the tests of the template delivery share: workloads that somebody else created, the reading
// that a body is built from, and the apply that is tried again where a controller wrote in between.
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { usualKind, workloadKindOf } from "../../src/api/workload-kinds.ts";
import type { ObservedWorkload } from "../../src/observed.ts";
import type { Manifest } from "../../src/ports.ts";
import { buildTemplateApply } from "../../src/render/template-apply.ts";
import type { TemplateWish } from "../../src/render/template-apply.ts";
import { envOf } from "./admission.ts";
import type { Entry } from "./admission.ts";
import { runKubectl } from "./control-plane/kubectl.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { connectRest, read, readList } from "./kubernetes-rest.ts";
import type { KubernetesObject, KubernetesRest, RestAnswer } from "./kubernetes-rest.ts";
import { waitUntil } from "./processes.ts";
import { buildWorkload } from "./workloads.ts";
import type { WorkloadParts } from "./workloads.ts";

/** Who else writes workloads: `kubectl apply` merges in the client, Helm 4 and Argo CD apply. */
export type OtherManager = "kubectl" | "helm";

type Build = (live: ObservedWorkload) => Manifest;

/** One namespace with workloads. */
export type TemplateBench = {
  readonly rest: KubernetesRest;
  /** Creates a Deployment as somebody else would. */
  createAs(manager: OtherManager, name: string, parts?: WorkloadParts): Promise<KubernetesObject>;
  applyAs(
    manager: OtherManager,
    workload: KubernetesObject,
  ): Promise<{ readonly code: number; readonly stderr: string }>;
  /** The same Deployment with another environment, as its owner's next manifest. */
  withEnv(workload: KubernetesObject, env: readonly Entry[]): KubernetesObject;
  readLive(workload: KubernetesObject): Promise<ObservedWorkload>;
  /** Reads, builds and applies; again where a controller wrote in between. */
  tryApply(
    workload: KubernetesObject,
    build: Build,
    options?: { readonly force: boolean },
  ): Promise<RestAnswer>;
  /** The template delivery, with force. Throws where it is refused. */
  deliver(workload: KubernetesObject, wish: TemplateWish): Promise<void>;
  templateOf(workload: KubernetesObject): Promise<unknown>;
  /** Environment entries of container `app` of the template. */
  entriesOf(workload: KubernetesObject): Promise<readonly Entry[]>;
  /** fieldsV1 of manager `poolwarden`; undefined where it is no manager. */
  ownedByUs(workload: KubernetesObject): Promise<unknown>;
};

export async function openTemplateBench(
  kubectl: KubectlTarget,
  namespace: string,
): Promise<TemplateBench> {
  const rest = await connectRest(kubectl.kubeconfigPath);
  await rest.createNamespace(namespace);
  const readLive = createReader(rest);
  const applyAs = (manager: OtherManager, workload: KubernetesObject): ReturnType<Apply> =>
    applyWithKubectl(kubectl, manager, workload);
  const tryApply: TemplateBench["tryApply"] = (workload, build, options = { force: true }) =>
    applyUnchanged(rest, async () => build(await readLive(workload)), options.force);
  const templateOf = async (workload: KubernetesObject): Promise<unknown> =>
    read((await rest.get(workload)).body, "spec", "template");
  return {
    rest,
    createAs: async (manager, name, parts = {}) => {
      const workload = buildWorkload("Deployment", namespace, name, parts);
      const { code, stderr } = await applyAs(manager, workload);
      if (code !== 0) throw new Error(stderr);
      return workload;
    },
    applyAs,
    withEnv: (workload, env) =>
      buildWorkload("Deployment", namespace, workload.metadata.name ?? "", { env }),
    readLive,
    tryApply,
    deliver: async (workload, wish) => {
      const { status, message } = await tryApply(workload, (live) =>
        buildTemplateApply(live, wish),
      );
      if (status !== 200) throw new Error(message);
    },
    templateOf,
    entriesOf: async (workload) => envOf(await templateOf(workload)),
    ownedByUs: async (workload) => {
      const managed = readList((await rest.get(workload)).body, "metadata", "managedFields");
      const ours = managed.find((one) => read(one, "manager") === "poolwarden");
      return read(ours, "fieldsV1");
    },
  };
}

/** The usual wish: 1 to poolSize connections under the generic names, in container `app`. */
export function wishOf(poolSize: number, change: Partial<TemplateWish> = {}): TemplateWish {
  const entries = [
    { name: "DB_POOL_MIN_SIZE", value: "1" },
    { name: "DB_POOL_MAX_SIZE", value: String(poolSize) },
  ];
  const wish = { container: "app", entries, poolSize, rolledAt: undefined, reverts: undefined };
  return { ...wish, ...change };
}

type Apply = TemplateBench["applyAs"];

function createReader(rest: KubernetesRest): TemplateBench["readLive"] {
  const projections = createProjections();
  return async (workload) => {
    const project = projections[workloadKindOf(workload.kind) ?? usualKind];
    const live = project((await rest.get(workload)).body);
    if (live === undefined) throw new Error(`${workload.metadata.name ?? ""} is not there`);
    return live;
  };
}

async function applyUnchanged(
  rest: KubernetesRest,
  build: () => Promise<Manifest>,
  force: boolean,
): Promise<RestAnswer> {
  let answer: RestAnswer | undefined;
  await waitUntil("nobody writes between our reading and our apply", async () => {
    answer = await rest.apply(await build(), { force });
    return !answer.message.includes("the object has been modified");
  });
  if (answer === undefined) throw new Error("nothing was applied");
  return answer;
}

async function applyWithKubectl(
  kubectl: KubectlTarget,
  manager: OtherManager,
  workload: KubernetesObject,
): ReturnType<Apply> {
  const serverSide = manager === "helm" ? ["--server-side", "--field-manager=helm"] : [];
  const stdin = JSON.stringify(workload);
  return runKubectl(kubectl, ["apply", ...serverSide, "-f", "-"], { stdin });
}
