// References beside an API server whose answers the test gives.
import type { Cluster, Outcome } from "../../src/ports.ts";
import { type Lookups, References } from "../../src/reconcile/references/references.ts";
import { MemoryCluster } from "./memory-world/cluster.ts";
import { MemoryStores } from "./memory-world/stores.ts";
import { settle, VirtualClock } from "./virtual-clock.ts";

export type Answer = Outcome<{ resourceVersion: string; data: Record<string, string> }>;

export const unavailable: Answer = { kind: "unavailable", message: "no answer" };

export function said(size: string): Answer {
  return { kind: "ok", value: { resourceVersion: "1", data: { web: size } } };
}

interface LookedUp {
  readonly lookups: Lookups;
  readonly values: readonly (string | undefined)[];
}

interface Asked {
  readonly namespace: string;
  readonly name: string;
  readonly answer: (answer: Answer) => void;
}

export interface Bench {
  readonly clock: VirtualClock;
  readonly references: References;
  /** Fetches of now, by name; each ends with what it is given. */
  readonly asked: Asked[];
  /** What was logged, each with its fields. */
  readonly warnings: object[];
  /** Looks up the key `web` of each ConfigMap in namespace shop. */
  lookUp(...names: readonly string[]): LookedUp;
  lookUpIn(namespace: string, key: string, names: readonly string[]): LookedUp;
  /** Answers whatever is asked until nothing is; how many that were. */
  answerAll(answer: Answer): Promise<number>;
}

export function openBench(): Bench {
  const clock = new VirtualClock();
  const asked: Bench["asked"] = [];
  const cluster: Cluster = new MemoryCluster(new MemoryStores(), () => 0);
  cluster.readData = (_kind, namespace, name) =>
    new Promise((resolve) => {
      asked.push({ namespace, name, answer: resolve });
    });
  const warnings: Bench["warnings"] = [];
  const log = { warn: (fields: object): number => warnings.push(fields) };
  const references = new References(cluster, clock, log);
  const lookUpIn: Bench["lookUpIn"] = (namespace, key, names) => {
    const lookups = references.lookUp({ get: () => undefined });
    const resolve = lookups.inTemplate(namespace);
    const values = names.map((name) => resolve({ kind: "ConfigMap", name, key }));
    return { lookups, values };
  };
  const lookUp: Bench["lookUp"] = (...names) => lookUpIn("shop", "web", names);
  const answerAll: Bench["answerAll"] = async (answer) => {
    let answered = 0;
    await settle();
    while (asked.length > 0) {
      answered += asked.length;
      for (const one of asked.splice(0)) one.answer(answer);
      await settle();
    }
    return answered;
  };
  return { clock, references, asked, warnings, lookUp, lookUpIn, answerAll };
}
