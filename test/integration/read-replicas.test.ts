// On a real API server, with a real primary and real streaming standbys: each pod holds a pool on
// the primary and one of the same size on a standby. Both servers, asked themselves, never have
// more sessions than their slots, no login is refused, and a failover rolls nobody.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openFleet, type Fleet } from "../support/fleet.ts";
import { createPoolRuntime, type PoolRuntime } from "../support/kubelet/pool-runtime.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { type OperatorProcess, startOperator } from "../support/operator.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { replicationAuth, startStandby, type Standby } from "../support/postgres-standby.ts";
import { waitUntil } from "../support/processes.ts";
import { nameServer, type ServerName } from "../support/server-name.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { buildAutoscaler, buildWorkload } from "../support/workloads.ts";

const namespace = "read-replicas";
const role = "orders_app";
// A standby has as many connections as its primary, or more. It may keep more of them to itself.
const ordinary = { primary: 57, standby: 37 };
const common = { maxConnections: 60, hostAuth: [replicationAuth] };

let scope: AsyncDisposableStack;
let [primary, standby, spare]: [Postgres, Standby, Standby] = [] as never;
let [rw, ro]: [ServerName, ServerName] = [] as never;
let [runtime, fleet, operator]: [PoolRuntime, Fleet, OperatorProcess] = [] as never;
let watches: readonly SessionWatch[] = [];

interface SessionWatch extends AsyncDisposable {
  readonly peak: () => number;
}

/** The most sessions of applications that the server itself has shown. */
function watchSessions(postgres: Postgres): SessionWatch {
  let [peak, isOver] = [0, false];
  const ask = async (): Promise<void> => {
    const counted = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = '${role}'`;
    const [row] = await postgres.query(counted).catch(() => []);
    peak = Math.max(peak, Number(row?.["count"] ?? 0));
  };
  const watching = (async () => {
    while (!isOver) await ask();
  })();
  return {
    peak: () => peak,
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await watching;
    },
  };
}

function uriOf({ port }: ServerName): string {
  return `postgresql://${role}:x@127.0.0.1:${port}/postgres`;
}

beforeAll(async () => {
  await using opened = new AsyncDisposableStack();
  const target = inject("controlPlane");
  await ensureAdmissionWorks(target);
  primary = opened.use(await startPostgres(common));
  await primary.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x' IN ROLE pg_monitor`);
  standby = opened.use(await startStandby(primary, { ...common, reservedConnections: 20 }));
  spare = opened.use(await startStandby(primary, { ...common, reservedConnections: 20 }));
  rw = opened.use(await nameServer(primary.port));
  ro = opened.use(await nameServer(standby.port));
  runtime = await createPoolRuntime([uriOf(rw), uriOf(ro)]);
  opened.defer(() => runtime.close());
  fleet = opened.use(await openFleet({ kubectl: target, namespace, runtime }));
  const flags = ["--namespaces", namespace, "--database-interval", "2s"];
  operator = opened.use(await startOperator({ kubeconfigPath: target.kubeconfigPath, flags }));
  watches = [primary, standby].map((one) => opened.use(watchSessions(one)));
  scope = opened.move();
}, 120_000);

afterAll(() => scope.disposeAsync());

function expectWithinLimits(): void {
  expect(runtime.refused()).toBe(0);
  expect(watches[0]?.peak()).toBeLessThanOrEqual(ordinary.primary);
  expect(watches[1]?.peak()).toBeLessThanOrEqual(ordinary.standby);
}

async function podNames(): Promise<readonly string[]> {
  const pods = await fleet.pods("web");
  return pods.map(({ metadata }) => metadata.name).sort();
}

async function deploy(): Promise<void> {
  const before = new Set(await podNames());
  await fleet.kubectl("rollout restart deployment/web");
  await waitUntil("all pods to be new", async () => {
    const now = await podNames();
    return now.length === 3 && now.every((name) => !before.has(name));
  });
}

test("sizes fit the standby, which has less, while pods are taken over, scaled and deployed", async () => {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "8" }];
  const web = buildWorkload("Deployment", namespace, "web", { replicas: 2, env });
  await fleet.apply(web, buildAutoscaler(namespace, "web", 3));
  await fleet.waitForPods("web", 2, 8);
  await fleet.applySecret("orders-db", { uri: uriOf(rw) });
  await fleet.applySecret("orders-db-ro", { uri: uriOf(ro) });
  await fleet.applyPolicy("orders", {
    database: {
      secretRef: { name: "orders-db" },
      readReplicas: [{ secretRef: { name: "orders-db-ro" } }],
    },
    reserve: { connections: 2 },
    alerts: { enabled: false },
    workloads: [{ name: "web" }],
  });
  // On the standby 37 - 2 - 1 = 34 slots, for three pods and three more in a rollout. Four of them
  // are for the sessions of this test, which are foreign ones where a reading meets them.
  await fleet.waitForPods("web", 2, 5);
  await fleet.waitForReady("orders");
  await fleet.kubectl("scale deployment/web --replicas=3");
  await fleet.waitForPods("web", 3, 5);
  await deploy();
  await fleet.waitForPods("web", 3, 5);
  expectWithinLimits();
  // Pods that end count until their sessions are gone.
  await waitUntil("only three pods to count", async () => {
    return read(await fleet.statusOf("orders"), "used") === 30;
  });
  const status = await fleet.statusOf("orders");
  const [replica] = readList(status, "replicas");
  // The test's own session is a foreign one, when it is seen.
  expect(replica).toMatchObject({ maxConnections: 60, used: 30 });
  expect(read(replica, "budget")).toBeGreaterThanOrEqual(30);
  const [row] = readList(status, "workloads");
  expect(read(row, "message")).toContain(`limited by server 127.0.0.1:${ro.port}`);
  expect(watches.map((one) => one.peak())).toEqual([expect.any(Number), expect.any(Number)]);
  expect(Math.min(...watches.map((one) => one.peak()))).toBeGreaterThanOrEqual(15);
}, 170_000);

test("a standby that is promoted under the primary's name rolls nobody, and no slot is lost", async () => {
  const before = await podNames();
  await primary.kill();
  await spare.follow(standby);
  await standby.promote();
  rw.pointTo(standby.port);
  ro.pointTo(spare.port);
  await using spareWatch = watchSessions(spare);
  await waitUntil("the pods to have their sessions again, on both", async () => {
    const counts = await Promise.all(
      [standby, spare].map((one) =>
        one.query(
          `SELECT count(*)::int AS count FROM pg_stat_activity
            WHERE usename = '${role}' AND client_addr <> '127.0.0.1'`,
        ),
      ),
    );
    return counts.every(([row]) => row?.["count"] === 15);
  });
  await fleet.waitForReady("orders");
  await waitUntil("the primary's name to be told with the standby's limits", async () => {
    return Number(read(await fleet.statusOf("orders"), "budget")) <= 34;
  });
  await deploy();
  await fleet.waitForPods("web", 3, 5);
  expect(before).toHaveLength(3);
  expect(operator.linesWith("rollout started")).toHaveLength(1);
  expectWithinLimits();
  expect(spareWatch.peak()).toBeLessThanOrEqual(ordinary.standby);
}, 170_000);
