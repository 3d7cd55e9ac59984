// The probes: what makes the kubelet restart the process, and what keeps it from being counted on.
// The whole operator on a clock of the test's, in a world whose parts fail as they are told.
import { byKind } from "../../src/api/workload-kinds.ts";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/adapters/metrics.ts";
import { createRoutes } from "../../src/endpoints.ts";
import { OperatorError } from "../../src/errors.ts";
import type { ObservedPolicy } from "../../src/observed.ts";
import { assembleOperator, type Surroundings } from "../../src/operator.ts";
import type { Cluster, Database, Lease, ListWatch, Sources } from "../../src/ports.ts";
import type { Page } from "../../src/runtime/http-server.ts";
import { MemoryLease, openDirectLine } from "../support/memory-lease.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { constantRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const minuteMs = 60_000;
const never = (): Promise<never> => new Promise(() => undefined);
const refused: Database["read"] = () =>
  Promise.resolve({ kind: "failed", reason: "DatabaseUnreachable", message: "refused" });

function policyNamed(name: string): ObservedPolicy {
  return {
    ...{ key: `shop/${name}`, namespace: "shop", name, uid: name },
    ...{ resourceVersion: "1", generation: 1, status: undefined, deleting: false },
    spec: { database: { secretRef: { name: `${name}-db` } }, workloads: [{ name: "web" }] },
  };
}

/** Lists these objects and sends a bookmark a minute; without objects it refuses. */
function sourceOf(clock: VirtualClock, objects: readonly unknown[] | undefined): ListWatch<never> {
  return {
    async *list() {
      await Promise.resolve();
      if (!objects) throw new OperatorError("K8S_FORBIDDEN", 'cannot list resource "pods"');
      yield { objects: objects as readonly never[], resourceVersion: "1" };
    },
    async *watch(_, signal) {
      while (!signal.aborted) {
        yield { type: "bookmark", resourceVersion: "1" };
        await new Promise<void>((resolve) => {
          clock.after(minuteMs, resolve);
          signal.addEventListener("abort", () => {
            resolve();
          });
        });
      }
    },
  };
}

interface World {
  readonly clock?: VirtualClock;
  readonly policies?: readonly ObservedPolicy[];
  readonly readData?: Cluster["readData"];
  readonly readDatabase?: Database["read"];
  readonly lease?: Lease;
  readonly mayListPods?: boolean;
}

interface Probes {
  readonly clock: VirtualClock;
  readonly page: (path: string) => Promise<Page>;
  /** How often the metrics were rendered. */
  readonly renders: () => number;
  readonly live: () => Promise<Page>;
  readonly ready: () => Promise<Page>;
}

