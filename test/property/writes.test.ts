// Laws of the writes of one decision, whatever the API server answers to each: all statuses come
// before the roll, and no roll is begun on something that did not go through or is not so any more.

import { usualKind, workloadKindOf } from "../../src/api/workload-kinds.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PoolFacts } from "../../src/domain/facts/facts.ts";
import { namespaceOf } from "../../src/api/keys.ts";
import type { Plan } from "../../src/domain/decide/plan.ts";
import type { ObservedWorkload } from "../../src/observed.ts";
import type { Cluster, Failure, Outcome } from "../../src/ports.ts";
import { noActs } from "../../src/reconcile/apply/acts-of-now.ts";
import { apply } from "../../src/reconcile/apply/apply.ts";
import { ContestedActs } from "../../src/reconcile/memory/contested-acts.ts";
import { GrowthHolds } from "../../src/reconcile/memory/growth-holds.ts";
import { DoubtfulGrants } from "../../src/reconcile/memory/doubtful-grants.ts";
import { Expectations } from "../../src/reconcile/memory/expectations.ts";
import { LiveMemory } from "../../src/reconcile/memory/live-memory.ts";
import { PastEvictions } from "../../src/reconcile/memory/past-evictions.ts";
import { PastRolls } from "../../src/reconcile/memory/past-rolls.ts";
import { PassingFailures } from "../../src/reconcile/apply/attempts.ts";
import { Refusals } from "../../src/reconcile/memory/refusals.ts";
import { WrittenStatuses } from "../../src/reconcile/memory/written-statuses.ts";
import { decided } from "./settled-fleets.ts";

const passing: readonly Failure[] = [
  { kind: "conflict", message: "the object has been modified", managers: [] },
  { kind: "unavailable", message: "no answer" },
];
const refused: Failure = { kind: "forbidden", message: "may not" };

/** What becomes of a write; undefined: it goes through. */
const fate = fc.constantFrom<Failure | undefined>(
  ...[undefined, undefined, undefined, undefined],
  ...[...passing, refused],
);

/** What has become of the workload since the decision. */
const change = fc.constantFrom<Partial<ObservedWorkload>>(
  ...[{}, {}, {}],
  ...[{ generation: 2 }, { uid: "another" }, { replicas: 99 }],
);

const scene = fc.record({
  plan: decided.filter(({ rolls }) => rolls.roll !== undefined),
  fates: fc.array(fate, { minLength: 2, maxLength: 2 }),
  change,
});

function liveOf(facts: PoolFacts, more: Partial<ObservedWorkload>): ObservedWorkload {
  const { namespace, name, uid, resourceVersion, generation, replicas } = facts;
  const kind = workloadKindOf(facts.kind) ?? usualKind;
  return {
    ...{ key: `${namespace}/${name}`, kind, namespace, name, uid, resourceVersion },
    ...{ generation, observedGeneration: generation, replicas, labels: {} },
    ...{ updatedReplicas: replicas, statusReplicas: replicas, updateRevision: undefined },
    ...{ strategy: "RollingUpdate", maxSurge: 1, waitsForTermination: false, paused: false },
    ...{ stuck: undefined, containers: [{ name: "app", env: [], envFrom: [] }] },
    ...{ defaultContainer: undefined, templateAnnotations: {}, annotations: {} },
    ...{ envManagers: {}, ownedByUs: false },
    ...more,
  };
}

interface Log {
  /** In their order; what failed is among them. */
  readonly tried: string[];
  readonly failed: Map<string, Failure>;
}

function clusterOf(
  { rolls }: Plan,
  fates: readonly (Failure | undefined)[],
  { log, change: more }: { readonly log: Log; readonly change: Partial<ObservedWorkload> },
): Cluster {
  const refuse = (): Promise<never> => Promise.reject(new Error("nobody asked for this"));
  const stored = (): Outcome<never> => ({ kind: "ok", value: { resourceVersion: "2" } as never });
  return {
    ...{ readData: refuse, release: refuse, remove: refuse, evict: refuse, createEvent: refuse },
    resizePod: refuse,
    releasePod: refuse,
    readWorkload: (key) => {
      const facts = rolls.roll?.position.pool;
      if (facts?.key !== key) return refuse();
      return Promise.resolve({ kind: "ok", value: liveOf(facts, more) });
    },
    apply: () => {
      log.tried.push("roll");
      return Promise.resolve(stored());
    },
    writeStatus: (policy) => {
      const failure = fates[log.tried.length];
      log.tried.push(policy);
      if (failure) log.failed.set(policy, failure);
      return Promise.resolve(failure ?? stored());
    },
  };
}

async function logOf({
  plan,
  fates,
  change: more,
}: {
  readonly plan: Plan;
  readonly fates: readonly (Failure | undefined)[];
  readonly change: Partial<ObservedWorkload>;
}): Promise<Log> {
  const log: Log = { tried: [], failed: new Map() };
  const applier = {
    cluster: clusterOf(plan, fates, { log, change: more }),
    statuses: new Expectations<never>(),
    templates: new Expectations<true>(),
    pastRolls: new PastRolls(),
    pastEvictions: new PastEvictions(),
    written: new WrittenStatuses(),
    doubtful: new DoubtfulGrants(),
    live: new LiveMemory(),
    refusals: new Refusals(),
    passing: new PassingFailures(),
    contested: new ContestedActs(),
    growth: new GrowthHolds(),
    clock: { monotonicMs: () => 0 },
    isCurrent: () => true,
    decideAgain: () => Promise.resolve(noActs),
  };
  await apply(applier, plan, new AbortController().signal);
  return log;
}

describe("of the writes of one decision", () => {
  test("each status is one, all come first, and then at most one roll", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (one) => {
        const { tried } = await logOf(one);
        const policies = one.plan.snapshot.policies.map(({ key }) => key);
        const statuses = tried.slice(0, policies.length);
        expect(statuses.toSorted()).toEqual(policies.toSorted());
        expect(["", "roll"]).toContain(tried.slice(policies.length).join());
      }),
    );
  });

  test("the roll comes if all of its namespace went through, but for refused ones of others, and it is as it was", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (one) => {
        const { tried, failed } = await logOf(one);
        const own = one.plan.rolls.roll?.position.policy.key ?? "";
        const namespace = namespaceOf(own);
        const isPassing = [...failed].some(
          ([policy, failure]) => failure !== refused && namespaceOf(policy) === namespace,
        );
        const isAsItWas = Object.keys(one.change).length === 0;
        expect(tried.includes("roll")).toBe(isAsItWas && !isPassing && !failed.has(own));
      }),
    );
  });
});
