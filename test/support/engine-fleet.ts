// A fleet on a real server of any engine: real pools in real processes, looked at on the server all
// the time, through adoption, a scaling and a new version. No login is refused, and the sum stays
// within the limit. Each engine brings its server, its service, and who looks.
import { dirname, delimiter } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFleet } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { createProcessRuntime } from "./kubelet/process-runtime.ts";
import type { KubernetesObject } from "./kubernetes-rest.ts";
import { startOperator } from "./operator.ts";
import type { OperatorProcess } from "./operator.ts";
import { buildAutoscaler, buildWorkload } from "./workloads.ts";
import { ensureAdmissionWorks } from "./working-admission.ts";

type Entry = { readonly name: string; readonly value: string };

/** Sessions of the pods' role, over one session of its own. */
export type Looker = { readonly count: () => Promise<number>; readonly end: () => Promise<void> };

export type EngineServer = {
  /** The operator's. */
  readonly uri: string;
  /** Of the pods, beside the variable of their size. */
  readonly env: readonly Entry[];
  readonly look: () => Promise<Looker>;
  readonly stop: () => Promise<void>;
};

export type EngineFleet = {
  readonly engine: string;
  readonly namespace: string;
  readonly kubectl: KubectlTarget;
  /** A program in this folder. */
  readonly service: string;
  readonly maxSizeName: string;
  /** Further fields of the policy's only entry. */
  readonly entry?: object;
  /** As the condition calls it. */
  readonly connectionsSetting: string;
  readonly start: (maxConnections: number) => Promise<EngineServer>;
};

const maxConnections = 80;
// 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 10 - 1 - 1;
const plannedPods = 6;
const share = Math.floor(budget / (2 * plannedPods));

export type Sampler = {
  /** Most sessions of the pods at any look. */
  readonly peak: () => number;
  readonly now: () => number;
  readonly stop: () => Promise<void>;
};

/** Looks some twenty times a second. */
export function startSampler(looker: Looker): Sampler {
  let [peak, now, isWanted] = [0, 0, true];
  const sampling = (async () => {
    while (isWanted) {
      now = await looker.count();
      peak = Math.max(peak, now);
      await delay(50);
    }
  })();
  return {
    peak: () => peak,
    now: () => now,
    stop: async () => {
      isWanted = false;
      await sampling;
      await looker.end();
    },
  };
}

function manifest(given: EngineFleet, server: EngineServer, replicas: number): KubernetesObject {
  const { namespace, maxSizeName, service } = given;
  const env = [...server.env, { name: maxSizeName, value: "15" }];
  const workload = buildWorkload("Deployment", namespace, "web", { replicas, env });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  const [container] = template.spec.containers;
  Object.assign(container ?? {}, { command: ["node", `test/support/${service}`] });
  return workload;
}

/** Declares the suite. */
export function describeEngineFleet(given: EngineFleet): void {
  const { engine, namespace, kubectl } = given;
  describe(`a fleet on ${engine}`, () => {
    let server: EngineServer;
    let fleet: Fleet;
    let operator: OperatorProcess;
    let sampler: Sampler;
    const refusals: string[] = [];

    beforeAll(async () => {
      process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
      server = await given.start(maxConnections);
      await ensureAdmissionWorks(kubectl);
      const onOutput = (_pod: unknown, text: string): void => {
        if (text.includes("refused")) refusals.push(text);
      };
      const runtime = await createProcessRuntime({ readyWhenPrinted: "ready", onOutput });
      fleet = await openFleet({ kubectl, namespace, runtime });
      const autoscaler = buildAutoscaler(namespace, "web", plannedPods);
      await fleet.apply(manifest(given, server, 2), autoscaler);
      await fleet.waitForPods("web", 2, 15);
      await fleet.applySecret("orders-db", { uri: server.uri });
      sampler = startSampler(await server.look());
      const { kubeconfigPath } = kubectl;
      operator = await startOperator({ kubeconfigPath, flags: ["--namespaces", namespace] });
    });

    afterAll(async () => {
      await operator[Symbol.asyncDispose]();
      await sampler.stop();
      await fleet[Symbol.asyncDispose]();
      await server.stop();
    });

    async function waitUntilFull(pods: number): Promise<void> {
      await fleet.kubectl(`rollout status deployment/web --timeout=60s`);
      await fleet.waitForPods("web", pods, share);
      await expect.poll(() => sampler.now(), { timeout: 30_000 }).toBe(pods * share);
    }

    function expectWithin(): void {
      expect(refusals).toEqual([]);
      expect(sampler.peak()).toBeLessThanOrEqual(budget);
    }

    it("is adopted", async () => {
      await fleet.applyPolicy("orders", {
        database: { secretRef: { name: "orders-db" }, role: "app" },
        workloads: [{ name: "web", ...given.entry }],
      });
      await fleet.waitForReady("orders");
      const says = [`${given.connectionsSetting} ${maxConnections} read from`];
      await fleet.waitForCondition("orders", "DatabaseReachable", { status: "True", says });
      await waitUntilFull(2);
      expectWithin();
      // The one that looks is a stranger, and nobody else is.
      expect(await operator.metric("poolwarden_foreign_sessions")).toBeLessThanOrEqual(1);
    });

    it("is scaled to its maximum", async () => {
      await fleet.kubectl(`scale deployment/web --replicas=${plannedPods}`);
      await waitUntilFull(plannedPods);
      expectWithin();
    });

    it("is deployed anew", async () => {
      await fleet.kubectl("set env deployment/web VERSION=2");
      await waitUntilFull(plannedPods);
      expect(sampler.peak()).toBeGreaterThan(plannedPods * share);
      expectWithin();
    });
  });
}
