// Which calls the fence stops, and what they are told.
import { describe, expect, it } from "vitest";
import type { Cluster, KubernetesEvent, Manifest, Outcome } from "../../src/ports.ts";
import { createFencedCluster } from "../../src/reconcile/apply/fenced-cluster.ts";

const rule: Manifest = { apiVersion: "v1", kind: "Rule", metadata: { name: "r" } };
const event: KubernetesEvent = {
  regarding: { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "a", uid: "u" },
  ...{ type: "Normal", reason: "R", action: "A", message: "m" },
};

type Call = (cluster: Cluster) => Promise<Outcome<unknown>>;
const writes: readonly { readonly name: string; readonly call: Call }[] = [
  { name: "apply", call: (cluster) => cluster.apply(rule, { force: true }) },
  { name: "release", call: (cluster) => cluster.release("shop/Deployment/web") },
  { name: "remove", call: (cluster) => cluster.remove(rule) },
  { name: "writeStatus", call: (cluster) => cluster.writeStatus("shop/orders", "1", {}) },
  { name: "evict", call: (cluster) => cluster.evict({ key: "shop/web-1", uid: "1" }) },
  { name: "createEvent", call: (cluster) => cluster.createEvent(event) },
];
const reads: typeof writes = [
  { name: "readData", call: (cluster) => cluster.readData("Secret", "shop", "s", ["uri"]) },
  { name: "readWorkload", call: (cluster) => cluster.readWorkload("shop/Deployment/web") },
];

/** Answers each call with `answer`, and notes its name. */
function clusterOf(answer: Outcome<never>): { cluster: Cluster; calls: string[] } {
  const calls: string[] = [];
  const called = (name: string) => (): Promise<Outcome<never>> => {
    calls.push(name);
    return Promise.resolve(answer);
  };
  const names = [...writes, ...reads].map(({ name }) => name);
  const cluster = Object.fromEntries(names.map((name) => [name, called(name)]));
  return { cluster: cluster as unknown as Cluster, calls };
}

const absent = { kind: "absent", message: "not there" } as const;

describe.each(writes)("$name", ({ name, call }) => {
  it("goes through while the operator leads", async () => {
    const { cluster, calls } = clusterOf(absent);
    const fenced = createFencedCluster(cluster, { refusal: () => undefined, noteDoubt: fail });
    expect(await call(fenced)).toEqual(absent);
    expect(calls).toEqual([name]);
  });

  it("is refused, and not sent, while it does not", async () => {
    const { cluster, calls } = clusterOf(absent);
    const fenced = createFencedCluster(cluster, { refusal: () => "too old", noteDoubt: fail });
    expect(await call(fenced)).toEqual({ kind: "unavailable", message: "too old" });
    expect(calls).toEqual([]);
  });

  it("leaves a doubt where nobody knows what became of it", async () => {
    const { cluster } = clusterOf({ kind: "unavailable", message: "no answer" });
    let doubts = 0;
    const noteDoubt = (): void => {
      doubts++;
    };
    await call(createFencedCluster(cluster, { refusal: () => undefined, noteDoubt }));
    expect(doubts).toBe(1);
  });
});

describe.each(reads)("$name", ({ name, call }) => {
  it("is for everybody", async () => {
    const { cluster, calls } = clusterOf(absent);
    const fenced = createFencedCluster(cluster, { refusal: () => "too old", noteDoubt: fail });
    expect(await call(fenced)).toEqual(absent);
    expect(calls).toEqual([name]);
  });
});

function fail(): never {
  throw new Error("there is no doubt");
}
