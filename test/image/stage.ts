// The cluster in which the unpacked image runs: a real control plane with the install manifest on
// it, the ServiceAccount's folder as a pod finds it, and the operator with the arguments of the
// manifest's own Deployment.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { findFreePort, openWorkspace, waitUntil } from "../support/processes.ts";
import type { GuardedProcess, Workspace } from "../support/processes.ts";
import { installRights, readInstall } from "../support/rights.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { startAsPod } from "./unpacked.ts";
import type { UnpackedImage } from "./unpacked.ts";

const account = { name: "poolwarden", namespace: "poolwarden-system" };

export type Stage = AsyncDisposable & {
  readonly plane: ControlPlane;
  /** Starts the image's operator; nothing is waited for. */
  launch(): Promise<PodOperator>;
};

export type PodOperator = {
  readonly process: GuardedProcess;
  /** Of the moment before the process was made, by performance.now(). */
  readonly startedAtMs: number;
  /** Status of one of its pages; 0 while it does not answer. */
  readonly statusOf: (path: string) => Promise<number>;
  /** Resolves with the milliseconds since its start as soon as /readyz says so. */
  readonly untilReady: () => Promise<number>;
  /** Everything it printed. */
  readonly output: () => string;
};

export async function openStage(image: UnpackedImage): Promise<Stage> {
  const plane = await startControlPlane();
  const workspace = await openWorkspace("poolwarden-image-");
  await plane.kubectl(["create", "namespace", account.namespace]);
  await installRights(plane);
  await ensureAdmissionWorks(plane);
  const accountFolder = await writeAccountFolder(plane, workspace);
  const args = await argumentsOfManifest();
  return {
    plane,
    launch: () => launch({ plane, workspace, image, accountFolder, args }),
    [Symbol.asyncDispose]: async () => {
      await workspace.close();
      await plane.stop();
    },
  };
}

async function writeAccountFolder(plane: ControlPlane, workspace: Workspace): Promise<string> {
  const { name, namespace } = account;
  const folder = join(workspace.directory, "serviceaccount");
  await mkdir(folder);
  const created = await plane.kubectl(["create", "token", name, "-n", namespace]);
  if (created.code !== 0) throw new Error(created.stderr);
  const [cluster] = readList(parse(plane.kubeconfig), "clusters");
  const authority = String(read(cluster, "cluster", "certificate-authority-data"));
  await writeFile(join(folder, "token"), created.stdout.trim());
  await writeFile(join(folder, "ca.crt"), Buffer.from(authority, "base64"));
  await writeFile(join(folder, "namespace"), namespace);
  return folder;
}

async function argumentsOfManifest(): Promise<readonly string[]> {
  const deployment = (await readInstall()).find(({ kind }) => kind === "Deployment");
  const [container] = readList(deployment, "spec", "template", "spec", "containers");
  return readList(container, "args").map(String);
}

type Launch = {
  readonly plane: ControlPlane;
  readonly workspace: Workspace;
  readonly image: UnpackedImage;
  readonly accountFolder: string;
  readonly args: readonly string[];
};

async function launch(what: Launch): Promise<PodOperator> {
  const { plane, workspace, image, accountFolder, args } = what;
  const address = `127.0.0.1:${await findFreePort()}`;
  const { hostname, port } = new URL(plane.server);
  let output = "";
  const startedAtMs = performance.now();
  const process = await startAsPod(workspace, image, {
    args: [...args, `--listen=${address}`],
    accountFolder,
    environment: {
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      POD_NAME: "poolwarden-0",
      POD_NAMESPACE: account.namespace,
      POD_SERVICE_ACCOUNT: account.name,
    },
    onOutput: (text) => {
      output += text;
    },
  });
  const statusOf: PodOperator["statusOf"] = (path) =>
    fetch(`http://${address}${path}`).then(
      ({ status }) => status,
      () => 0,
    );
  const untilReady: PodOperator["untilReady"] = async () => {
    await waitUntil("the operator to be ready", async () => {
      if (process.hasExited()) throw new Error(`it has ended:\n${output}`);
      return (await statusOf("/readyz")) === 200;
    });
    return performance.now() - startedAtMs;
  };
  return { process, startedAtMs, statusOf, untilReady, output: () => output };
}
