// `poolwarden plan --read` against the operator, on servers that both of them read: a PostgreSQL
// with all examples that name a role, within its CONNECTION LIMIT; a MariaDB, a Redis and a
// PgBouncer, where their packages are installed; live pools, and pods behind the start gate. The
// plan is made first: its own sessions would be foreign ones to the operator.
import { dump } from "js-yaml";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { WorkloadRow } from "../../src/api/poolpolicy.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import type { Answer } from "../../src/plan/answer.ts";
import { createRealDatabases } from "../../src/process.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import {
  examplePaths,
  installScaledObjects,
  neededBy,
  objectsIn,
  removeScaledObjects,
} from "../support/examples.ts";
import { openFleet } from "../support/fleet.ts";
import type { Fleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { findMariaDb, startMariaDb } from "../support/mariadb.ts";
import { startOperator } from "../support/operator.ts";
import type { OperatorProcess } from "../support/operator.ts";
import { findPgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { answerOn, manifests } from "../support/plan-setup.ts";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { waitUntil } from "../support/processes.ts";
import { findRedis, startRedis } from "../support/redis.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";

const kubectl = inject("controlPlane");
const running: AsyncDisposable[] = [];
const fleets = new Map<string, Fleet>();

interface Situation {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
}

/** Of examples that are not for PostgreSQL: undefined where their server is not installed. */
const servers: Readonly<Record<string, () => Promise<string | undefined>>> = {
  "examples/mysql.yaml": mariaDb,
  "examples/redis.yaml": redis,
};

async function mariaDb(): Promise<string | undefined> {
  const programs = await findMariaDb();
  if (!programs) return undefined;
  const server = await startMariaDb(programs, { maxConnections: 90 });
  running.push(server);
  for (const statement of [
    "CREATE USER 'orders_app'@'%' IDENTIFIED BY 'app' WITH MAX_USER_CONNECTIONS 60",
    "CREATE USER 'poolwarden'@'%' IDENTIFIED BY 'secret'",
    "GRANT PROCESS ON *.* TO 'poolwarden'@'%'",
    "GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO 'poolwarden'@'%'",
  ])
    await server.query(statement);
  return server.uri("poolwarden", "", "secret");
}

async function redis(): Promise<string | undefined> {
  const program = await findRedis();
  if (program === undefined) return undefined;
  const users = { app: "~* &* +@all", poolwarden: "-@all +info +client|list" };
  const server = await startRedis(program, { maxClients: 80, users });
  running.push(server);
  return server.uri("poolwarden");
}

async function pgBouncer({ port }: Postgres): Promise<string | undefined> {
  const program = await findPgBouncer();
  if (program === undefined) return undefined;
  const server = await startPgBouncer(program, {
    databases: [`orders = host=127.0.0.1 port=${port} dbname=orders`],
    users: { orders_app: "app", poolwarden: "secret" },
    settings: {
      ...{ pool_mode: "session", default_pool_size: "40", max_client_conn: "100" },
      stats_users: "poolwarden",
    },
  });
  running.push(server);
  return server.uri("poolwarden", "orders", "secret");
}

async function postgresWithRoles(): Promise<Postgres> {
  const server = await startPostgres({ maxConnections: 500, reservedConnections: 5 });
  running.push(server);
  await server.query("CREATE ROLE orders_app LOGIN PASSWORD 'app' CONNECTION LIMIT 420");
  await server.query(
    "CREATE ROLE poolwarden LOGIN PASSWORD 'secret'; GRANT pg_monitor TO poolwarden",
  );
  await server.query("CREATE DATABASE orders");
  return server;
}

const followersNamed = ["live", "gated"] as const;

/** Pods from before the grant never follow: whoever turns it on replaces them. */
async function replacePods(fleet: Fleet | undefined): Promise<void> {
  const isGranted = async (): Promise<boolean> =>
    Object.keys(read(await fleet?.statusOf("orders"), "grants") ?? {}).length > 0;
  await waitUntil("a grant for pods that follow", isGranted, 60_000);
  await fleet?.kubectl("delete pods --all --wait=false");
}

/** A Deployment whose pods follow their sizes; none that runs has a session. */
function followers(name: string, entry: object): Situation {
  const labels = { app: name };
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "20" }];
  const pod = { containers: [{ name: "app", image: "shop/web:1", env }] };
  return {
    name,
    objects: [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web", labels },
        spec: {
          replicas: 3,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: pod },
        },
      },
      {
        apiVersion: "poolwarden.dev/v1alpha1",
        kind: "PoolPolicy",
        metadata: { name: "orders" },
        spec: {
          database: { secretRef: { name: "orders-db", key: "uri" }, role: "orders_app" },
          workloads: [{ name: "web", resize: "Live", poolSize: { min: 2, max: 20 }, ...entry }],
        },
      },
    ],
  };
}

function aSecret(name: string, uri: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData: { uri } };
}

/** Those that name no role are compared on servers with a declared limit (plan.test.ts). */
function isOfRole({ kind, ...object }: KubernetesObject): boolean {
  return kind === "PoolPolicy" && read(object, "spec", "database", "role") !== undefined;
}

