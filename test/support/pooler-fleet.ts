// Applications behind a real PgBouncer in front of a real PostgreSQL. The policy of the
// applications sees both tiers: the pooler's limits, which their pods share, and what the pooler
// may open on the server behind it. Another policy sizes the pooler's pods on that server. Both
// tiers are looked at all the time, and whoever is refused on either of them is heard.
import { delimiter, dirname } from "node:path";
import { readFile } from "node:fs/promises";
import pg from "pg";
import { openRefusalLog, REFUSAL_LOG_FLAGS, type RefusalLog } from "../demo/refusal-log.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { type Looker, type Sampler, startSampler } from "./engine-fleet.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { createProcessRuntime } from "./kubelet/process-runtime.ts";
import type { KubernetesObject } from "./kubernetes-rest.ts";
import { type OperatorProcess, startOperator } from "./operator.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { findFreePort } from "./processes.ts";
import { buildAutoscaler, buildWorkload } from "./workloads.ts";
import { ensureAdmissionWorks } from "./working-admission.ts";

export type PoolerFleetOptions = {
  readonly kubectl: KubectlTarget;
  readonly namespace: string;
  readonly maxConnections: number;
  /** Of the pooler, as the variables of its image: pool mode, clients, pool size. */
  readonly settings: Readonly<Record<string, string>>;
  /** Most pods of the applications. */
  readonly webPods: number;
  /** The same of the pooler; absent: as many as there are. */
  readonly poolerPods?: number;
};

export type PoolerFleet = {
  readonly fleet: Fleet;
  /** Sessions of the pooler on the server, and clients on the pooler. */
  readonly sessions: Sampler;
  readonly clients: Sampler;
  /** What PgBouncer said that it refused, was refused, or kept waiting for too long. */
  readonly refused: readonly string[];
  /** Logins that the server refused. */
  readonly refusedByServer: () => Promise<number>;
  readonly metric: (...asked: Parameters<OperatorProcess["metric"]>) => Promise<number>;
  /** One policy for each tier. */
  readonly applyPolicies: (reserve?: object) => Promise<void>;
  readonly close: () => Promise<void>;
};

const refusal =
  /no more connections allowed|too many clients|remaining connection slots|query_wait_timeout/;

async function lookAtServer(postgres: Postgres): Promise<Looker> {
  const client = new pg.Client({ connectionString: postgres.uri() });
  await client.connect();
  const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'";
  return {
    count: async () => (await client.query<{ n: number }>(sql)).rows[0]?.n ?? 0,
    end: () => client.end(),
  };
}

/** Connections of all pods to the pooler's port, whichever of its processes has them. */
function lookAtPooler(poolerPort: number): Looker {
  const port = poolerPort.toString(16).toUpperCase().padStart(4, "0");
  // 127.0.0.1 is nobody's pod. 01: established.
  const ofPod = new RegExp(`^ *\\d+: 0100007F:${port} (?!0100007F)\\S+ 01 `, "gm");
  return {
    count: async () => [...(await readFile("/proc/net/tcp", "latin1")).matchAll(ofPod)].length,
    end: () => Promise.resolve(),
  };
}

async function startServer(maxConnections: number): Promise<Postgres> {
  const postgres = await startPostgres({ maxConnections, flags: REFUSAL_LOG_FLAGS });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  await postgres.query(
    "CREATE ROLE poolwarden LOGIN PASSWORD 'secret'; GRANT pg_monitor TO poolwarden",
  );
  await postgres.query("CREATE DATABASE orders");
  return postgres;
}

type Program = {
  readonly name: string;
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly replicas: number;
};

function running(namespace: string, program: Program): KubernetesObject {
  const { name, file, variables, replicas } = program;
  const env = Object.entries(variables).map(([key, value]) => ({ name: key, value }));
  const workload = buildWorkload("Deployment", namespace, name, { replicas, env });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  Object.assign(template.spec.containers[0] ?? {}, { command: ["node", file] });
  return workload;
}

function poolerProgram(postgres: Postgres, port: number, settings: object): Program {
  const server = { DB_PORT: String(postgres.port), DB_NAME: "orders", DB_USER: "app" };
  const listening = { STATS_USERS: "poolwarden", LISTEN_PORT: String(port) };
  return {
    ...{ name: "pgbouncer", file: "test/support/pgbouncer-service.ts", replicas: 1 },
    variables: { ...server, ...listening, ...settings },
  };
}

