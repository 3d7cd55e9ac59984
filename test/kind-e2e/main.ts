// `make kind-e2e`: what a platform team would try first, on a cluster of its own: the image is
// built, loaded into kind and installed by the chart, then the scenarios are played and all is
// uninstalled. Where a program is missing, or no container engine answers, it says so and ends
// with 1.
import { join } from "node:path";
import { buildImage } from "../image/build.ts";
import { mustRun, notRun, runCommand, tellFailure } from "../image/command.ts";
import { findEngine } from "../image/engine.ts";
import type { Engine } from "../image/engine.ts";
import { openWorkspace } from "../support/processes.ts";
import { SCENARIOS } from "./scenarios.ts";
import { podsAt } from "./site.ts";
import type { Site } from "./site.ts";

const root = join(import.meta.dirname, "..", "..");
const cluster = "poolwarden-e2e";
const namespace = "shop";
const operatorNamespace = "poolwarden-system";
/** The admission policy needs Kubernetes 1.36; before that pods get their size by the template. */
const NODE_IMAGE = process.env["KIND_NODE_IMAGE"] ?? "kindest/node:v1.36.0";
const PROGRAMS = ["kind", "kubectl", "helm"];
const ofOperator = "app.kubernetes.io/instance=poolwarden";

type Play = {
  readonly engine: Engine;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
};

async function findObstacle(engine: Engine | undefined): Promise<string | undefined> {
  if (engine === undefined) return "no container engine answers: docker and podman were asked";
  for (const program of PROGRAMS) {
    const { code } = await runCommand([program, "version"]);
    if (code === 127) return `${program} is not installed`;
  }
  return undefined;
}

async function loadImage({ engine, image, environment }: Play, archive: string): Promise<void> {
  await buildImage(engine, { image, nodeImage: process.env["NODE_IMAGE"] });
  await mustRun([...engine.words, "save", "--output", archive, image]);
  await mustRun(["kind", "load", "image-archive", archive, "--name", cluster], { environment });
}

async function install({ image, environment }: Play): Promise<void> {
  const [repository, tag] = image.split(/:(?=[^:/]+$)/);
  const settings = [
    `image.repository=${repository ?? ""}`,
    `image.tag=${tag ?? ""}`,
    "image.pullPolicy=Never",
    `database.secretNames.${namespace}={orders-db}`,
  ];
  const chart = join(root, "charts", "poolwarden");
  const where = ["-n", operatorNamespace, "--create-namespace", "--wait", "--timeout", "180s"];
  const given = settings.flatMap((setting) => ["--set", setting]);
  await mustRun(["helm", "upgrade", "--install", "poolwarden", chart, ...where, ...given], {
    environment,
    isShown: true,
  });
}

function siteOf(play: Play): Site {
  const kubectl: Site["kubectl"] = (words) =>
    mustRun(["kubectl", ...words.split(" ")], { environment: play.environment });
  return {
    namespace,
    limit: 100,
    kubectl,
    killOperator: async () => {
      const where = `-n ${operatorNamespace} delete pods -l ${ofOperator}`;
      await kubectl(`${where} --force --grace-period=0`);
    },
    restoreAdmission: () => install(play),
  };
}

async function play(it: Play, archive: string): Promise<void> {
  const site = siteOf(it);
  await site.kubectl(`create namespace ${namespace}`);
  const database = join(root, "test", "kind-e2e", "database.yaml");
  await site.kubectl(`-n ${namespace} apply -f ${database}`);
  await loadImage(it, archive);
  await site.kubectl(`-n ${namespace} rollout status deployment/orders-db --timeout=300s`);
  await install(it);
  for (const { name, play: act } of SCENARIOS) {
    const startedMs = performance.now();
    await act(site);
    say(`${name}: passed after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
  }
  await uninstall(it, site);
}

async function uninstall({ environment }: Play, site: Site): Promise<void> {
  const before = (await podsAt(site)).length;
  const where = ["-n", operatorNamespace, "--wait"];
  await mustRun(["helm", "uninstall", "poolwarden", ...where], { environment });
  const kinds = "deployments,roles,rolebindings,clusterroles,clusterrolebindings";
  const left = await site.kubectl(`get ${kinds} -A -l ${ofOperator} -o name`);
  if (left !== "") throw new Error(`helm uninstall has left:\n${left}`);
  if ((await podsAt(site)).length !== before) throw new Error("uninstalling has changed the fleet");
  say("uninstalled: nothing is left, and the fleet runs on");
}

function say(text: string): void {
  console.log(`kind-e2e: ${text}`);
}

async function main(): Promise<void> {
  const engine = await findEngine(["docker", "podman"]);
  const obstacle = await findObstacle(engine);
  if (obstacle !== undefined || engine === undefined) {
    notRun("kind-e2e", obstacle ?? "no engine");
    return;
  }
  const workspace = await openWorkspace("poolwarden-kind-");
  const environment = {
    KUBECONFIG: join(workspace.directory, "kubeconfig"),
    KIND_EXPERIMENTAL_PROVIDER: engine.name,
  };
  const image = engine.name === "podman" ? "localhost/poolwarden:e2e" : "poolwarden:e2e";
  const kind = (...words: readonly string[]): Promise<string> =>
    mustRun(["kind", ...words, "--name", cluster], { environment, isShown: true });
  try {
    await kind("create", "cluster", "--image", NODE_IMAGE, "--wait", "180s");
    await play({ engine, image, environment }, join(workspace.directory, "image.tar"));
    say("passed");
  } finally {
    if (process.env["KEEP"]) say(`the cluster stays: kind export kubeconfig --name ${cluster}`);
    else await kind("delete", "cluster");
    await workspace.close();
  }
}

await main().catch(tellFailure("kind-e2e"));
