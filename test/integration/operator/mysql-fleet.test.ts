// A fleet on a real MariaDB: real pools in real processes, looked at on the server all the time,
// through adoption, a scaling and a new version. No login is refused, and the sum stays within the
// limit.
import { dirname, delimiter } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, it, test } from "vitest";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { createProcessRuntime } from "../../support/kubelet/process-runtime.ts";
import type { KubernetesObject } from "../../support/kubernetes-rest.ts";
import { findMariaDb, noMariaDb, openMysql, startMariaDb } from "../../support/mariadb.ts";
import type { MariaDb, MariaDbPrograms } from "../../support/mariadb.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "mysql-fleet";
const kubectl = inject("controlPlane");
const maxConnections = 80;
// 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 10 - 1 - 1;
const plannedPods = 6;
const share = Math.floor(budget / (2 * plannedPods));

interface Sampler {
  /** Most sessions of the pods at any look. */
  peak(): number;
  now(): number;
  stop(): Promise<void>;
}

/** Looks at the process list some twenty times a second, over one session of its own. */
async function startSampler(uri: string): Promise<Sampler> {
  const connection = await openMysql(uri);
  let [peak, now, isWanted] = [0, 0, true];
  const sql = "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'app'";
  const sampling = (async () => {
    while (isWanted) {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      now = Number(rows[0]?.["n"]);
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
      await connection.end();
    },
  };
}

function manifest(server: MariaDb, replicas: number): KubernetesObject {
  const env = [
    { name: "DATABASE_URL", value: server.uri("app", "orders", "app") },
    { name: "DB_POOL_MAX_SIZE", value: "15" },
  ];
  const workload = buildWorkload("Deployment", namespace, "web", { replicas, env });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  const [container] = template.spec.containers;
  Object.assign(container ?? {}, { command: ["node", "test/support/mysql-service.ts"] });
  return workload;
}

const accounts = [
  "CREATE DATABASE orders",
  "CREATE USER 'app'@'%' IDENTIFIED BY 'app' WITH MAX_USER_CONNECTIONS 75",
  "CREATE USER 'poolwarden'@'%' IDENTIFIED BY 'secret'",
  "GRANT SELECT ON orders.* TO 'app'@'%'",
  "GRANT PROCESS ON *.* TO 'poolwarden'@'%'",
  "GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO 'poolwarden'@'%'",
];

function describeFleet(programs: MariaDbPrograms): void {
  describe("a fleet on MariaDB", () => {
    let server: MariaDb;
    let fleet: Fleet;
    let operator: OperatorProcess;
    let sampler: Sampler;
    const refusals: string[] = [];

    beforeAll(async () => {
      process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
      server = await startMariaDb(programs, { maxConnections });
      for (const statement of accounts) await server.query(statement);
      await ensureAdmissionWorks(kubectl);
      const onOutput = (_pod: unknown, text: string): void => {
        if (text.includes("refused")) refusals.push(text);
      };
      const runtime = await createProcessRuntime({ readyWhenPrinted: "ready", onOutput });
      fleet = await openFleet({ kubectl, namespace, runtime });
      await fleet.apply(manifest(server, 2), buildAutoscaler(namespace, "web", plannedPods));
      await fleet.waitForPods("web", 2, 15);
      await fleet.applySecret("orders-db", { uri: server.uri("poolwarden", "", "secret") });
      sampler = await startSampler(server.uri());
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
        workloads: [{ name: "web" }],
      });
      await fleet.waitForReady("orders");
      const read = { status: "True", says: ["max_connections 80 read from"] } as const;
      await fleet.waitForCondition("orders", "DatabaseReachable", read);
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

const programs = await findMariaDb();
if (programs === undefined) {
  test("a fleet on MariaDB", (context) => {
    context.skip(noMariaDb);
  });
} else {
  describeFleet(programs);
}
