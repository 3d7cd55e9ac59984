// The demo's service with pools that follow their sizes while they run, on a real control plane:
// real node-postgres pools in real processes, real PostgreSQL, and the operator as the account that
// the chart makes, within its fence. Tests say what the policy asks for, and how the pods share.
import { dirname, delimiter } from "node:path";
import { expect } from "vitest";
import { poolSizeAnnotation, slotsGate } from "../../src/api/group.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { openFleet } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import { createProcessRuntime } from "./kubelet/process-runtime.ts";
import { read, readList } from "./kubernetes-rest.ts";
import { startOperator } from "./operator.ts";
import type { OperatorProcess } from "./operator.ts";
import { startPostgres } from "./postgres.ts";
import type { Postgres } from "./postgres.ts";
import { buildService, startSampler } from "./service-pools.ts";
import type { Sampler } from "./service-pools.ts";
import { buildAutoscaler } from "./workloads.ts";
import { ensureAdmissionWorks } from "./working-admission.ts";

interface LiveServiceParts {
  readonly kubectl: KubectlTarget;
  readonly namespace: string;
  readonly maxConnections: number;
  /** Of the only entry, beside its name. */
  readonly entry: object;
  /** Its autoscaler's. */
  readonly maxReplicas: number;
}

/** What runs while a test does. */
interface Running {
  readonly fleet: Fleet;
  readonly postgres: Postgres;
  readonly sampler: Sampler;
  readonly refused: () => string;
}

export class LiveService implements AsyncDisposable {
  readonly fleet: Fleet;
  readonly sampler: Sampler;
  /** What pods printed of logins that the server had no slot for. */
  readonly refused: () => string;
  readonly #postgres: Postgres;
  readonly #kubeconfigPath: string;
  #operator: OperatorProcess;

  /** Deployment `web` without pods under policy `orders`, and an operator. */
  static async start(parts: LiveServiceParts): Promise<LiveService> {
    const { kubectl, namespace, entry, maxReplicas } = parts;
    const running = await startAround(parts);
    const { fleet, postgres } = running;
    const { kubeconfigPath } = kubectl;
    const operator = await startOperatorOf(kubeconfigPath, namespace);
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" }, role: "app" },
      workloads: [{ name: "web", ...entry }],
    });
    const uri = postgres.uri("app", "postgres", "app");
    const env = { REQUESTS: "90" };
    const service = buildService({ namespace, replicas: 0, uri, poolSize: 2, env });
    await fleet.apply(service, buildAutoscaler(namespace, "web", maxReplicas));
    return new LiveService(running, { operator, kubeconfigPath });
  }

  private constructor(
    { fleet, postgres, sampler, refused }: Running,
    { operator, kubeconfigPath }: { operator: OperatorProcess; kubeconfigPath: string },
  ) {
    this.fleet = fleet;
    this.sampler = sampler;
    this.refused = refused;
    this.#postgres = postgres;
    this.#operator = operator;
    this.#kubeconfigPath = kubeconfigPath;
  }

  get operator(): OperatorProcess {
    return this.#operator;
  }

  /** After the one before it was stopped. */
  async startOperator(): Promise<void> {
    this.#operator = await startOperatorOf(this.#kubeconfigPath, this.fleet.namespace);
  }

  /** On which its pods run: whatever node one of them has is the only one. */
  async nodeName(): Promise<string> {
    return String(read((await this.pods())[0], "spec", "nodeName"));
  }

  async grant(): Promise<unknown> {
    return read(await this.fleet.statusOf("orders"), "grants", "Deployment/web");
  }

  /** Those that are not on their way out. */
  async pods(): Promise<readonly unknown[]> {
    const answer = await this.fleet.kubectl("get pods -o json");
    return readList(JSON.parse(answer), "items").filter(
      (pod) => read(pod, "metadata", "deletionTimestamp") === undefined,
    );
  }

  /** Of pods that run; -1 of one that waits. */
  async sizes(): Promise<number[]> {
    const found = (await this.pods()).map((pod) =>
      isGated(pod) ? -1 : Number(read(pod, "metadata", "annotations", poolSizeAnnotation)),
    );
    return found.sort((a, b) => a - b);
  }

  /** The server shows as many sessions as all pods are told. */
  async waitUntilUsed(): Promise<void> {
    const told = (await this.sizes()).reduce((sum, size) => sum + size, 0);
    await expect.poll(() => this.sampler.now(), { timeout: 60_000 }).toBe(told);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#operator[Symbol.asyncDispose]();
    await this.sampler.stop();
    await this.fleet[Symbol.asyncDispose]();
    await this.#postgres.stop();
  }
}

export function isGated(pod: unknown): boolean {
  return readList(pod, "spec", "schedulingGates").some((gate) => read(gate, "name") === slotsGate);
}

async function startAround(parts: LiveServiceParts): Promise<Running> {
  const { kubectl, namespace, maxConnections } = parts;
  process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const postgres = await startPostgres({ maxConnections });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  await ensureAdmissionWorks(kubectl);
  let refused = "";
  const onOutput = (_: unknown, text: string): void => {
    if (text.includes("too many clients")) refused += text;
  };
  const runtime = await createProcessRuntime({ readyWhenPrinted: "ready", onOutput });
  const fleet = await openFleet({ kubectl, namespace, runtime });
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  const sampler = await startSampler(postgres.uri());
  return { fleet, postgres, sampler, refused: () => refused };
}

function startOperatorOf(kubeconfigPath: string, namespace: string): Promise<OperatorProcess> {
  return startOperator({ kubeconfigPath, flags: ["--namespaces", namespace, "--live-pools=true"] });
}
