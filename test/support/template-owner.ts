// The operator of a custom resource, as far as a Deployment of it is concerned: it applies the
// Deployment under its own field manager, and whenever somebody else's annotation stands in the
// pod template it writes the object anew with its own template, as controllers do that compare the
// whole template with the one that they would make.
import { readFile } from "node:fs/promises";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { type ApiClient, connectApi } from "./kubelet/api-client.ts";
import { type KubernetesObject, read } from "./kubernetes-rest.ts";
import type { KubernetesRest } from "./kubernetes-rest.ts";

export type TemplateOwner = AsyncDisposable & {
  /** How often it has put its template back. */
  timesPutBack(): number;
};

export async function ownTemplate(
  kubectl: KubectlTarget,
  rest: KubernetesRest,
  { manager, deployment }: { readonly manager: string; readonly deployment: KubernetesObject },
): Promise<TemplateOwner> {
  const answer = await rest.apply(deployment, { manager });
  if (answer.status !== 201) throw new Error(answer.message);
  const api = await connectApi(await readFile(kubectl.kubeconfigPath, "utf8"), 1);
  const { namespace = "", name = "" } = deployment.metadata;
  const collection = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  let times = 0;
  const watching = (async () => {
    while (!api.isClosed()) {
      for await (const now of changesOf(api, collection, name)) {
        if (!isForeign(now)) continue;
        const body = withTemplate(now, read(deployment, "spec", "template"));
        const path = `${collection}/${name}?fieldManager=${manager}`;
        const put = await api.ask({ method: "PUT", path, body });
        if (put?.status === 200) times += 1;
      }
    }
  })();
  return {
    timesPutBack: () => times,
    [Symbol.asyncDispose]: async () => {
      await api.close();
      await watching;
    },
  };
}

/** Of one Deployment; ends with its watch. */
async function* changesOf(api: ApiClient, path: string, name: string): AsyncGenerator<object> {
  const fieldSelector = encodeURIComponent(`metadata.name=${name}`);
  try {
    for await (const line of api.watch(`${path}?watch=true&fieldSelector=${fieldSelector}`)) {
      yield (JSON.parse(line) as { object: object }).object;
    }
  } catch {
    // The API server is away, or all is over.
  }
}

function isForeign(deployment: object): boolean {
  return read(deployment, "spec", "template", "metadata", "annotations") !== undefined;
}

function withTemplate(deployment: object, template: unknown): object {
  return { ...deployment, spec: { ...(read(deployment, "spec") as object), template } };
}
