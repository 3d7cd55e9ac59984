// What the process serves over HTTP: measures for Prometheus, probes for the kubelet, and the
// fleet's pools as JSON. Liveness asks whether the loops move, not whether the database or the API
// server are there: a restart mends neither.

import type { MetricsService } from "./adapters/metrics.ts";
import type { Informers } from "./informers.ts";
import type { Clock } from "./ports.ts";
import { areSynced, type Caches } from "./reconcile/caches.ts";
import { measure } from "./reconcile/report/measures.ts";
import type { ServerReconciler } from "./reconcile/server-reconciler.ts";
import type { FleetHistory } from "./page/fleet-history.ts";
import { pageRoutes } from "./page/page-routes.ts";
import { buildHealth, buildPoolReport, type PolicyReport } from "./render/pool-report.ts";
import type { Controller } from "./runtime/controller.ts";
import type { Page, Routes } from "./runtime/http-server.ts";
import type { LeaderElection } from "./runtime/leader-election.ts";
import type { Problems } from "./runtime/problems.ts";
import { sharedPage } from "./runtime/shared-page.ts";

export interface EndpointParts {
  readonly metricsService: MetricsService;
  readonly servers: ServerReconciler;
  readonly controllers: readonly Controller[];
  readonly caches: Caches;
  readonly informers: Informers;
  readonly problems: Problems;
  readonly leadership: LeaderElection | undefined;
  readonly clock: Clock;
  readonly databaseIntervalMs: number;
  /** Of the page for people; undefined: it is not served. */
  readonly history?: FleetHistory;
}

/** A run that takes longer hangs: every request that it makes has a limit of its own far below. */
const longestRunMs = 120_000;

/** Pages that cost as much as the fleet is large are made once a second, whoever asks. */
const sharedForMs = 1_000;

export function createRoutes(parts: EndpointParts): Routes {
  const { history, clock } = parts;
  const live = (): Page => livePage(parts);
  const shared: Share = (make) => sharedPage(make, clock, sharedForMs);
  return {
    "/metrics": shared(() => metricsPage(parts)),
    "/livez": live,
    "/healthz": live,
    "/readyz": () => readyPage(parts),
    "/health": shared(() => json(buildHealth(reports(parts)))),
    "/metrics/db-pool": shared(() => json(buildPoolReport(reports(parts)))),
    ...(history && peoplesPage(parts, history, shared)),
  };
}

type Share = (make: () => Page | Promise<Page>) => () => Promise<Page>;

function peoplesPage(parts: EndpointParts, history: FleetHistory, shared: Share): Routes {
  const nowMs = (): number => parts.clock.nowMs();
  const { "/": fleet, ...files } = pageRoutes({ history, nowMs, reports: () => reports(parts) });
  return { "/": shared(fleet), ...files };
}

async function metricsPage(parts: EndpointParts): Promise<Page> {
  const { metricsService, servers } = parts;
  measure(metricsService.metrics, servers.plans.values());
  measureProcess(parts);
  const body = await metricsService.render();
  return { status: 200, contentType: metricsService.contentType, body };
}

function measureProcess(parts: EndpointParts): void {
  const { informers, controllers, leadership, databaseIntervalMs } = parts;
  const { metrics } = parts.metricsService;
  metrics.gauge("poolwarden_leader", (leadership?.isLeading ?? true) ? 1 : 0);
  metrics.gauge("poolwarden_database_interval_seconds", databaseIntervalMs / 1000);
  for (const { kind, size, store } of Object.values(informers)) {
    metrics.gauge("poolwarden_cache_objects", size, { kind });
    metrics.gauge("poolwarden_cache_synced", store.synced ? 1 : 0, { kind });
  }
  for (const controller of controllers) {
    const seconds = controller.heartbeat().longestRunningMs / 1000;
    const labels = { controller: controller.name };
    metrics.gauge("poolwarden_reconcile_running_seconds", seconds, labels);
  }
}

function livePage({ controllers, leadership }: EndpointParts): Page {
  if (leadership && leadership.busyMs > longestRunMs) {
    return text(503, "the leader election has been waiting for over 2 min");
  }
  const stuck = controllers.some(
    (controller) => controller.heartbeat().longestRunningMs > longestRunMs,
  );
  return stuck ? text(503, "a reconcile has been running for over 2 min") : text(200, "ok");
}

/** Ready means: every cache is filled, so that what is decided is decided on the whole. */
function readyPage({ caches, problems }: EndpointParts): Page {
  if (areSynced(caches)) return text(200, "ok");
  const reasons = problems.list().map(({ kind, message }) => `${kind}: ${message}`);
  return text(503, ["the caches are not filled yet", ...reasons].join("\n"));
}

/** Of all policies, as they stand in the cache. */
export function reports({ caches }: Pick<EndpointParts, "caches">): PolicyReport[] {
  return [...caches.policies.values()].map(({ namespace, name, status }) => ({
    namespace,
    name,
    status: status ?? {},
  }));
}

function text(status: number, body: string): Page {
  return { status, contentType: "text/plain; charset=utf-8", body: `${body}\n` };
}

function json(body: unknown): Page {
  return { status: 200, contentType: "application/json", body: `${JSON.stringify(body)}\n` };
}