function webProgram(port: number): Program {
  const url = `postgresql://app:app@127.0.0.1:${port}/orders`;
  return {
    ...{ name: "web", file: "test/demo/sample-service.ts", replicas: 2 },
    variables: { DATABASE_URL: url, DB_POOL_MAX_SIZE: "15" },
  };
}

/** Both tiers run, and are what they were before anybody sized them. */
export async function openPoolerFleet(options: PoolerFleetOptions): Promise<PoolerFleet> {
  const { kubectl, namespace, settings, webPods, maxConnections } = options;
  process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const postgres = await startServer(maxConnections);
  const refusals = await openRefusalLog(postgres);
  const port = await findFreePort();
  await ensureAdmissionWorks(kubectl);
  const refused: string[] = [];
  const onOutput = (_pod: unknown, text: string): void => {
    if (refusal.test(text)) refused.push(text);
  };
  const runtime = await createProcessRuntime({ readyWhenPrinted: "ready", onOutput });
  const fleet = await openFleet({ kubectl, namespace, runtime });
  const { poolerPods } = options;
  const scaled = poolerPods ? [buildAutoscaler(namespace, "pgbouncer", poolerPods)] : [];
  await fleet.apply(running(namespace, poolerProgram(postgres, port, settings)), ...scaled);
  await fleet.waitForPods("pgbouncer", 1);
  const autoscaler = buildAutoscaler(namespace, "web", webPods);
  await fleet.apply(running(namespace, webProgram(port)), autoscaler);
  await fleet.waitForPods("web", 2, 15);
  await fleet.applySecret("server", { uri: postgres.uri("poolwarden", "orders", "secret") });
  await fleet.applySecret("pooler", {
    uri: `postgresql://poolwarden:secret@127.0.0.1:${port}/orders`,
  });
  return await watched({ fleet, postgres, refusals, refused, port }, kubectl);
}

type Running = Pick<PoolerFleet, "fleet" | "refused"> & {
  readonly postgres: Postgres;
  readonly refusals: RefusalLog;
  readonly port: number;
};

async function watched(parts: Running, { kubeconfigPath }: KubectlTarget): Promise<PoolerFleet> {
  const { fleet, postgres, refusals, refused, port } = parts;
  const sessions = startSampler(await lookAtServer(postgres));
  const clients = startSampler(lookAtPooler(port));
  const flags = ["--namespaces", fleet.namespace];
  const operator = await startOperator({ kubeconfigPath, flags });
  return {
    ...{ fleet, sessions, clients, refused },
    metric: (name, labels) => operator.metric(name, labels),
    refusedByServer: () => refusals.count(),
    applyPolicies: (reserve) => applyPolicies(fleet, reserve),
    close: async () => {
      await operator[Symbol.asyncDispose]();
      await sessions.stop();
      await clients.stop();
      await fleet[Symbol.asyncDispose]();
      await refusals.close();
      await postgres.stop();
    },
  };
}

async function applyPolicies(fleet: Fleet, reserve?: object): Promise<void> {
  await fleet.applyPolicy("pooler", {
    database: { secretRef: { name: "server" }, role: "app" },
    workloads: [{ name: "pgbouncer", preset: "pgbouncer" }],
  });
  await fleet.applyPolicy("orders", {
    database: {
      ...{ engine: "PgBouncer", secretRef: { name: "pooler" }, role: "app" },
      serverBehind: { secretRef: { name: "server" } },
    },
    ...(reserve && { reserve }),
    workloads: [{ name: "web" }],
  });
  await fleet.waitForReady("pooler");
  await fleet.waitForReady("orders");
}

/** What the policy of the applications says of the server behind it. */
export async function saidBehind(
  fleet: Fleet,
): Promise<{ readonly may: number; readonly open: number; readonly has: number }> {
  const says = /may open (\d+) connections to \S+ \((\d+) open\), which has (\d+) for/;
  const { ledger = [] } = (await fleet.statusOf("orders")) as { ledger?: readonly string[] };
  const [, may, open, has] = says.exec(ledger.join("\n")) ?? [];
  return { may: Number(may), open: Number(open), has: Number(has) };
}
