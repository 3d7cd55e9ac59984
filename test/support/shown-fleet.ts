// Reports of policies as a real plan yields them, for whatever shows the fleet to people.
import { plan } from "../../src/domain/decide/plan.ts";
import { statusOf } from "../../src/domain/explain/status.ts";
import type { PoolFacts } from "../../src/domain/facts/facts.ts";
import type { PolicyReport } from "../../src/render/pool-report.ts";
import { aDatabase, aGrant, aPolicy, aReading, aSnapshot } from "./builders.ts";
import { aWorkload, pods, sessions, startMs } from "./builders.ts";

function statusWith(workloads: readonly PoolFacts[], foreign = 0): PolicyReport["status"] {
  const policy = aPolicy();
  const reading = aReading({ sessions: foreign > 0 ? [sessions(foreign)] : [] });
  const database = aDatabase({ reading });
  const snapshot = aSnapshot({ policies: [policy], workloads, database });
  return statusOf(plan(snapshot, startMs), policy);
}

/** Of shop/orders with two workloads on a server of 200 connections. */
export function ordersReport(more: Partial<PolicyReport["status"]> = {}): PolicyReport {
  const grown = { autoscalerMaxReplicas: 15, pods: pods(3, { poolSize: 6 }), grant: aGrant(6) };
  const api = aWorkload("api", { pods: pods(2, { poolSize: 3 }), grant: aGrant(3) });
  const status = statusWith([aWorkload("web", grown), api]);
  return { namespace: "shop", name: "orders", status: { ...status, ...more } };
}

/** The same with four workloads, of which web has this many pods, and sessions of others. */
export function shownFleet(webPods = 8): PolicyReport[] {
  const workloads = [
    aWorkload("web", { pods: pods(webPods, { poolSize: 6 }), grant: aGrant(6) }),
    aWorkload("api", { pods: pods(3, { poolSize: 9 }), grant: aGrant(9) }),
    aWorkload("reports", { pods: pods(2, { poolSize: 10 }), grant: aGrant(10) }),
    aWorkload("mailer", { pods: pods(1, { poolSize: 5 }), grant: aGrant(5) }),
  ];
  return [{ namespace: "shop", name: "orders", status: statusWith(workloads, 9) }];
}
