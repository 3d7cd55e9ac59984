// One namespace beside another: what its servers may cost the readings of the other's. The whole
// operator on a clock of the test's.
import { expect, test } from "vitest";
import { createMetrics } from "../../src/adapters/metrics.ts";
import type { ObservedPolicy } from "../../src/observed.ts";
import { assembleOperator, type Surroundings } from "../../src/operator.ts";
import type { Database, ListWatch, Sources } from "../../src/ports.ts";
import { aReading } from "../support/builders.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { constantRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const silentPorts = 150;
const intervalMs = 30_000;
/** Not a part of the interval: readings that are due must not fall on the end of others. */
const readMs = 9_700;

function policyOf(namespace: string, name: string): ObservedPolicy {
  return {
    ...{ key: `${namespace}/${name}`, uid: `${namespace}-${name}`, resourceVersion: "1" },
    ...{ namespace, name, generation: 1, status: undefined, deleting: false },
    spec: { database: { secretRef: { name } }, workloads: [{ name: "web" }] },
  };
}

function sourceOf(objects: readonly unknown[]): ListWatch<never> {
  return {
    async *list() {
      await Promise.resolve();
      yield { objects: objects as readonly never[], resourceVersion: "1" };
    },
    async *watch(_, signal) {
      yield { type: "bookmark", resourceVersion: "1" };
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
    },
  };
}

interface Read {
  readonly server: string;
  readonly atMs: number;
}

/** Readings that began; a server whose host begins with `silent` never answers. */
function start(clock: VirtualClock, policies: readonly ObservedPolicy[]): readonly Read[] {
  const reads: Read[] = [];
  const none = (): ListWatch<never> => sourceOf([]);
  const sources: Sources = {
    policies: () => sourceOf(policies),
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
      readData: (_, __, name) => {
        const data = { uri: `postgresql://app@${name}/orders` };
        return Promise.resolve({ kind: "ok", value: { resourceVersion: "1", data } });
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
  const parts = { config, clock, random: constantRandom(0.5), log: new MemoryLog(), metrics };
  for (const part of assembleOperator(parts, surroundings).parts) void part.start?.();
  return reads;
}

test("many silent servers of one namespace delay no reading of another's server", async () => {
  const clock = new VirtualClock();
  const silent = Array.from({ length: silentPorts }, (_, port) =>
    policyOf("a-tenant", `silent-${port}`),
  );
  const reads = start(clock, [...silent, policyOf("shop", "orders-db")]);

  await clock.advance(300_000);

  const ofVictim = reads.filter(({ server }) => server.startsWith("orders-db"));
  const pausesMs = ofVictim.map(({ atMs }, index) => atMs - (ofVictim[index - 1]?.atMs ?? 0));
  expect(ofVictim.length).toBeGreaterThanOrEqual(10);
  expect(Math.max(...pausesMs)).toBeLessThanOrEqual(intervalMs + 100);
  expect(reads.length - ofVictim.length).toBeGreaterThan(100);
});
