// Starts one control plane for all tests of the `real` project and ends it after the last. A test
// takes it with inject("controlPlane") and makes a namespace of its own.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { ControlPlaneUnavailable } from "./control-plane/binaries.ts";
import { startControlPlane } from "./control-plane/control-plane.ts";
import type { ControlPlane } from "./control-plane/control-plane.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";

declare module "vitest" {
  interface ProvidedContext {
    controlPlane: KubectlTarget;
  }
}

const MANIFESTS = join(import.meta.dirname, "..", "..", "crds");

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plane = await startOrExplain();
  try {
    await applyManifests(plane);
  } catch (error) {
    await plane.stop();
    throw error;
  }
  project.provide("controlPlane", {
    kubectlPath: plane.binaries.kubectl,
    kubeconfigPath: plane.kubeconfigPath,
  });
  return () => plane.stop();
}

async function startOrExplain(): Promise<ControlPlane> {
  try {
    return await startControlPlane();
  } catch (error) {
    if (!(error instanceof ControlPlaneUnavailable)) throw error;
    // The message is for a person; a stack under it would only hide it.
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** What the product installs: the CRD, and the admission policy if it is there. */
async function applyManifests(plane: ControlPlane): Promise<void> {
  const files = await readdir(MANIFESTS).catch(() => []);
  const manifests = files.filter((file) => file.endsWith(".yaml")).sort();
  if (manifests.length === 0) return;
  const paths = manifests.flatMap((file) => ["-f", join(MANIFESTS, file)]);
  const { code, stderr } = await plane.kubectl(["apply", "--server-side", ...paths]);
  if (code !== 0) throw new Error(`crds/ was not accepted:\n${stderr}`);
}
