// What a new user does and what happens to clusters, in this order: the example, a scaling, an
// operator that is killed in the middle of one, an admission policy that somebody deletes, the end
// of the policy. After each the pools fit into the database, and no pod was kept from starting.
import { join } from "node:path";
import { waitUntil } from "../support/processes.ts";
import { podsAt, sumOfPools, withinLimit } from "./site.ts";
import type { Site, SizedPod } from "./site.ts";

const root = join(import.meta.dirname, "..", "..");
const WITHIN_MS = 120_000;

export type Scenario = {
  readonly name: string;
  /** Throws where the cluster is not as it must be. */
  readonly play: (site: Site) => Promise<void>;
};

export const SCENARIOS: readonly Scenario[] = [
  { name: "the example becomes Ready", play: applyExample },
  { name: "a service scales out: its pods run, and all pools fit all the while", play: scaleOut },
  { name: "the operator is killed while a service scales: the same holds", play: killOperator },
  { name: "the binding of the admission policy is deleted: pods start", play: loseAdmission },
  { name: "the policy is deleted: it goes, and every pod stays as it is", play: deletePolicy },
];

async function applyExample(site: Site): Promise<void> {
  await inNamespace(site, `apply -f ${join(root, "test", "kind-e2e", "services.yaml")}`);
  await waitForPods(site, "web", 3);
  await waitForPods(site, "worker", 3);
  await withinLimit(site, async () => {
    await inNamespace(site, `apply -f ${join(root, "examples", "minimal.yaml")}`);
    await waitForReady(site);
  });
}

/** As far as its autoscaler might: for so many there is room from the beginning. */
async function scaleOut(site: Site): Promise<void> {
  await withinLimit(site, async () => {
    await inNamespace(site, "scale deployment/web --replicas=6");
    await waitForPods(site, "web", 6);
    await waitForReady(site);
  });
  await expectGranted(site, "web");
}

async function killOperator(site: Site): Promise<void> {
  await withinLimit(site, async () => {
    await inNamespace(site, "scale deployment/worker --replicas=6");
    await site.killOperator();
    await waitForPods(site, "worker", 6);
    await waitForReady(site);
  });
  await expectGranted(site, "worker");
}

async function loseAdmission(site: Site): Promise<void> {
  await site.kubectl("delete mutatingadmissionpolicybinding poolwarden");
  await inNamespace(site, "scale deployment/web --replicas=8");
  await waitForPods(site, "web", 8);
  await waitForMissing(site, true);
  await site.restoreAdmission();
  await waitForMissing(site, false);
  await waitForReady(site);
  await waitUntil(
    "pools that fit again",
    async () => sumOfPools(await podsAt(site)) <= site.limit,
    WITHIN_MS,
  );
}

async function deletePolicy(site: Site): Promise<void> {
  const before = summarize(await podsAt(site));
  await inNamespace(site, "delete poolpolicy orders --timeout=60s");
  const after = summarize(await podsAt(site));
  if (after !== before) throw new Error(`before:\n${before}\nafter:\n${after}`);
}

function inNamespace(site: Site, words: string): Promise<string> {
  return site.kubectl(`-n ${site.namespace} ${words}`);
}

function summarize(pods: readonly SizedPod[]): string {
  const staying = pods.filter(({ isLeaving }) => !isLeaving);
  return staying
    .map(({ workload, uid, poolSize }) => `${workload} ${uid} ${poolSize}`)
    .sort()
    .join("\n");
}

async function waitForPods(site: Site, workload: string, count: number): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    const own = (await podsAt(site)).filter((pod) => pod.workload === workload && !pod.isLeaving);
    return own.length === count && own.every(({ isRunning }) => isRunning);
  };
  await waitUntil(`${count} running pods of ${workload}`, isThere, WITHIN_MS);
}

async function waitForReady(site: Site): Promise<void> {
  const seconds = WITHIN_MS / 1_000;
  const wait = `wait --for=condition=Ready poolpolicy/orders --timeout=${seconds}s`;
  await inNamespace(site, wait).catch(async (error: unknown) => {
    const said = await inNamespace(site, "describe poolpolicy orders");
    throw new Error(`it does not become Ready:\n${said}`, { cause: error });
  });
}

async function waitForMissing(site: Site, isMissing: boolean): Promise<void> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Applied")].reason}';
  const isSo = async (): Promise<boolean> => {
    const reason = await inNamespace(site, `get poolpolicy orders -o ${path}`);
    return (reason === "AdmissionMissing") === isMissing;
  };
  const what = isMissing ? "the policy to say that admission is missing" : "admission to be back";
  await waitUntil(what, isSo, WITHIN_MS).catch(async (error: unknown) => {
    throw new Error(await inNamespace(site, "describe poolpolicy orders"), { cause: error });
  });
}

/** The newest word of the operator is what the next pods get: some have it already. */
async function expectGranted(site: Site, workload: string): Promise<void> {
  const path = `jsonpath={.status.grants.Deployment/${workload}.poolSize}`;
  await waitUntil(
    `a pod of ${workload} with the size that is granted`,
    async () => {
      const granted = Number(await inNamespace(site, `get poolpolicy orders -o ${path}`));
      const own = (await podsAt(site)).filter((pod) => pod.workload === workload);
      return own.some(({ poolSize }) => poolSize === granted);
    },
    WITHIN_MS,
  );
}