/** An operator that was just started. */
function start({ readData, readDatabase, lease, mayListPods = true, ...given }: World): Probes {
  const { clock = new VirtualClock(), policies = [policyNamed("orders")] } = given;
  const [log, random, metricsService] = [new MemoryLog(), constantRandom(0.5), createMetrics()];
  const none = (): ListWatch<never> => sourceOf(clock, []);
  const sources: Sources = {
    policies: () => sourceOf(clock, policies),
    pods: () => sourceOf(clock, mayListPods ? [] : undefined),
    ...{ ...byKind(() => none), replicaSets: none, autoscalers: none },
    ...{ admissionPolicies: none, admissionBindings: none, alertRules: none },
  };
  const answers = { uri: "postgresql://app:app@db.shop.svc/orders" };
  const ok = { kind: "ok", value: { resourceVersion: "1", uid: "1", key: "", data: answers } };
  const written = (): Promise<never> => Promise.resolve(ok as never);
  const surroundings: Surroundings = {
    sources,
    cluster: {
      readData: readData ?? written,
      ...{ readWorkload: written, apply: written, release: written, remove: written },
      ...{
        writeStatus: written,
        evict: written,
        resizePod: written,
        releasePod: written,
        createEvent: written,
      },
    },
    database: {
      read: readDatabase ?? refused,
      forget: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    election: lease && {
      ...{ lease, identity: "us", onLost: () => undefined },
      ...{ leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 },
    },
  };
  const times = { databaseIntervalMs: 30_000, settleTimeMs: 5_000, admissionWarmUpMs: 35_000 };
  const config = { namespaces: [], serviceAccount: "poolwarden-system:poolwarden", ...times };
  const { metrics } = metricsService;
  const operator = assembleOperator({ config, clock, random, log, metrics }, surroundings);
  let renders = 0;
  const counted = {
    ...metricsService,
    render: () => {
      renders += 1;
      return metricsService.render();
    },
  };
  const routes = createRoutes({ metricsService: counted, clock, ...operator, ...times });
  for (const part of operator.parts) void part.start?.();
  const page = async (path: string): Promise<Page> => {
    const found = routes[path];
    if (!found) throw new Error(`no page ${path}`);
    return await found();
  };
  const probes = { live: () => page("/livez"), ready: () => page("/readyz") };
  return { clock, page, renders: () => renders, ...probes };
}

test("ready means that every cache is filled, and not before", async () => {
  const { clock, ready, live } = start({});
  expect((await ready()).status).toBe(503);

  await clock.advance(1_000);

  expect((await ready()).status).toBe(200);
  expect((await live()).status).toBe(200);
});

test("with one cache that cannot be filled it is alive, not ready, and says which one", async () => {
  const { clock, ready, live } = start({ mayListPods: false });

  await clock.advance(10 * minuteMs);

  expect(await ready()).toMatchObject({
    status: 503,
    body: expect.stringContaining('Pod: cannot list resource "pods"') as string,
  });
  expect((await live()).status).toBe(200);
});

test("a database that is away for half an hour restarts nobody", async () => {
  const { clock, live, ready } = start({ readDatabase: refused });

  await clock.advance(30 * minuteMs);

  expect((await live()).status).toBe(200);
  expect((await ready()).status).toBe(200);
});

test("forty logins of one server that are refused slowly restart nobody", async () => {
  const clock = new VirtualClock();
  const tried = new Set<string>();
  const { live } = start({
    clock,
    policies: Array.from({ length: 40 }, (_, index) => policyNamed(`login-${index}`)),
    readData: (_, __, name) => {
      const data = { uri: `postgresql://${name}:app@db.shop.svc/orders` };
      return Promise.resolve({ kind: "ok", value: { resourceVersion: "1", data } });
    },
    readDatabase: async ({ uri }) => {
      tried.add(uri);
      await new Promise<void>((resolve) => clock.after(4_500, resolve));
      return { kind: "failed", reason: "AuthenticationFailed", message: "refused" };
    },
  });

  for (let minute = 0; minute < 20; minute++) {
    await clock.advance(minuteMs);
    expect(await live()).toMatchObject({ status: 200 });
  }
  expect(tried.size).toBe(40);
});

test("a standby is ready, and alive", async () => {
  const lease = MemoryLease.free();
  const { clock, live, ready } = start({ lease: openDirectLine(lease) });
  lease.put({
    holder: "other",
    durationMs: 15_000,
    acquiredAtMs: 0,
    renewedAtMs: 0,
    transitions: 1,
  });

  await clock.advance(10_000);

  expect(lease.holder).toBe("other");
  expect((await ready()).status).toBe(200);
  expect((await live()).status).toBe(200);
});

test.each<{ what: string; world: World; wantSays: string }>([
  {
    what: "a decision whose secret is never answered",
    world: { readData: never },
    wantSays: "a reconcile has been running for over 2 min",
  },
  {
    what: "a reading of the database that never ends",
    world: { readDatabase: never },
    wantSays: "a reconcile has been running for over 2 min",
  },
  {
    what: "a lease of which nothing is ever heard",
    world: { lease: { read: never, create: never, replace: never } },
    wantSays: "the leader election has been waiting for over 2 min",
  },
])("a loop that is stuck is not alive: $what", async ({ world, wantSays }) => {
  const { clock, live } = start(world);
  await clock.advance(1.9 * minuteMs);
  expect((await live()).status).toBe(200);

  await clock.advance(0.2 * minuteMs);

  expect(await live()).toMatchObject({ status: 503, body: `${wantSays}\n` });
});

test("metrics are rendered once a second, however many ask for them", async () => {
  const { clock, page, renders } = start({});
  await clock.advance(5_000);

  const pages = await Promise.all(Array.from({ length: 500 }, () => page("/metrics")));

  expect(renders()).toBe(1);
  expect(pages.every(({ status, body }) => status === 200 && body === pages[0]?.body)).toBe(true);
  await clock.advance(999);
  await page("/metrics");
  expect(renders()).toBe(1);
  await clock.advance(1);
  await page("/metrics");
  expect(renders()).toBe(2);
});

test.each(["/health", "/metrics/db-pool"])("%s is made once a second as well", async (path) => {
  const { clock, page } = start({});
  await clock.advance(5_000);
  const before = await page(path);
  expect(await page(path)).toBe(before);
  await clock.advance(1_000);
  expect(await page(path)).not.toBe(before);
});
