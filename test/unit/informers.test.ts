// Every kind that is watched, with the measures as they really are: the API server ends each watch
// after some minutes, and it must be begun again.

import { workloadKindNames } from "../../src/api/workload-kinds.ts";
import { expect, test } from "vitest";
import { metricDefinitions } from "../../src/adapters/metric-names.ts";
import { createMetrics } from "../../src/adapters/metrics.ts";
import { createInformers, type InformerParts } from "../../src/informers.ts";
import type { ListWatch } from "../../src/ports.ts";
import { Problems } from "../../src/runtime/problems.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { constantRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const names = [
  ...["policies", ...workloadKindNames, "pods", "replicaSets", "autoscalers"],
  ...["admissionPolicies", "admissionBindings", "alertRules"],
] as const;

test("the watch of each kind is begun again once the API server has ended it", async () => {
  const clock = new VirtualClock();
  const log = new MemoryLog();
  const watches = new Map<string, number>();
  const sourceOf = (name: string): ListWatch<never> => ({
    list: async function* list() {
      yield await Promise.resolve({ objects: [], resourceVersion: "1" });
    },
    watch: async function* watch() {
      watches.set(name, (watches.get(name) ?? 0) + 1);
      await new Promise<void>((resolve) => clock.after(100_000, resolve));
      yield { type: "bookmark", resourceVersion: "2" };
    },
  });
  const sources = Object.fromEntries(names.map((name) => [name, () => sourceOf(name)]));
  const informers = createInformers({
    ...{ sources: sources as unknown as InformerParts["sources"], namespaces: [] },
    ...{ clock, log, random: constantRandom(0.5), problems: new Problems(log) },
    metrics: createMetrics().metrics,
  });
  for (const kind of Object.values(informers)) for (const one of kind.informers) one.start();

  await clock.advance(20 * 60_000);

  expect(Math.min(...names.map((name) => watches.get(name) ?? 0))).toBeGreaterThan(10);
  expect(Object.keys(informers).toSorted()).toEqual(names.toSorted());
  expect(log.lines).toEqual([]);
  const { values } = metricDefinitions.find(({ name }) => name.includes("watch_restarts")) ?? {};
  const kinds = Object.values(informers).map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(values?.["kind"]?.toSorted());
});

test("workloads and pods of one namespace share one bound, whatever their kind", async () => {
  const clock = new VirtualClock();
  const log = new MemoryLog();
  const bulky = (kind: string): ListWatch<never> => ({
    list: async function* list() {
      const objects = Array.from({ length: 150 }, (_, at) => ({
        ...{ key: `shop/${kind}-${at}`, namespace: "shop", workload: `shop/${kind}/${at}` },
        ...{ uid: `${kind}-${at}`, resourceVersion: "1", targetKind: kind, targetName: `${at}` },
        containers: [{ name: "app", env: [{ name: `${kind}${at}`.padEnd(100_000, "x") }] }],
      }));
      yield await Promise.resolve({ objects: objects as never[], resourceVersion: "1" });
    },
    watch: async function* watch() {
      await new Promise<void>((resolve) => clock.after(100_000, resolve));
      yield { type: "bookmark", resourceVersion: "2" };
    },
  });
  const sources = Object.fromEntries(names.map((name) => [name, () => bulky(name)]));
  const informers = createInformers({
    ...{ sources: sources as unknown as InformerParts["sources"], namespaces: [] },
    ...{ clock, log, random: constantRandom(0.5), problems: new Problems(log) },
    metrics: createMetrics().metrics,
  });
  const bounded = [informers.Deployment, informers.StatefulSet, informers.pods] as const;
  for (const kind of bounded) for (const one of kind.informers) one.start();
  await clock.advance(1_000);
  const kept = bounded.flatMap(({ store }) => JSON.stringify([...store.values()]).length);
  expect(bounded.map(({ size }) => size)).toEqual([150, 150, 150]);
  expect(kept.reduce((sum, characters) => sum + characters)).toBeLessThan(17 * 2 ** 20);
});
