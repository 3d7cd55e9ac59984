// From an event to the published grant, on a real API server: 1,000 Deployments of 10 pods on one
// server, in policies of 100, whose shares follow their replicas. One Deployment after the other
// gets one replica more, which lowers its pods' size, and loses it again, which raises it. The time
// runs from the moment before the PATCH of its replicas until a watch of ours sees the other size
// in the policy's status. The API server's own time stands beside it: our PATCH, and the step
// `apply` of the operator's decisions. Bar: p99 under 1 s.
// Run: DEPLOYMENTS=1000 node test/bench/cluster.bench.ts.

import { systemClock } from "../../src/adapters/clock.ts";
import { readdir } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createListWatch } from "../../src/adapters/kubernetes/list-watch.ts";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { systemRandom } from "../../src/adapters/random.ts";
import { kind as policyKind } from "../../src/api/group.ts";
import { openClientOf } from "../support/api-client.ts";
import type { OpenClient } from "../support/api-client.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { conditionIn, openFleet } from "../support/fleet.ts";
import type { Fleet } from "../support/fleet.ts";
import { givenNumber } from "../support/given-setting.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { waitUntil } from "../support/processes.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { buildWorkload } from "../support/workloads.ts";

const namespace = "bench";
const deployments = givenNumber("DEPLOYMENTS", { usual: 1_000, least: 1 });
const deploymentsPerPolicy = 100;
/** So many of them are scaled; each is two events. */
const scaledMax = 200;
const barMs = 1_000;
const podsEach = 10;
const poolSize = 10;
const reserve = 10;
const creationsAtOnce = 10;
/** PostgreSQL's own reserved connections, and too little for anybody's next step. */
const beside = 3 + 5;
/** One rollout has room, and everybody's share is just poolSize. */
const maxConnections = (deployments + 1) * podsEach * poolSize + reserve + beside;
const changeWithinMs = 30_000;

/** So long for each pod, however busy the machine is. */
const podWithinMs = 200;

const manifests = join(import.meta.dirname, "..", "..", "crds");

async function applyManifests(plane: ControlPlane): Promise<void> {
  const files = (await readdir(manifests)).filter((file) => file.endsWith(".yaml"));
  const paths = files.flatMap((file) => ["-f", join(manifests, file)]);
  const { code, stderr } = await plane.kubectl(["apply", "--server-side", ...paths]);
  if (code !== 0) throw new Error(stderr);
}

function nameOf(index: number): string {
  return `service-${String(index).padStart(4, "0")}`;
}

function policyOf(index: number): string {
  return `orders-${Math.floor(index / deploymentsPerPolicy)}`;
}

const policies = [...new Set(Array.from({ length: deployments }, (_, index) => policyOf(index)))];

function deploymentAt(index: number): KubernetesObject {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: String(poolSize) }];
  const object = buildWorkload("Deployment", namespace, nameOf(index), {
    replicas: podsEach,
    env,
  });
  const labels = { app: nameOf(index), policy: policyOf(index) };
  return { ...object, metadata: { ...object.metadata, labels } };
}

async function createDeployments(fleet: Fleet): Promise<void> {
  for (let first = 0; first < deployments; first += creationsAtOnce) {
    const length = Math.min(creationsAtOnce, deployments - first);
    const indexes = Array.from({ length }, (_, at) => first + at);
    await Promise.all(
      indexes.map(async (index) => {
        const { status, message } = await fleet.rest.create(deploymentAt(index));
        if (status !== 201) throw new Error(message);
      }),
    );
  }
}

/** The sizes that are published, as a watch shows them, and a way to wait for another one. */
class Grants {
  readonly #sizes = new Map<string, number>();
  readonly #waiting = new Map<string, () => void>();

  sizeOf(workload: string): number | undefined {
    return this.#sizes.get(workload);
  }

