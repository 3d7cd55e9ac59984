// What a kubelet does and the process runtime does not: it reads the Secrets that a pod's
// environment refers to, so that the demo's manifests can be what anybody would deploy.
import { read } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";
import type { Container, EnvironmentEntry, Pod } from "../support/kubelet/pod.ts";
import type { Runtime } from "../support/kubelet/runtime.ts";

/** Value of a key of a Secret in the pod's namespace; undefined where there is none. */
export type ReadSecret = (
  namespace: string,
  name: string,
  key: string,
) => Promise<string | undefined>;

/** A runtime that is handed pods whose entries with a secretKeyRef are literals. */
export function withSecrets(runtime: Runtime, readSecret: ReadSecret): Runtime {
  return {
    ...runtime,
    start: async (pod) => runtime.start(await resolveSecrets(pod, readSecret)),
  };
}

export async function resolveSecrets(pod: Pod, readSecret: ReadSecret): Promise<Pod> {
  const { namespace } = pod.metadata;
  const containers = await Promise.all(
    pod.spec.containers.map(async (container): Promise<Container> => {
      const entries = (container.env ?? []).map((entry) =>
        resolveEntry(entry, namespace, readSecret),
      );
      return { ...container, env: await Promise.all(entries) };
    }),
  );
  return { ...pod, spec: { ...pod.spec, containers } };
}

async function resolveEntry(
  entry: EnvironmentEntry,
  namespace: string,
  readSecret: ReadSecret,
): Promise<EnvironmentEntry> {
  const reference = read(entry, "valueFrom", "secretKeyRef");
  if (reference === undefined) return entry;
  const name = String(read(reference, "name"));
  const key = String(read(reference, "key"));
  const value = await readSecret(namespace, name, key);
  if (value === undefined) throw new Error(`secret ${namespace}/${name} has no key ${key}`);
  return { name: entry.name, value };
}

/** Reads each Secret once: the demo's do not change. */
export function secretReader(rest: KubernetesRest): ReadSecret {
  const answers = new Map<string, ReturnType<KubernetesRest["get"]>>();
  return async (namespace, name, key) => {
    const id = `${namespace}/${name}`;
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace, name } };
    const answer = answers.get(id) ?? rest.get(secret);
    answers.set(id, answer);
    const encoded = read((await answer).body, "data", key);
    return typeof encoded === "string" ? Buffer.from(encoded, "base64").toString() : undefined;
  };
}
