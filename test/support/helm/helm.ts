// The chart through the real Helm, as a person uses it, but with a home of its own: it neither
// reads nor writes the person's repositories.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../kubernetes-rest.ts";

export const chartPath = join(import.meta.dirname, "..", "..", "..", "charts", "poolwarden");

export type HelmResult = {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** Which Helm, with which home, and on which cluster where it needs one. */
export type Helm = {
  readonly path: string;
  readonly home: string;
  readonly kubeconfigPath?: string;
};

/** Runs Helm; a non-zero exit is a value. `values` become a file of values, given last. */
export async function runHelm(
  helm: Helm,
  args: readonly string[],
  values?: object,
): Promise<HelmResult> {
  const given = values === undefined ? [] : ["--values", "-"];
  const child = spawn(helm.path, [...args, ...given], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      ...process.env,
      KUBECACHEDIR: join(helm.home, "kube-cache"),
      HELM_CACHE_HOME: join(helm.home, "helm-cache"),
      HELM_CONFIG_HOME: join(helm.home, "helm-config"),
      HELM_DATA_HOME: join(helm.home, "helm-data"),
      KUBECONFIG: helm.kubeconfigPath ?? join(helm.home, "none"),
    },
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve(code ?? 1);
    });
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(values === undefined ? "" : JSON.stringify(values));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** The same; throws what it said where it fails. */
export async function helmed(
  helm: Helm,
  args: readonly string[],
  values?: object,
): Promise<string> {
  const { code, stdout, stderr } = await runHelm(helm, args, values);
  if (code !== 0) throw new Error(`helm ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** `helm template` of release poolwarden in poolwarden-system; more arguments where given. */
export async function renderChart(
  helm: Helm,
  values: object = {},
  more: readonly string[] = [],
): Promise<readonly KubernetesObject[]> {
  const args = ["template", "poolwarden", chartPath, "-n", "poolwarden-system", ...more];
  return objectsIn(await helmed(helm, args, values));
}

/** Read as Kubernetes does, as YAML 1.1. Throws where it is none, or says a key twice. */
export function objectsIn(manifest: string): readonly KubernetesObject[] {
  return parseAllDocuments(manifest, { version: "1.1" }).flatMap((document) => {
    const [problem] = document.errors;
    if (problem) throw problem;
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [object];
  });
}
