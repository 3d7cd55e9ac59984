// How long one decision takes: plan() and the statuses of all policies, with 10 to 10,000
// workloads of 10 pods each on one server, in policies of at most 1,000 workloads. Three states:
// at rest (what happens again and again), adopted (everything shrinks), growing (everything waits
// or grows). Bars: plan() under 5 ms at 1,000 workloads and under 60 ms at 10,000.
// What is held to them is the processor time of a run, which a busy machine does not blur.
// Run: WORKLOADS=10000 node test/bench/plan.bench.ts

import type { Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { statusOf } from "../../src/domain/explain/status.ts";
import * as build from "../support/builders.ts";
import { givenNumber } from "../support/given-setting.ts";

const podsEach = 10;
const workloadsMax = givenNumber("WORKLOADS", { usual: 10_000, least: 1 });
const workloadsPerPolicyMax = 1000;
const samplesOfWindow = 20;
const barsMs: Readonly<Record<number, number>> = { 1000: 5, 10_000: 60 };

interface State {
  readonly name: string;
  /** Pool size of the pods and of the grant. */
  readonly poolSize: number;
  readonly grant: number | undefined;
}

const states: readonly State[] = [
  { name: "at rest", poolSize: 6, grant: 6 },
  { name: "adopted", poolSize: 50, grant: undefined },
  { name: "growing", poolSize: 2, grant: 2 },
];

function fleet(workloadCount: number, state: State): Snapshot {
  const policyCount = Math.ceil(workloadCount / workloadsPerPolicyMax);
  const policies = Array.from({ length: policyCount }, (_, index) =>
    build.aPolicy(`policy-${index}`, { namespace: `team-${index}` }),
  );
  const workloads = Array.from({ length: workloadCount }, (_, index) =>
    workload(index, policies[index % policyCount]?.key ?? "", state),
  );
  // Each workload gets 6 slots a pod for planned pods, and one of them has room for a rollout.
  const maxConnections = workloadCount * podsEach * 6 + podsEach * 6 + 100;
  return build.aSnapshot({
    maxConnections,
    policies,
    workloads,
    database: database(workloads, maxConnections),
  });
}

function workload(index: number, policy: string, { poolSize, grant }: State): PoolFacts {
  const name = `service-${String(index).padStart(5, "0")}`;
  const namespace = policy.split("/")[0] ?? "";
  const pods = build
    .pods(podsEach, { poolSize })
    .map((pod, at) => ({ ...pod, addresses: [`10.${index >> 8}.${index & 255}.${at}`] }));
  return build.aWorkload(name, {
    namespace,
    policy,
    pods,
    sizing: { weight: 1 + (index % 3) },
    template: build.anOwnSize(50),
    grant: grant === undefined ? undefined : build.aGrant(grant),
  });
}

/** As many sessions as a large server has, most from pods, some foreign, in every sample. */
function database(workloads: readonly PoolFacts[], maxConnections: number): Snapshot["database"] {
  const addresses = workloads.flatMap(({ pods }) => pods.flatMap((pod) => pod.addresses));
  const sessions = addresses
    .slice(0, 2000)
    .map((address) => build.sessions(1, { user: "app", applicationName: "service", address }));
  const foreign = [build.sessions(3), build.sessions(2, { applicationName: "pg_dump" })];
  const reading = build.aReading({ maxConnections, sessions: [...sessions, ...foreign] });
  const sessionSamples = Array.from({ length: samplesOfWindow }, (_, index) => ({
    atMs: build.startMs - index * 30_000,
    sessions: reading.sessions,
  }));
  return build.aDatabase({ reading, sessionSamples, fleetAddresses: build.ofFleet(...addresses) });
}

interface Times {
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Processor time of a run, garbage collection included: what a busy machine does not blur. */
  readonly cpuMs: number;
}

function timesMs(runs: number, work: () => unknown): Times {
  for (let warm = 0; warm < Math.min(runs, 30); warm++) work();
  const before = process.cpuUsage();
  const times = Array.from({ length: runs }, () => {
    const startedAtMs = performance.now();
    work();
    return performance.now() - startedAtMs;
  }).sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? 0;
  const { user, system } = process.cpuUsage(before);
  return { medianMs: at(0.5), p95Ms: at(0.95), cpuMs: (user + system) / 1000 / runs };
}

function row(workloadCount: number, state: State): Record<string, string | number> {
  const snapshot = fleet(workloadCount, state);
  const runs = workloadCount >= 10_000 ? 60 : 200;
  const decision = timesMs(runs, () => plan(snapshot, build.startMs));
  const decided = plan(snapshot, build.startMs);
  const statuses = timesMs(Math.min(runs, 60), () =>
    snapshot.policies.map((policy) => statusOf(decided, policy)),
  );
  const barMs = barsMs[workloadCount];
  return {
    workloads: workloadCount,
    pods: workloadCount * podsEach,
    state: state.name,
    "plan median ms": decision.medianMs.toFixed(2),
    "plan p95 ms": decision.p95Ms.toFixed(2),
    "plan cpu ms": decision.cpuMs.toFixed(2),
    bar: barMs === undefined ? "" : `< ${barMs} ms: ${decision.cpuMs < barMs ? "met" : "missed"}`,
    "statuses median ms": statuses.medianMs.toFixed(2),
    "statuses p95 ms": statuses.p95Ms.toFixed(2),
  };
}

console.log("plan() and statusOf() of every policy, by workloads of one server");
const sizes = [10, 100, 1000, 10_000].filter((count) => count <= workloadsMax);
console.table(sizes.flatMap((count) => states.map((state) => row(count, state))));
