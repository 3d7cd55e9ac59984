// Where a rollout that repairs does not fit, one pod of it may: which, when, and what is said
// instead. Web holds 4 x 20 slots and is granted 8, api has 10 x 9 and keeps them, of 197 slots.

import { describe, expect, test } from "vitest";
import type { PodFacts, Snapshot, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import type { RollDecisions } from "../../../src/domain/decide/rolls.ts";
import * as builders from "../../support/builders.ts";

const { aDatabase, aGrant, aPolicy, aReading, aSnapshot, aWorkload, pods, sessions, startMs } =
  builders;
const minuteMs = 60_000;

interface Fleet {
  readonly web?: Partial<PoolFacts>;
  readonly api?: Partial<PoolFacts>;
  readonly foreign?: number;
  /** Our own login is refused by now. */
  readonly isFull?: boolean;
  readonly snapshot?: Partial<Snapshot> & { readonly maxConnections?: number };
}

function named(name: string, ...more: Parameters<typeof pods>): PodFacts[] {
  return pods(...more).map((pod, index) => ({ ...pod, name: `shop/${name}-${index}` }));
}

function decide({ web, api, foreign = 0, isFull = false, snapshot = {} }: Fleet): RollDecisions {
  const own = (name: string, size: number, facts: Partial<PoolFacts>): PoolFacts =>
    aWorkload(name, {
      ...{ grant: aGrant(size), replicas: (facts.pods ?? []).filter((p) => !p.terminating).length },
      ...facts,
      sizing: { floor: 1, ceiling: size },
    });
  const workloads = [
    own("api", 9, { pods: named("api", 10, { poolSize: 9 }), ...api }),
    own("web", 8, { pods: named("web", 4, { poolSize: 20 }), ...web }),
  ];
  const { maxConnections = 200 } = snapshot;
  const reading = aReading({ maxConnections, sessions: foreign > 0 ? [sessions(foreign)] : [] });
  const failure = { reason: "TooManyConnections", message: "" } as const;
  const database = aDatabase({ reading, ...(isFull && { failure }) });
  return plan(aSnapshot({ database, workloads, ...snapshot }), startMs).rolls;
}

/** By the order of the workloads' keys. */
function messageOf({ obstacles }: RollDecisions, index = 1): string {
  return obstacles.get(index)?.message ?? "";
}

function evicted({ eviction }: RollDecisions): string | undefined {
  return eviction?.pod.name;
}

const young = { createdAtMs: startMs - minuteMs };
const old = { createdAtMs: startMs - 10 * minuteMs };
const unready = { unready: true } as const;
const ill = { ...unready, ...old };
const ours = { poolSize: 9, ...unready, isSinceEviction: true } as const;
const refusedNow = { untilMs: startMs + 1_000, message: "" };
const mixed = [
  ...named("small", 5, { poolSize: 2 }),
  ...named("web", 3, { poolSize: 20 }),
  ...named("big", 1, { poolSize: 24 }),
];

/** What does not come back is in nobody's way for ever. */
const patient: readonly { name: string; fleet: Fleet; want: string }[] = [
  {
    name: "where a pod of another workload has been missing for 5 min",
    fleet: { api: { replicas: 11, missingSinceMs: startMs - 5 * minuteMs } },
    want: "shop/web-0",
  },
  {
    name: "where one has been ending for 5 min, and logins are refused",
    fleet: { api: lost(startMs - 5 * minuteMs), foreign: 40 },
    want: "shop/web-0",
  },
  {
    name: "where a replacement of ours has not been ready for an hour",
    fleet: { api: { pods: named("api", 10, { ...ours, createdAtMs: startMs - 60 * minuteMs }) } },
    want: "shop/web-0",
  },
  {
    name: "that has long been unready, before a larger one that serves",
    fleet: { web: { pods: [...mixed.slice(5), ...named("ill", 1, { poolSize: 9, ...ill })] } },
    want: "shop/ill-0",
  },
];

function lost(endingSinceMs: number): Partial<PoolFacts> {
  const [gone] = named("api-x", 1, { poolSize: 1, terminating: true, endingSinceMs });
  return { pods: [...named("api", 10, { poolSize: 9 }), ...(gone ? [gone] : [])] };
}

describe("one pod is evicted", () => {
  const rows: readonly { name: string; fleet: Fleet; want: string }[] = [
    { name: "where it fits and the rollout does not", fleet: {}, want: "shop/web-0" },
    { name: "the largest first", fleet: { web: { pods: mixed.slice(5) } }, want: "shop/big-0" },
    {
      name: "of the workload that gives back most with it",
      fleet: { api: { pods: named("api", 4, { poolSize: 24 }) } },
      want: "shop/api-0",
    },
    {
      name: "of a StatefulSet, whose next pod waits for it, on a server without a free slot",
      fleet: { web: { kind: "StatefulSet", pods: mixed.slice(1) }, foreign: 15 },
      want: "shop/big-0",
    },
    {
      name: "where a pod of another workload has not been ready for long",
      fleet: { api: { pods: named("api", 10, { poolSize: 9, ...unready, ...old }) } },
      want: "shop/web-0",
    },
  ];
  test.each([...rows, ...patient])("$name", ({ fleet, want }) => {
    const rolls = decide(fleet);
    expect(evicted(rolls)).toBe(want);
    expect(rolls.roll).toBeUndefined();
  });

  test("and its row says so, after what the rollout waits for", () => {
    expect(decide({}).obstacles.get(1)?.message).toBe(
      "waits, because 170 of 197 slots are taken, and its rollout would add 32; " +
        "its pods are replaced one at a time: evicts shop/web-0, which frees 12 slots",
    );
  });
});

describe("no pod is evicted", () => {
  const rows: readonly { name: string; fleet: Fleet; says?: string }[] = [
    { name: "where the rollout fits", fleet: { snapshot: { maxConnections: 206 } } },
    {
      name: "where the line holds",
      fleet: { api: { pods: named("api", 1, { poolSize: 9 }) } },
    },
    {
      name: "where one more pod does not fit either",
      fleet: { foreign: 20 },
      says: "replacing one pod at a time would add 8, too many as well. To fix: restart the workload when fewer pods run",
    },
    {
      name: "where the ReplicaSet starts the next one at once, whatever the Deployment says of rollouts",
      fleet: { web: { waitsForTermination: true }, foreign: 27 },
      says: "replacing one pod at a time would add 8, too many as well. To fix: restart the workload when fewer pods run",
    },
    {
      name: "while the server says that it has no slot",
      fleet: { isFull: true },
      says: "replacing one pod at a time would add 8, too many as well. To fix: restart the workload when fewer pods run",
    },
    {
      name: "while another one ends",
      fleet: { web: { pods: [...named("web", 4, { poolSize: 20 }), ...ending("web-x")] } },
      says: "its pods are replaced one at a time, once web-x is gone",
    },
    {
      name: "while a pod of another workload ends",
      fleet: { api: { pods: [...named("api", 10, { poolSize: 9 }), ...ending("api-x")] } },
      says: "its pods are replaced one at a time, once api-x is gone",
    },
    {
      name: "while one is missing",
      fleet: { api: { replicas: 11 } },
      says: "its pods are replaced one at a time, once 1 missing pod of api is there",
    },
    {
      name: "while one that was just started is not ready",
      fleet: { api: { pods: named("api", 10, { poolSize: 9, ...unready, ...young }) } },
      says: "its pods are replaced one at a time, once shop/api-0 is ready",
    },
    {
      name: "while one of a rollout of a StatefulSet is not ready",
      fleet: {
        api: {
          ...{ kind: "StatefulSet", rollingOut: true, updateRevision: "r2", updatedReplicas: 1 },
          pods: [
            ...named("old", 9, { poolSize: 9 }),
            ...named("new", 1, { poolSize: 9, revision: "r2", ...unready, ...young }),
          ],
        },
      },
      says: "its pods are replaced one at a time, once shop/new-0 is ready",
    },
    {
      name: "while what came in place of one that we evicted has not been ready for 10 min",
      fleet: { api: { pods: named("api", 10, { ...ours, ...old }) } },
      says: "its pods are replaced one at a time, once shop/api-0 is ready",
    },
    {
      name: "while one is missing since we evicted another one",
      fleet: {
        api: {
          ...{ replicas: 11, missingSinceMs: startMs - 10 * minuteMs },
          lastEviction: { atMs: startMs - 11 * minuteMs, poolSize: 9, timesInVain: 0 },
        },
      },
      says: "its pods are replaced one at a time, once 1 missing pod of api is there",
    },
    {
      name: "while nobody knows whether another one was told to end",
      fleet: {
        api: { pods: named("api", 10, { poolSize: 9, evictionDoubtedUntilMs: startMs + 9_000 }) },
      },
      says: "its pods are replaced one at a time, once it is known whether shop/api-0 was evicted",
    },
    {
      name: "where exposure would rise: there is no room for rollouts",
      fleet: {
        foreign: 18,
        snapshot: { policies: [aPolicy("orders", { spec: { reserve: { rollouts: 0 } } })] },
      },
      says: "replacing one pod at a time would need 178 slots in all, the budget is 169",
    },
    {
      name: "where evictions are off",
      fleet: { snapshot: { isEvictionOff: true } },
      says: "evictions are off. To fix: helm upgrade poolwarden charts/poolwarden -n poolwarden-system --reset-then-reuse-values --set evictions.enabled=true (without Helm: --evictions=true, and the right to create pods/eviction), or delete its pods one at a time; each new pod gets the new size",
    },
    {
      name: "while another workload rolls out",
      fleet: { api: { rollingOut: true, updatedReplicas: 0 } },
    },
  ];
  test.each(rows)("$name", ({ fleet, says }) => {
    const rolls = decide(fleet);
    expect(evicted(rolls)).toBeUndefined();
    const message = messageOf(rolls, fleet.api?.kind === "StatefulSet" ? 0 : 1);
    if (says === undefined) expect(message).not.toContain("one pod at a time");
    else expect(message.slice(message.indexOf("; ") + 2)).toBe(says);
  });
});

describe("logins are refused until pods are replaced, and for now none can be evicted", () => {
  const rows: readonly { name: string; fleet: Fleet; untilMs?: number }[] = [
    {
      name: "a budget refuses it for a second: it is awaited",
      fleet: { web: { refusedEviction: { untilMs: startMs + 1_000, message: "" } } },
      untilMs: startMs + 1_000,
    },
    {
      name: "a pod is missing for less than 5 min: it is awaited",
      fleet: { api: { replicas: 11, missingSinceMs: startMs - minuteMs } },
      untilMs: startMs + 4 * minuteMs,
    },
    {
      name: "nobody knows whether a pod was told to end: it is awaited",
      fleet: {
        api: { pods: named("api", 10, { poolSize: 9, evictionDoubtedUntilMs: startMs + 9 }) },
      },
      untilMs: startMs + 9,
    },
    {
      name: "its own replacement is not ready at its new size: it is awaited",
      fleet: {
        web: { pods: [...mixed.slice(5), ...named("new", 1, { ...ours, ...old, poolSize: 8 })] },
      },
      untilMs: startMs + 50 * minuteMs,
    },
  ];
  test.each(rows)("$name", ({ fleet, untilMs }) => {
    const { roll, eviction, obstacles } = decide({ ...fleet, foreign: 60 });
    expect(roll).toBeUndefined();
    expect(eviction).toBeUndefined();
    expect(obstacles.get(1)?.untilMs).toBe(untilMs);
  });

  const lasting: readonly { name: string; web: Partial<PoolFacts> }[] = [
    {
      name: "a budget has refused it for 5 min: it is rolled",
      web: { refusedEviction: { ...refusedNow, sinceMs: startMs - 5 * minuteMs } },
    },
    {
      name: "a pod of its own has been missing for 5 min: it is rolled",
      web: { replicas: 5, missingSinceMs: startMs - 5 * minuteMs },
    },
  ];
  test.each(lasting)("$name", ({ web }) => {
    expect(decide({ web, foreign: 60 }).roll?.index).toBe(1);
  });
});

test("pods and workloads of other policies are not named", () => {
  const policies = [aPolicy("orders"), aPolicy("p2", { namespace: "team-b" })];
  const whose = { namespace: "team-b", policy: "team-b/p2" };
  const secret = named("secret", 10, { poolSize: 9 });
  let names = 0;
  for (const pods of [secret, [...secret, ...ending("secret-x")]]) {
    for (const replicas of [10, 11]) {
      const rolls = decide({ api: { ...whose, replicas, pods }, snapshot: { policies } });
      expect(messageOf(rolls, 0)).not.toContain("secret");
      names += Number(messageOf(rolls, 0).includes("a workload of policy team-b/p2"));
    }
  }
  expect(names).toBe(3);
});

function ending(name: string): PodFacts[] {
  return pods(1, { poolSize: 1, terminating: true }).map((pod) => ({ ...pod, name }));
}