  /** Resolves as soon as the size is another one than it is now. */
  changeOf(workload: string): Promise<undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const timeout = setTimeout(() => {
      reject(new Error(`the size of ${workload} did not change within ${changeWithinMs / 1000} s`));
    }, changeWithinMs);
    this.#waiting.set(workload, () => {
      clearTimeout(timeout);
      resolve(undefined);
    });
    return promise;
  }

  /** The API server ends each watch after some minutes; then it starts over. */
  async follow(client: OpenClient["client"], signal: AbortSignal): Promise<void> {
    const project = createProjections().policy;
    const source = createListWatch({
      ...{ client, random: systemRandom, clock: systemClock, kind: policyKind, project },
    });
    while (!signal.aborted) {
      let resourceVersion = "";
      for await (const page of source.list(signal)) {
        for (const { status } of page.objects) this.#read(status);
        resourceVersion = page.resourceVersion;
      }
      for await (const event of source.watch(resourceVersion, signal)) {
        if (event.type === "set") this.#read(event.object.status);
        // Of a policy with a thousand workloads.
        else if (event.type === "unread") this.#read((await event.read(signal, () => {}))?.status);
      }
    }
  }

  #read(status: unknown): void {
    for (const [workload, grant] of Object.entries(read(status, "grants") ?? {})) {
      const size = Number(read(grant, "poolSize"));
      if (this.#sizes.get(workload) === size) continue;
      this.#sizes.set(workload, size);
      this.#waiting.get(workload)?.();
      this.#waiting.delete(workload);
    }
  }
}

interface Timed {
  readonly totalMs: number;
  /** Until the API server has answered the change itself. */
  readonly patchMs: number;
}

async function timeOfScaling(
  fleet: Fleet,
  grants: Grants,
  scaling: { readonly index: number; readonly replicas: number },
): Promise<Timed> {
  const { index, replicas } = scaling;
  const name = nameOf(index);
  const deployment = buildWorkload("Deployment", namespace, name);
  const changed = grants.changeOf(`Deployment/${name}`);
  const startedAtMs = performance.now();
  const { status, message } = await fleet.rest.merge(deployment, { spec: { replicas } });
  if (status !== 200) throw new Error(message);
  const patchMs = performance.now() - startedAtMs;
  await changed.catch(async (error: unknown) => {
    const said = await fleet.statusOf(policyOf(index));
    const rows = readList(said, "workloads");
    const row = rows.find((one) => read(one, "workload") === `Deployment/${name}`);
    const why = JSON.stringify([row, conditionIn(said, "WithinBudget")]);
    throw new Error(`with ${replicas} replicas: ${why}`, { cause: error });
  });
  return { totalMs: performance.now() - startedAtMs, patchMs };
}

function percentile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function row(event: string, times: readonly number[]): Record<string, string | number> {
  const at = (part: number): string => percentile(times, part).toFixed(0);
  return {
    event,
    events: times.length,
    "p50 ms": at(0.5),
    "p90 ms": at(0.9),
    "p99 ms": at(0.99),
    "max ms": at(1),
  };
}

type Bench = { readonly fleet: Fleet; readonly grants: Grants; readonly operator: OperatorProcess };

const steps = ["observe", "plan", "apply", "report"] as const;

/** Seconds that the operator's decisions took so far, by step, and how many there were. */
async function stepsOf(operator: OperatorProcess): Promise<readonly number[]> {
  const metric = "poolwarden_reconcile_step_seconds";
  const sums = steps.map((step) => operator.metric(`${metric}_sum`, { step }));
  return Promise.all([operator.metric(`${metric}_count`, { step: "plan" }), ...sums]);
}

function stepRow(before: readonly number[], after: readonly number[]): Record<string, string> {
  const [decisions = 0, ...seconds] = after.map((value, index) => value - (before[index] ?? 0));
  const means = steps.map((step, index) => {
    const meanMs = ((seconds[index] ?? 0) * 1_000) / Math.max(1, decisions);
    return [`${step} ms`, meanMs.toFixed(1)] as const;
  });
  return { decisions: String(decisions), ...Object.fromEntries(means) };
}

