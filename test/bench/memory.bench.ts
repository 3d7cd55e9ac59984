// What a pod costs in the caches: 20,000 pods as an API server sends them (8 KB each, more than
// half of it managedFields), parsed page by page, projected and kept with their index, exactly as
// the informer does it. Bar: under 1 KB a pod over the empty store. Run: node --expose-gc
// test/bench/memory.bench.ts

import { setImmediate } from "node:timers/promises";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import type { ObservedPod } from "../../src/observed.ts";
import { byWorkload } from "../../src/reconcile/caches.ts";
import { IndexedStore } from "../../src/runtime/indexed-store.ts";
import { rawPodText } from "./raw-pods.ts";
import { givenNumber } from "../support/given-setting.ts";

const podCount = givenNumber("PODS", { usual: 20_000, least: 1 });
const podsPerWorkload = 40;
const pageSize = 500;
const barBytes = 1024;
const warmUpRounds = 3;
const collections = 5;

function emptyStore(): IndexedStore<ObservedPod> {
  const keysOf = ({ workload }: ObservedPod): string[] =>
    workload === undefined ? [] : [workload];
  return new IndexedStore({ [byWorkload]: keysOf }, () => true);
}

/** Fills the store; returns how long an API server's page of pods is on average, in bytes. */
function fill(store: IndexedStore<ObservedPod>): number {
  const { pod: project } = createProjections();
  let bytes = 0;
  for (let first = 0; first < podCount; first += pageSize) {
    const numbers = Array.from({ length: pageSize }, (_, at) => first + at);
    const texts = numbers.map((number) => rawPodText(number, Math.floor(number / podsPerWorkload)));
    const page = `{"items":[${texts.join(",")}]}`;
    bytes += page.length;
    for (const raw of (JSON.parse(page) as { items: unknown[] }).items) {
      const pod = project(raw);
      if (pod !== undefined) store.set(pod);
    }
  }
  return bytes / podCount;
}

/** The least of several collections: what one finds unused, the next may free. */
async function settledHeapBytes(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("run this with node --expose-gc");
  let least = Infinity;
  for (let collection = 0; collection < collections; collection += 1) {
    await globalThis.gc({ type: "major", execution: "async" });
    await setImmediate();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

// To warm up: compiled code and shapes of objects are the operator's, not the pods'.
for (let round = 0; round < warmUpRounds; round += 1) fill(emptyStore());
const before = await settledHeapBytes();
const store = emptyStore();
const rawBytes = fill(store);
const after = await settledHeapBytes();
const bytesPerPod = (after - before) / store.size;

console.log("Memory of the pods in the caches");
console.table([
  {
    pods: store.size,
    workloads: podCount / podsPerWorkload,
    "raw pod KB": (rawBytes / 1024).toFixed(1),
    "bytes a pod": Math.round(bytesPerPod),
    bar: `< ${barBytes} bytes: ${bytesPerPod < barBytes ? "met" : "missed"}`,
    "all pods MB": ((bytesPerPod * store.size) / 1024 / 1024).toFixed(1),
    "empty MB": (before / 1024 / 1024).toFixed(1),
  },
]);
