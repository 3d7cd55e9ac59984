// `poolwarden plan --against-cluster` on a real control plane with a running operator: it writes
// nothing, and what it says of a change is what the operator makes of it once it is applied.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { Answer } from "../../src/plan/answer.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import type { Fleet } from "../support/fleet.ts";
import { openFleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { startOperator } from "../support/operator.ts";
import { openWorkspace } from "../support/processes.ts";
import { writeAccountKubeconfig } from "../support/service-account.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";

const namespace = "plan-against";
const entry = join(import.meta.dirname, "..", "..", "src", "main.ts");
const plane = inject("controlPlane");
let fleet: Fleet;
let operator: OperatorProcess;

const policy = {
  database: { address: "against.db.invalid:5432", maxConnections: 100 },
  workloads: [{ name: "web" }, { name: "jobs" }],
  stability: { cooldown: "10s" },
};

function deployment(name: string, replicas: number): object {
  const labels = { app: name };
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: "app", image: "shop/app:1", env, resources: {} }] },
  };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

beforeAll(async () => {
  await ensureAdmissionWorks(plane);
  fleet = await openFleet({ kubectl: plane, namespace, runtime: createInstantRuntime() });
  const { kubeconfigPath } = plane;
  operator = await startOperator({ kubeconfigPath, flags: ["--namespaces", namespace] });
  await fleet.applyPolicy("orders", policy);
  await fleet.apply(deployment("web", 4), deployment("jobs", 2));
  await fleet.waitForReady("orders");
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
});

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function plan(objects: readonly object[], kubeconfig: string): Promise<Outcome> {
  const args = [entry, "plan", "-f", "-", "--against-cluster", "--kubeconfig", kubeconfig];
  const running = promisify(execFile)(process.execPath, [...args, "-o", "json"]);
  running.child.stdin?.end(objects.map((one) => JSON.stringify(one)).join("\n---\n"));
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Outcome,
  );
}

async function answerOn(...objects: readonly object[]): Promise<Answer> {
  const { stdout, stderr } = await plan(objects, plane.kubeconfigPath);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Answer;
}

function sizesIn({ servers }: Answer): Record<string, number> {
  const pools = servers.flatMap((server) => server.pools);
  return Object.fromEntries(pools.map(({ pool, poolSize }) => [pool, poolSize]));
}

async function versions(): Promise<string> {
  const path = "-o jsonpath={.items[*].metadata.resourceVersion}";
  return fleet.kubectl(`get poolpolicies,deployments,pods ${path}`);
}

it("manifests as they run change nothing, and nothing is written", async () => {
  const before = await versions();
  const answer = await answerOn(deployment("web", 4), deployment("jobs", 2));
  expect(answer).toMatchObject({ exitStatus: 0, steps: [], peaks: [] });
  expect(await versions()).toBe(before);
});

it("what it says of a change is what the operator then publishes", async () => {
  const web = deployment("web", 7);
  const answer = await answerOn(web);
  const said = (answer.steps ?? []).map(({ by, object, message }) => `${by}: ${object} ${message}`);
  expect(said[0]).toBe(`apply: Deployment ${namespace}/web is scaled from 4 to 7 pods`);
  expect(said.filter((line) => line.startsWith("operator: "))).not.toEqual([]);

  await fleet.apply(web);
  const sizes = sizesIn(answer);
  await fleet.waitForPods("web", 7);
  await expect.poll(publishedSizes, { timeout: 60_000, interval: 500 }).toEqual(sizes);
});

async function publishedSizes(): Promise<Record<string, number>> {
  const { workloads = [] } = (await fleet.statusOf("orders")) as PoolPolicyStatus;
  return Object.fromEntries(workloads.map(({ workload, poolSize }) => [workload, poolSize]));
}

it("whoever may not list policies is told which rights it needs", async () => {
  const workspace = await openWorkspace("poolwarden-against-");
  const path = join(workspace.directory, "kubeconfig");
  const kubeconfig = await readFile(plane.kubeconfigPath, "utf8");
  const account = { namespace, name: "nobody" };
  await runKubectl(plane, ["create", "serviceaccount", account.name, "-n", namespace]);
  const kubectl = (args: string[]): ReturnType<typeof runKubectl> => runKubectl(plane, args);
  await writeAccountKubeconfig({ kubeconfig, kubectl }, account, path);
  const { code, stderr } = await plan([deployment("web", 4)], path);
  expect(code).toBe(2);
  expect(stderr).toContain("--against-cluster lists PoolPolicy, Deployment, StatefulSet");
  expect(stderr).not.toContain("    at ");
  await workspace.close();
});
