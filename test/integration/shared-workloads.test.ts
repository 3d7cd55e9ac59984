// On a real API server, with two real PostgreSQL servers: each pod has a pool on either, and each
// server has a policy of its own for its pool. Both servers, asked themselves, never have more
// sessions than their slots, and no login is refused.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { poolSizeAnnotation, poolSizeAnnotationOf } from "../../src/api/group.ts";
import { openFleet, type Fleet } from "../support/fleet.ts";
import { createPoolRuntime, type PoolRuntime } from "../support/kubelet/pool-runtime.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { type OperatorProcess, startOperator } from "../support/operator.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { waitUntil } from "../support/processes.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { buildAutoscaler, buildWorkload } from "../support/workloads.ts";

const namespace = "shared-workloads";
const role = "app_user";
const names = { orders: "DB_POOL_MAX_SIZE", archive: "ARCHIVE_POOL_MAX_SIZE" } as const;
type Server = keyof typeof names;
const both = ["orders", "archive"] as const;
/** Of ordinary logins: PostgreSQL keeps three for superusers. */
const ordinary: Record<Server, number> = { orders: 77, archive: 47 };

let scope: AsyncDisposableStack;
const servers = {} as Record<Server, Postgres>;
const peaks: Record<Server, number> = { orders: 0, archive: 0 };
let [runtime, fleet, operator]: [PoolRuntime, Fleet, OperatorProcess] = [] as never;

const uriOf = (server: Server): string =>
  `postgresql://${role}:x@127.0.0.1:${servers[server].port}/postgres`;

/** Asks the server for the sessions of applications, as long as it is open. */
function watchSessions(server: Server): AsyncDisposable {
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const counted = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE usename = '${role}'`;
      const [row] = await servers[server].query(counted).catch(() => []);
      peaks[server] = Math.max(peaks[server], Number(row?.["count"] ?? 0));
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await watching;
    },
  };
}

beforeAll(async () => {
  await using opened = new AsyncDisposableStack();
  const target = inject("controlPlane");
  await ensureAdmissionWorks(target);
  for (const server of both) {
    const maxConnections = ordinary[server] + 3;
    servers[server] = opened.use(await startPostgres({ maxConnections }));
    await servers[server].query(`CREATE ROLE ${role} LOGIN PASSWORD 'x' IN ROLE pg_monitor`);
  }
  runtime = await createPoolRuntime(
    both.map((server) => ({ uri: uriOf(server), sizeName: names[server] })),
  );
  opened.defer(() => runtime.close());
  fleet = opened.use(await openFleet({ kubectl: target, namespace, runtime }));
  const flags = ["--namespaces", namespace, "--database-interval", "2s"];
  operator = opened.use(await startOperator({ kubeconfigPath: target.kubeconfigPath, flags }));
  for (const server of both) opened.use(watchSessions(server));
  scope = opened.move();
}, 120_000);

afterAll(() => scope.disposeAsync());

/** Both sizes of each pod that does not end, as annotations say them. */
async function sizes(): Promise<readonly Record<Server, number>[]> {
  const list: unknown = JSON.parse(await fleet.kubectl("get pods -o json"));
  const live = readList(list, "items").filter((pod) => {
    return read(pod, "metadata", "deletionTimestamp") === undefined;
  });
  const said = (pod: unknown, name: string): number =>
    Number(read(pod, "metadata", "annotations", name));
  return live.map((pod) => ({
    orders: said(pod, poolSizeAnnotation),
    archive: said(pod, poolSizeAnnotationOf("archive")),
  }));
}

/** Three pods and three more in a rollout fit: of 77 - 5 - 1 = 71 slots there, and 41 here. */
const fair: Record<Server, number> = { orders: 11, archive: 6 };

/** A foreign session that is seen for a moment costs one, and no pod is replaced for that. */
async function waitForFairSizes(pods: number): Promise<void> {
  await waitUntil(
    `${pods} pods with about ${fair.orders} and ${fair.archive}`,
    async () => {
      const found = await sizes();
      const areFair = found.every((one) =>
        both.every((server) => one[server] <= fair[server] && one[server] >= fair[server] * 0.7),
      );
      return found.length === pods && areFair;
    },
    100_000,
  );
}

async function podNames(): Promise<readonly string[]> {
  return (await fleet.pods("web")).map(({ metadata }) => metadata.name);
}

test("each pool fits its own server, while pods are taken over, scaled and deployed", async () => {
  const env = [
    { name: names.orders, value: "10" },
    { name: names.archive, value: "10" },
  ];
  const web = buildWorkload("Deployment", namespace, "web", { replicas: 2, env });
  await fleet.apply(web, buildAutoscaler(namespace, "web", 3));
  await fleet.waitForPods("web", 2, 10);
  const entries = {
    orders: { name: "web" },
    archive: { name: "web", pool: "archive", env: { maxSize: names.archive } },
  };
  for (const server of both) {
    await fleet.applySecret(`${server}-db`, { uri: uriOf(server) });
    await fleet.applyPolicy(server, {
      database: { secretRef: { name: `${server}-db` } },
      reserve: { connections: 5 },
      alerts: { enabled: false },
      workloads: [entries[server]],
    });
  }
  // The watch of this test is a session of a superuser on each.
  await waitForFairSizes(2);
  for (const server of both) await fleet.waitForReady(server);
  await fleet.kubectl("scale deployment/web --replicas=3");
  await waitForFairSizes(3);
  const before = new Set(await podNames());
  await fleet.kubectl("rollout restart deployment/web");
  await waitUntil("all pods to be new", async () => {
    const now = await podNames();
    return now.length === 3 && now.every((name) => !before.has(name));
  });
  await waitForFairSizes(3);
  expect(operator.linesWith("rollout started")).toHaveLength(1);
  expect(runtime.refused()).toBe(0);
  for (const server of both) {
    expect(peaks[server]).toBeGreaterThanOrEqual(10);
    expect(peaks[server]).toBeLessThanOrEqual(ordinary[server]);
    const [row, ...others] = readList(await fleet.statusOf(server), "workloads");
    expect(others).toEqual([]);
    expect(read(row, "workload")).toBe(
      server === "orders" ? "Deployment/web" : "Deployment/web/archive",
    );
  }
}, 300_000);
