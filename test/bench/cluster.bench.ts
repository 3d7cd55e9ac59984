// From an event to the published grant, on a real API server: 200 Deployments of 10 pods in one
// policy, whose shares follow their replicas. Each Deployment in turn gets one replica more, which
// lowers its pods' size, and loses it again, which raises it. The time runs from the moment before
// the PATCH of its replicas until a watch of ours sees the other size in the policy's status: the
// API server's two writes and two watch events are in it.
// Run: node test/bench/cluster.bench.ts

import { readdir } from "node:fs/promises";
import { join } from "node:path";
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
import { read, readList } from "../support/kubernetes-rest.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { waitUntil } from "../support/processes.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { buildWorkload } from "../support/workloads.ts";

const namespace = "bench";
const deployments = 200;
const podsEach = 10;
const poolSize = 10;
const reserve = 10;
const creationsAtOnce = 10;
/** PostgreSQL's own reserved connections, and too little for anybody's next step. */
const beside = 3 + 5;
/** One rollout has room, and everybody's share is just poolSize. */
const maxConnections = (deployments + 1) * podsEach * poolSize + reserve + beside;
const changeWithinMs = 30_000;

const manifests = join(import.meta.dirname, "..", "..", "crds");

async function applyManifests(plane: ControlPlane): Promise<void> {
  const files = (await readdir(manifests)).filter((file) => file.endsWith(".yaml"));
  const paths = files.flatMap((file) => ["-f", join(manifests, file)]);
  const { code, stderr } = await plane.kubectl(["apply", "--server-side", ...paths]);
  if (code !== 0) throw new Error(stderr);
}

function nameOf(index: number): string {
  return `service-${String(index).padStart(3, "0")}`;
}

async function createDeployments(fleet: Fleet): Promise<void> {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: String(poolSize) }];
  for (let first = 0; first < deployments; first += creationsAtOnce) {
    const indexes = Array.from({ length: creationsAtOnce }, (_, at) => first + at);
    await Promise.all(
      indexes.map(async (index) => {
        const parts = { replicas: podsEach, env };
        const object = buildWorkload("Deployment", namespace, nameOf(index), parts);
        const { status, message } = await fleet.rest.create(object);
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
    const source = createListWatch({ client, random: systemRandom, kind: policyKind, project });
    while (!signal.aborted) {
      let resourceVersion = "";
      for await (const page of source.list(signal)) {
        for (const { status } of page.objects) this.#read(status);
        resourceVersion = page.resourceVersion;
      }
      for await (const event of source.watch(resourceVersion, signal)) {
        if (event.type === "set") this.#read(event.object.status);
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

async function timeOfScalingMs(
  fleet: Fleet,
  grants: Grants,
  scaling: { readonly name: string; readonly replicas: number },
): Promise<number> {
  const { name, replicas } = scaling;
  const deployment = buildWorkload("Deployment", namespace, name);
  const changed = grants.changeOf(`Deployment/${name}`);
  const startedAtMs = performance.now();
  const { status, message } = await fleet.rest.merge(deployment, { spec: { replicas } });
  if (status !== 200) throw new Error(message);
  await changed.catch(async (error: unknown) => {
    const said = await fleet.statusOf("orders");
    const rows = readList(said, "workloads");
    const row = rows.find((one) => read(one, "workload") === `Deployment/${name}`);
    const why = JSON.stringify([row, conditionIn(said, "WithinBudget")]);
    throw new Error(`with ${replicas} replicas: ${why}`, { cause: error });
  });
  return performance.now() - startedAtMs;
}

function row(event: string, times: readonly number[]): Record<string, string | number> {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(0);
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

async function measure({ fleet, grants, operator }: Bench): Promise<void> {
  const shrinking: number[] = [];
  const growing: number[] = [];
  for (let index = 0; index < deployments; index += 1) {
    const name = nameOf(index);
    shrinking.push(await timeOfScalingMs(fleet, grants, { name, replicas: podsEach + 1 }));
    growing.push(await timeOfScalingMs(fleet, grants, { name, replicas: podsEach }));
  }
  console.log(
    `\nFrom a changed spec.replicas to the published grant: ${deployments} Deployments,`,
    `${deployments * podsEach} pods, one policy`,
  );
  console.table([
    row("a replica more: smaller pools", shrinking),
    row("a replica less: larger pools", growing),
    row("both", [...shrinking, ...growing]),
  ]);
  const rss = await operator.metric("process_resident_memory_bytes");
  console.log(`the operator's resident memory: ${(rss / 1024 / 1024).toFixed(0)} MB`);
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
  const isRunning = (pod: unknown): boolean => read(pod, "status", "phase") === "Running";
  await waitUntil(
    "the pods to run",
    async () => (await fleet.pods()).filter(isRunning).length === deployments * podsEach,
    300_000,
  );
  const flags = ["--settle-time", "0s", "--database-interval", "30s", "--log-level", "info"];
  await using operator = await startOperator({ kubeconfigPath, flags });
  await fleet.applyPolicy("orders", {
    database: { address: "db.bench.svc:5432", maxConnections },
    reserve: { connections: reserve },
    rebalance: "Never",
    workloads: [
      {
        selector: { matchExpressions: [{ key: "app", operator: "Exists" }] },
        plannedPods: "Current",
      },
    ],
  });
  await fleet.waitForCondition("orders", "Ready", { status: "True" });
  const watching = openClientOf(kubeconfigPath);
  const end = new AbortController();
  const grants = new Grants();
  const following = grants.follow(watching.client, end.signal).catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  await waitUntil("the grants", () => grants.sizeOf(`Deployment/${nameOf(0)}`) === poolSize);
  await measure({ fleet, grants, operator });
  end.abort();
  await following;
  await watching.close();
}

await main();