async function exampleAt(path: string, postgres: Postgres): Promise<Situation[]> {
  const own = [path, ...neededBy(path)].flatMap(objectsIn);
  const kept = own.filter(({ kind }) => kind !== "Secret" && kind !== "Namespace");
  if (!kept.some(isOfRole)) return [];
  const uri = postgres.uri("poolwarden", "orders", "secret");
  const server = servers[path] ? await servers[path]() : uri;
  const isPooler = path === "examples/pgbouncer-clients.yaml";
  const pooler = isPooler ? await pgBouncer(postgres) : undefined;
  if (server === undefined || (isPooler && pooler === undefined)) return [];
  const secrets = [
    aSecret("orders-db", server),
    ...(pooler === undefined ? [] : [aSecret("orders-pooler", pooler)]),
  ];
  const name = path.replace(/^.*\/|\.yaml$/g, "");
  return [{ name, objects: [...secrets, ...kept] }];
}

/** Its pods have to answer on their consoles, which no pods of this test do. */
const unlikePods: ReadonlySet<string> = new Set(["examples/pgbouncer-live.yaml"]);

async function situationsOn(postgres: Postgres): Promise<readonly Situation[]> {
  const found: Situation[] = [];
  for (const path of examplePaths.filter((one) => !unlikePods.has(one)))
    found.push(...(await exampleAt(path, postgres)));
  const [live, gated] = followersNamed;
  const following = [followers(live, {}), followers(gated, { start: "WhenSlotsAreFree" })].map(
    ({ name, objects }) => {
      const uri = postgres.uri("poolwarden", "orders", "secret");
      return { name, objects: [aSecret("orders-db", uri), ...objects] };
    },
  );
  return [...found, ...following];
}

function textOf({ name, objects }: Situation): string {
  const placed = objects.map((one) => ({
    ...withoutCooldown(one),
    metadata: { ...one.metadata, namespace: namespaceOf(name) },
  }));
  return manifests(...placed.map((one) => dump(one, { noRefs: true, skipInvalid: true })));
}

/** What started with the sizes of templates counts as planned for as long. */
function withoutCooldown(object: KubernetesObject): KubernetesObject {
  if (object.kind !== "PoolPolicy") return object;
  const { spec } = object as KubernetesObject & { readonly spec: object };
  return { ...object, spec: { ...spec, stability: { cooldown: "1s" } } };
}

function namespaceOf(name: string): string {
  return `read-${name}`;
}

async function planOf(text: string): Promise<Answer> {
  const database = createRealDatabases({ clock: systemClock, mayConnect: () => true });
  try {
    return await answerOn(text, ["--read"], { database });
  } finally {
    await database.close();
  }
}

let answer: Answer;
let operator: OperatorProcess;

beforeAll(async () => {
  await ensureAdmissionWorks(kubectl);
  await installScaledObjects(kubectl);
  const situations = await situationsOn(await postgresWithRoles());
  const text = manifests(...situations.map(textOf));
  answer = await planOf(text);
  for (const { name } of situations) {
    const namespace = namespaceOf(name);
    fleets.set(namespace, await openFleet({ kubectl, namespace, runtime: createInstantRuntime() }));
  }
  expect(await runKubectl(kubectl, ["apply", "-f", "-"], { stdin: text })).toMatchObject({
    code: 0,
  });
  const names = [...fleets.keys()].join(",");
  const flags = ["--namespaces", names, "--live-pools=true"];
  operator = await startOperator({ kubeconfigPath: kubectl.kubeconfigPath, flags });
  for (const name of followersNamed) await replacePods(fleets.get(namespaceOf(name)));
}, 180_000);

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await Promise.all([...fleets.values()].map((fleet) => fleet[Symbol.asyncDispose]()));
  await removeScaledObjects(kubectl);
  for (const server of running) await server[Symbol.asyncDispose]();
});

function sayRow({ workload, plannedPods, wantedPoolSize, live }: WorkloadRow): string {
  const sizes = live ? `, running ${live.least ?? 0}-${live.most ?? 0}` : "";
  return `${workload} ${plannedPods} pods, share ${wantedPoolSize}${sizes}`;
}

async function publishedOf(policy: string, want: readonly string[]): Promise<readonly string[]> {
  const [namespace = "", name = ""] = policy.split("/");
  let published: readonly string[] = [];
  const isAsWanted = async (): Promise<boolean> => {
    const status = await fleets.get(namespace)?.statusOf(name);
    published = (readList(status, "workloads") as WorkloadRow[]).map(sayRow);
    return published.join() === want.join();
  };
  await waitUntil(`the shares of ${policy}`, isAsWanted, 120_000).catch(() => undefined);
  return published;
}

describe("a fleet on servers that are read", () => {
  it("is planned as the operator then publishes it", { timeout: 200_000 }, async () => {
    expect(answer.policies.length).toBeGreaterThan(14);
    const planned = answer.policies.map(({ policy, status }) => {
      return [policy, (status.workloads ?? []).map(sayRow)] as const;
    });
    expect(planned.filter(([, rows]) => rows.length === 0)).toEqual([]);
    const published = planned.map(async ([policy, want]) => {
      return [policy, await publishedOf(policy, want)] as const;
    });
    expect(await Promise.all(published)).toEqual(planned);
  });
});
