// One namespace beside another: what its servers may cost the readings of the other's. The whole
// operator on a clock of the test's.
import { expect, test, vi } from "vitest";
import { createMetrics } from "../../src/adapters/metrics.ts";
import type { ObservedPolicy } from "../../src/observed.ts";
import { assembleOperator, type Surroundings } from "../../src/operator.ts";
import type { Database, ListWatch, Sources, WatchEvent } from "../../src/ports.ts";
import { aReading } from "../support/builders.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { constantRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

// A minute of them is thousands of policies, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const silentPorts = 150;
const intervalMs = 30_000;
/** Not a part of the interval: readings that are due must not fall on the end of others. */
const readMs = 9_700;
/** The API server takes so long to answer. */
const secretMs = 50;
const churnMs = 10;

function policyOf(namespace: string, name: string): ObservedPolicy {
  return {
    ...{ key: `${namespace}/${name}`, uid: `${namespace}-${name}`, resourceVersion: "1" },
    ...{ namespace, name, generation: 1, status: undefined, deleting: false },
    spec: { database: { secretRef: { name } }, workloads: [{ name: "web" }] },
  };
}

type Changes = (signal: AbortSignal) => AsyncIterable<WatchEvent<ObservedPolicy>>;

function sourceOf(objects: readonly unknown[], changes?: Changes): ListWatch<never> {
  return {
    async *list() {
      await Promise.resolve();
      yield { objects: objects as readonly never[], resourceVersion: "1" };
    },
    async *watch(_, signal) {
      yield { type: "bookmark", resourceVersion: "1" };
      if (changes) yield* changes(signal) as AsyncIterable<WatchEvent<never>>;
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
    },
  };
}

/** Policies that are made, a hundred a second, and deleted a quarter of a second later. */
function churn(clock: VirtualClock): Changes {
  return async function* churning(signal) {
    for (let count = 0; !signal.aborted; count++) {
      await new Promise<void>((resolve) => clock.after(churnMs, resolve));
      const [born, dying] = [policyOf("a-tenant", `c-${count}`), `c-${count - 25}`];
      yield { type: "set", object: born };
      if (count < 25) continue;
      yield { type: "delete", key: `a-tenant/${dying}`, uid: `a-tenant-${dying}` };
    }
  };
}

interface Read {
  readonly server: string;
  readonly atMs: number;
}

interface Operator {
  /** Readings that began. */
  readonly reads: readonly Read[];
  /** Decisions on a server, those that changed nothing included. */
  decisionsOn(server: string): number;
}

/** A server whose host begins with `silent` never answers; a policy `c-…` has no secret. */
function start(
  clock: VirtualClock,
  policies: readonly ObservedPolicy[],
  changes?: Changes,
): Operator {
  const reads: Read[] = [];
  const none = (): ListWatch<never> => sourceOf([]);
  const sources: Sources = {
    policies: () => sourceOf(policies, changes),
    ...{ pods: none, deployments: none, statefulSets: none, replicaSets: none },
    ...{ autoscalers: none, admissionPolicies: none, admissionBindings: none, alertRules: none },
  };
  const written = (): Promise<never> =>
    Promise.resolve({ kind: "ok", value: { resourceVersion: "1", uid: "1", key: "" } } as never);
  const read: Database["read"] = async ({ server }) => {
    reads.push({ server, atMs: clock.monotonicMs() });
    if (!server.startsWith("silent")) return { kind: "read", reading: aReading() };
    await new Promise<void>((resolve) => clock.after(readMs, resolve));
    return { kind: "failed", reason: "DatabaseTimeout", message: "no answer" };
  };
  const surroundings: Surroundings = {
    sources,
    cluster: {
      readData: async (_, __, name) => {
        await new Promise<void>((resolve) => clock.after(secretMs, resolve));
        if (name.startsWith("c-")) return { kind: "absent", message: "no such secret" };
        const data = { uri: `postgresql://app@${name}/orders` };
        return { kind: "ok", value: { resourceVersion: "1", data } };
      },
      ...{ readWorkload: written, apply: written, release: written, remove: written },
      ...{ writeStatus: written, createEvent: written },
    },
    database: { read, forget: () => Promise.resolve(), close: () => Promise.resolve() },
    election: undefined,
  };
  const times = { databaseIntervalMs: intervalMs, settleTimeMs: 5_000, admissionWarmUpMs: 35_000 };
  const config = { namespaces: [], serviceAccount: "poolwarden-system:poolwarden", ...times };
  const { metrics } = createMetrics();
  const log = new MemoryLog();
  const parts = { config, clock, random: constantRandom(0.5), log, metrics };
  for (const part of assembleOperator(parts, surroundings).parts) void part.start?.();
  const decisions = ["decided", "decided before"];
  const decisionsOn: Operator["decisionsOn"] = (server) =>
    log.lines.filter(({ message, fields }) => {
      return decisions.includes(message) && fields["server"] === server;
    }).length;
  return { reads, decisionsOn };
}

test("many silent servers of one namespace delay no reading of another's server", async () => {
  const clock = new VirtualClock();
  const silent = Array.from({ length: silentPorts }, (_, port) =>
    policyOf("a-tenant", `silent-${port}`),
  );
  const { reads } = start(clock, [...silent, policyOf("shop", "orders-db")]);

  await clock.advance(300_000);

  const ofVictim = reads.filter(({ server }) => server.startsWith("orders-db"));
  const pausesMs = ofVictim.map(({ atMs }, index) => atMs - (ofVictim[index - 1]?.atMs ?? 0));
  expect(ofVictim.length).toBeGreaterThanOrEqual(10);
  expect(Math.max(...pausesMs)).toBeLessThanOrEqual(intervalMs + 100);
  expect(reads.length - ofVictim.length).toBeGreaterThan(100);
});

test("policies that come and go without end keep no server of another namespace from being decided", async () => {
  const [quiet, busy] = [new VirtualClock(), new VirtualClock()];
  const victim = policyOf("shop", "orders-db");
  const alone = start(quiet, [victim]);
  const beside = start(busy, [victim], churn(busy));

  await quiet.advance(2.1 * intervalMs);
  await busy.advance(2.1 * intervalMs);

  const decisions = alone.decisionsOn("orders-db:5432");
  expect(decisions).toBeGreaterThanOrEqual(3);
  expect(beside.decisionsOn("orders-db:5432")).toBeGreaterThanOrEqual(decisions);
});
