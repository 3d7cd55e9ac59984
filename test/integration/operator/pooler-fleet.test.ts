// Applications behind a real PgBouncer in front of a real PostgreSQL. The policy of the
// applications sees both tiers: the pooler's max_client_conn, which their pods share, and what the
// pooler may open on the server behind it. Another policy sizes the pooler's pods on that server.
// Through adoption, scaling and new versions of both, nobody is refused on either tier, and each
// stays within its limit.
import { dirname, delimiter } from "node:path";
import { readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, test } from "vitest";
import type { PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import { openRefusalLog, REFUSAL_LOG_FLAGS, type RefusalLog } from "../../demo/refusal-log.ts";
import { type Looker, type Sampler, startSampler } from "../../support/engine-fleet.ts";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { createProcessRuntime } from "../../support/kubelet/process-runtime.ts";
import type { KubernetesObject } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { findPgBouncer, noPgBouncer } from "../../support/pgbouncer.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { findFreePort } from "../../support/processes.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "pooler-fleet";
const kubectl = inject("controlPlane");
const program = await findPgBouncer();

const maxConnections = 60;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const onServer = maxConnections - 3 - 10 - 1 - 1;
/** Of so many pods of the pooler, and as many more while they are replaced. */
const poolerShare = (pods: number): number => Math.floor(onServer / (2 * pods));

const maxClients = 80;
// 10 in reserve, and the operator's console.
const onPooler = maxClients - 10 - 1;
const webPods = 6;
const webShare = Math.floor(onPooler / (2 * webPods));

/** Several rollouts, one after the other. */
const timeout = 150_000;

let postgres: Postgres;
let refusals: RefusalLog;
let fleet: Fleet;
let operator: OperatorProcess;
let sessions: Sampler;
let clients: Sampler;
let poolerPort = 0;
/** What PgBouncer said that it refused, or was refused. */
const refused: string[] = [];

async function lookAtServer(): Promise<Looker> {
  const client = new pg.Client({ connectionString: postgres.uri() });
  await client.connect();
  const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'";
  return {
    count: async () => (await client.query<{ n: number }>(sql)).rows[0]?.n ?? 0,
    end: () => client.end(),
  };
}

/** Connections of all pods to the pooler's port, whichever of its processes has them. */
function lookAtPooler(): Looker {
  const port = poolerPort.toString(16).toUpperCase().padStart(4, "0");
  // 127.0.0.1 is nobody's pod. 01: established.
  const ofPod = new RegExp(`^ *\\d+: 0100007F:${port} (?!0100007F)\\S+ 01 `, "gm");
  return {
    count: async () => [...(await readFile("/proc/net/tcp", "latin1")).matchAll(ofPod)].length,
    end: () => Promise.resolve(),
  };
}

function pooler(): KubernetesObject {
  const settings = { POOL_MODE: "transaction", MAX_CLIENT_CONN: String(maxClients) };
  const server = { DB_PORT: String(postgres.port), DB_NAME: "orders", DB_USER: "app" };
  const all = {
    ...settings,
    ...server,
    STATS_USERS: "poolwarden",
    LISTEN_PORT: String(poolerPort),
  };
  // Less than its share: it is to be replaced as well.
  const size = { DEFAULT_POOL_SIZE: "10" };
  return running("pgbouncer", "test/support/pgbouncer-service.ts", { ...all, ...size }, 1);
}

function web(): KubernetesObject {
  const url = `postgresql://app:app@127.0.0.1:${poolerPort}/orders`;
  const env = { DATABASE_URL: url, DB_POOL_MAX_SIZE: "15" };
  return running("web", "test/demo/sample-service.ts", env, 2);
}

function running(
  name: string,
  file: string,
  variables: Readonly<Record<string, string>>,
  replicas: number,
): KubernetesObject {
  const env = Object.entries(variables).map(([key, value]) => ({ name: key, value }));
  const workload = buildWorkload("Deployment", namespace, name, { replicas, env });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  Object.assign(template.spec.containers[0] ?? {}, { command: ["node", file] });
  return workload;
}

async function start(): Promise<void> {
  process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  postgres = await startPostgres({ maxConnections, flags: REFUSAL_LOG_FLAGS });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  await postgres.query(
    "CREATE ROLE poolwarden LOGIN PASSWORD 'secret'; GRANT pg_monitor TO poolwarden",
  );
  await postgres.query("CREATE DATABASE orders");
  refusals = await openRefusalLog(postgres);
  poolerPort = await findFreePort();
  await ensureAdmissionWorks(kubectl);
  const onOutput = (_pod: unknown, text: string): void => {
    const isRefusal = /no more connections allowed|too many clients|remaining connection slots/;
    if (isRefusal.test(text)) refused.push(text);
  };
  const runtime = await createProcessRuntime({ readyWhenPrinted: "ready", onOutput });
  fleet = await openFleet({ kubectl, namespace, runtime });
  await fleet.apply(pooler());
  await fleet.waitForPods("pgbouncer", 1);
  await fleet.apply(web(), buildAutoscaler(namespace, "web", webPods));
  await fleet.waitForPods("web", 2, 15);
  await fleet.applySecret("server", { uri: postgres.uri("poolwarden", "orders", "secret") });
  const uri = `postgresql://poolwarden:secret@127.0.0.1:${poolerPort}/orders`;
  await fleet.applySecret("pooler", { uri });
  [sessions, clients] = [startSampler(await lookAtServer()), startSampler(lookAtPooler())];
  const { kubeconfigPath } = kubectl;
  operator = await startOperator({ kubeconfigPath, flags: ["--namespaces", namespace] });
}

/** Every pod has its size, and the load has filled both tiers. */
async function waitUntilFull(wanted: { poolers: number; webs: number }): Promise<void> {
  const { poolers, webs } = wanted;
  for (const name of ["pgbouncer", "web"]) {
    await fleet.kubectl(`rollout status deployment/${name} --timeout=90s`);
  }
  await fleet.waitForPods("pgbouncer", poolers, poolerShare(poolers));
  await fleet.waitForPods("web", webs, webShare);
  await expect.poll(() => clients.now(), { timeout: 60_000 }).toBe(webs * webShare);
}

async function expectWithin(): Promise<void> {
  expect(refused).toEqual([]);
  expect(await refusals.count()).toBe(0);
  expect(sessions.peak()).toBeLessThanOrEqual(onServer);
  expect(clients.peak()).toBeLessThanOrEqual(onPooler);
  await expectBothTiersInOne();
}

/** What the policy of the applications says of the server behind, and of its own. */
async function expectBothTiersInOne(): Promise<void> {
  const says = /may open (\d+) connections to \S+ \((\d+) open\), which has (\d+) for/;
  const { ledger = [], findings = [] } = (await fleet.statusOf("orders")) as PoolPolicyStatus;
  const [, may = "", open = "", has = ""] = says.exec(ledger.join("\n")) ?? [];
  expect(Number(has)).toBe(maxConnections - 3);
  expect(Number(may)).toBeGreaterThan(0);
  expect(Number(may)).toBeLessThanOrEqual(Number(has));
  expect(Number(open)).toBeLessThanOrEqual(Number(may));
  expect(findings.map(({ reason }) => reason)).not.toContain("ServerBehindTooSmall");
  expect(ledger.at(-1)).toBe(`${maxClients}  max_client_conn`);
}

function describeFleet(): void {
  describe("applications behind PgBouncer, in front of PostgreSQL", () => {
    beforeAll(start);

    afterAll(async () => {
      await operator[Symbol.asyncDispose]();
      await sessions.stop();
      await clients.stop();
      await fleet[Symbol.asyncDispose]();
      await refusals.close();
      await postgres.stop();
    });

    it("is adopted, each tier by its own policy", { timeout }, async () => {
      await fleet.applyPolicy("pooler", {
        database: { secretRef: { name: "server" }, role: "app" },
        workloads: [{ name: "pgbouncer", preset: "pgbouncer" }],
      });
      await fleet.applyPolicy("orders", {
        database: {
          ...{ engine: "PgBouncer", secretRef: { name: "pooler" }, role: "app" },
          serverBehind: { secretRef: { name: "server" } },
        },
        workloads: [{ name: "web" }],
      });
      await fleet.waitForReady("pooler");
      await fleet.waitForReady("orders");
      for (const [policy, limit] of [
        ["pooler", `max_connections ${maxConnections} read from`],
        ["orders", `max_client_conn ${maxClients} read from`],
      ] as const) {
        const wish = { status: "True", says: [limit] } as const;
        await fleet.waitForCondition(policy, "DatabaseReachable", wish);
      }
      await waitUntilFull({ poolers: 1, webs: 2 });
      await expectWithin();
    });

    it(
      "has more applications: more clients than the pooler has connections for",
      { timeout },
      async () => {
        await fleet.kubectl(`scale deployment/web --replicas=${webPods}`);
        await waitUntilFull({ poolers: 1, webs: webPods });
        await expect.poll(() => sessions.now(), { timeout: 60_000 }).toBe(poolerShare(1));
        await expectWithin();
      },
    );

    it("has another pod of the pooler, and each has a smaller pool", { timeout }, async () => {
      await fleet.kubectl("scale deployment/pgbouncer --replicas=2");
      await waitUntilFull({ poolers: 2, webs: webPods });
      await expectWithin();
    });

    it("is deployed anew, the applications and then the pooler", { timeout }, async () => {
      await fleet.kubectl("set env deployment/web VERSION=2");
      await waitUntilFull({ poolers: 2, webs: webPods });
      await fleet.kubectl("set env deployment/pgbouncer VERSION=2");
      await waitUntilFull({ poolers: 2, webs: webPods });
      await expectWithin();
    });
  });
}

if (program !== undefined && process.platform === "linux") describeFleet();
else {
  test("applications behind PgBouncer", (context) => {
    const onlyOnLinux = "pods have addresses of their own on Linux alone";
    context.skip(program === undefined, noPgBouncer);
    context.skip(onlyOnLinux);
  });
}
