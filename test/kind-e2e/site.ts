// Where a scenario plays: a cluster, seen through kubectl alone, so that one and the same scenario
// runs in kind, with the image and the chart, and on the bare control plane of the tests, without
// either. What differs between the two is here.
import { setTimeout as delay } from "node:timers/promises";

export type Site = {
  /** Namespace of the services and of their policy. */
  readonly namespace: string;
  /** Sessions that the database admits. */
  readonly limit: number;
  /** kubectl with these words, separated by blanks; throws what it says where it fails. */
  readonly kubectl: (words: string) => Promise<string>;
  /** Ends the operator without a goodbye. Resolves when another one is on its way. */
  readonly killOperator: () => Promise<void>;
  /** Puts back what was deleted of the admission policy. */
  readonly restoreAdmission: () => Promise<void>;
};

/** A pod of the fleet, as much as the scenarios ask. */
export type SizedPod = {
  readonly uid: string;
  readonly workload: string;
  readonly isRunning: boolean;
  readonly isLeaving: boolean;
  /** What its process was told; NaN where nobody said anything. */
  readonly poolSize: number;
};

type Entry = { readonly name: string; readonly value?: string };

type PodList = {
  readonly items: readonly {
    readonly metadata: {
      readonly uid: string;
      readonly deletionTimestamp?: string;
      readonly labels: Readonly<Record<string, string>>;
    };
    readonly spec: { readonly containers: readonly { readonly env?: readonly Entry[] }[] };
    readonly status: { readonly phase?: string };
  }[];
};

/** Every pod of the services that is still there. */
export async function podsAt(site: Site): Promise<readonly SizedPod[]> {
  const label = "app.kubernetes.io/part-of=orders";
  const text = await site.kubectl(`-n ${site.namespace} get pods -l ${label} -o json`);
  return (JSON.parse(text) as PodList).items.map(({ metadata, spec, status }) => {
    const env = spec.containers[0]?.env ?? [];
    return {
      uid: metadata.uid,
      workload: metadata.labels["app.kubernetes.io/name"] ?? "",
      isRunning: status.phase === "Running",
      isLeaving: metadata.deletionTimestamp !== undefined,
      poolSize: Number(env.findLast(({ name }) => name === "DB_POOL_MAX_SIZE")?.value ?? "NaN"),
    };
  });
}

/** Sessions that these pods may open together, leaving ones included. */
export function sumOfPools(pods: readonly SizedPod[]): number {
  return pods.reduce((sum, { poolSize }) => sum + poolSize, 0);
}

/** Does `work`, looks at the pods all the while, and throws if they ever could open too many. */
export async function withinLimit(site: Site, work: () => Promise<void>): Promise<void> {
  const end = new AbortController();
  let highest = 0;
  const watching = (async () => {
    do highest = Math.max(highest, sumOfPools(await podsAt(site)));
    while (!end.signal.aborted && (await isAwaited(200, end.signal)));
  })();
  try {
    await work();
  } finally {
    end.abort();
    await watching;
  }
  if (!(highest <= site.limit))
    throw new Error(`the pools came to ${highest} sessions of ${site.limit}`);
}

async function isAwaited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return await delay(milliseconds, true, { signal }).catch(() => false);
}