async function measure({ fleet, grants, operator }: Bench): Promise<void> {
  const shrinking: Timed[] = [];
  const growing: Timed[] = [];
  const before = await stepsOf(operator);
  for (let index = 0; index < Math.min(deployments, scaledMax); index += 1) {
    shrinking.push(await timeOfScaling(fleet, grants, { index, replicas: podsEach + 1 }));
    growing.push(await timeOfScaling(fleet, grants, { index, replicas: podsEach }));
  }
  const decisions = stepRow(before, await stepsOf(operator));
  console.log(
    `\nFrom a changed spec.replicas to the published grant: ${deployments} Deployments,`,
    `${deployments * podsEach} pods, ${policies.length} policies, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const all = [...shrinking, ...growing];
  const totals = (times: readonly Timed[]): number[] => times.map(({ totalMs }) => totalMs);
  const patches = all.map(({ patchMs }) => patchMs);
  console.table([
    row("a replica more: smaller pools", totals(shrinking)),
    row("a replica less: larger pools", totals(growing)),
    row("both", totals(all)),
    row("of that, the PATCH of the replicas", patches),
  ]);
  console.log("A decision of the operator, on average; `apply` waits for the API server:");
  console.table([decisions]);
  const p99Ms = percentile(totals(all), 0.99);
  console.log(`p99 < ${barMs} ms: ${p99Ms < barMs ? "met" : "missed"} (${p99Ms.toFixed(0)} ms)`);
  const rss = await operator.metric("process_resident_memory_bytes");
  console.log(`the operator's resident memory: ${(rss / 1024 / 1024).toFixed(0)} MB`);
}

async function waitForPods(fleet: Fleet): Promise<void> {
  const listed = buildWorkload("Deployment", namespace, "");
  const isReady = (one: unknown): boolean => read(one, "status", "readyReplicas") === podsEach;
  await waitUntil(
    "the pods to run",
    async () => {
      await delay(500);
      return (await fleet.rest.list(listed)).filter(isReady).length === deployments;
    },
    60_000 + deployments * podsEach * podWithinMs,
  );
}

/** Without a tolerance and a cooldown, which would hold back just what is measured. */
async function applyPolicies(fleet: Fleet): Promise<void> {
  for (const policy of policies) {
    await fleet.applyPolicy(policy, {
      database: { address: "db.bench.svc:5432", maxConnections },
      reserve: { connections: reserve },
      rebalance: "Never",
      stability: { tolerancePercent: 0, cooldown: "0s" },
      workloads: [{ selector: { matchLabels: { policy } }, plannedPods: "Current" }],
    });
  }
  for (const policy of policies) {
    await fleet.waitForCondition(policy, "Ready", { status: "True" });
  }
}

async function main(): Promise<void> {
  await using plane = await startControlPlane();
  await applyManifests(plane);
  const { kubeconfigPath } = plane;
  await ensureAdmissionWorks({ kubeconfigPath });
  const kubectl = { kubectlPath: plane.binaries.kubectl, kubeconfigPath };
  await using fleet = await openFleet({ kubectl, namespace });
  console.log(`cluster: creating ${deployments} Deployments of ${podsEach} pods`);
  await createDeployments(fleet);
  await waitForPods(fleet);
  const flags = ["--settle-time", "0s", "--database-interval", "30s", "--log-level", "info"];
  await using operator = await startOperator({ kubeconfigPath, flags });
  await applyPolicies(fleet);
  const watching = openClientOf(kubeconfigPath);
  const end = new AbortController();
  const grants = new Grants();
  const following = grants.follow(watching.client, end.signal).catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  const isGranted = (_: unknown, index: number): boolean =>
    grants.sizeOf(`Deployment/${nameOf(index)}`) === poolSize;
  await waitUntil("the grants", () => Array.from({ length: deployments }).every(isGranted));
  await measure({ fleet, grants, operator });
  end.abort();
  await following;
  await watching.close();
}

await main();
