// charts/install.yaml, for those who install with kubectl alone: the chart with its usual values,
// rendered by Helm, without the marks by which Helm knows its own. `node` with this file writes it.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openWorkspace } from "../processes.ts";
import { findHelm } from "./helm-programs.ts";
import { chartPath, type Helm, helmed } from "./helm.ts";

export const installManifestPath = join(chartPath, "..", "install.yaml");

const NAMESPACE = "poolwarden-system";
const OPENING = `# Generated from charts/poolwarden by \`make install-manifest\`; do not edit.
# For kubectl: \`kubectl apply --server-side -f\` this file. A cluster before Kubernetes 1.36 refuses the
# two objects of the admission policy and takes the rest: pods get their size by their template there.
apiVersion: v1
kind: Namespace
metadata:
  name: ${NAMESPACE}
  labels:
    app.kubernetes.io/name: poolwarden
`;

/** The manifest that the chart makes now. */
export async function renderInstallManifest(helm: Helm): Promise<string> {
  const args = ["template", "poolwarden", chartPath, "-n", NAMESPACE];
  // Nobody says to `helm template` what the cluster serves; and keeping is Helm's word.
  const values = { delivery: { admission: { enabled: true } }, crds: { keep: false } };
  const rendered = await helmed(helm, args, values);
  const marks =
    /^ *helm\.sh\/chart: .*\n|^ *app\.kubernetes\.io\/managed-by: .*\n|^# Source: .*\n/gm;
  return `${(OPENING + rendered.replace(marks, "")).trimEnd()}\n`;
}

async function main(): Promise<number> {
  const program = await findHelm(4);
  if (program.kind === "unavailable") {
    console.error(`charts/install.yaml cannot be rendered: ${program.reason}`);
    return 1;
  }
  const workspace = await openWorkspace("poolwarden-helm-");
  try {
    const manifest = await renderInstallManifest({ ...program, home: workspace.directory });
    if (manifest === (await readFile(installManifestPath, "utf8").catch(() => ""))) return 0;
    await writeFile(installManifestPath, manifest);
    console.log("wrote charts/install.yaml");
    return 0;
  } finally {
    await workspace.close();
  }
}

if (import.meta.main) process.exitCode = await main();
