// The account of exposure, held against the simulation's oracle, which shares no line with it: what
// runs and what may still start is added up twice, for whatever workloads there may be.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exposure } from "../../src/domain/demand/exposure.ts";
import type {
  GrantFacts,
  PodFacts,
  PolicyFacts,
  Snapshot,
  PoolFacts,
} from "../../src/domain/facts/facts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import {
  trueExposure,
  type TruePod,
  type TrueServer,
  type TrueWorkload,
} from "../simulation/oracle.ts";
import { ofFleet, sessions, startMs } from "../support/builders.ts";
import { snapshot } from "./arbitraries.ts";

const goneAddress = "10.0.0.1";

const isLeft = fc.constantFrom(true, false, false, false, false, false, false);
const parts = fc.record({
  one: snapshot,
  ghosts: fc.nat(60),
  left: fc.array(isLeft, { minLength: 6, maxLength: 6 }),
  /** Places of a StatefulSet that its pods have, in their order. */
  places: fc.uniqueArray(fc.nat(20), { minLength: 20, maxLength: 20 }),
  replaced: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
});

/**
 * Of every workload it is known which revision is the newest; `ghosts` sessions are of no pod, and
 * pods at the places of `left` are of a deleted workload of the same name.
 */
const scene = parts.map(({ one, ghosts, left, places, replaced }) => {
  const { database } = one;
  const last = { atMs: startMs, sessions: [sessions(ghosts, { address: goneAddress })] };
  const known = { ...database, sessionSamples: [last], fleetAddresses: ofFleet(goneAddress) };
  const markLeft = (pod: PodFacts, at: number): PodFacts =>
    left[at] ? { ...pod, isOfPredecessor: true } : pod;
  const workloads = one.workloads.map((workload) => ({
    ...{ ...workload, updateRevision: "r2" },
    ...(replaced === undefined ? {} : { replacedPoolSize: replaced }),
    pods: workload.pods.map(markLeft).map((pod, at) => inPlace(pod, workload, places[at])),
  }));
  const policies = one.policies.map(placed);
  return { one: { ...one, database: known, policies, workloads }, ghosts };
});

/** Pods of a StatefulSet that is gone, and others, have none. */
function inPlace(pod: PodFacts, { kind }: PoolFacts, ordinal: number | undefined): PodFacts {
  return kind === "StatefulSet" && ordinal !== undefined ? { ...pod, ordinal } : pod;
}

/** What policies without a place count with is held by neighbours.test.ts. */
function placed(policy: PolicyFacts): PolicyFacts {
  return { ...policy, failure: undefined, findings: [], spec: { ...policy.spec, mode: "Enforce" } };
}

function slotsOf({ sizing }: PoolFacts, poolSize: number): number {
  return poolSize * sizing.processesPerPod + sizing.extraConnectionsPerPod;
}

function plannedPodsOf({ exists, replicas, autoscalerMaxReplicas = 0 }: PoolFacts): number {
  return exists ? Math.max(replicas, autoscalerMaxReplicas) : 0;
}

/** The most that a pod may be given that starts now, by whichever API server. */
function nextPoolSizeOf(workload: PoolFacts, policies: readonly PolicyFacts[]): number {
  const { grant, template, otherGrantPoolSize = 0 } = workload;
  const readyAtMs = policies.find(({ key }) => key === workload.policy)?.admissionReadyAtMs ?? 0;
  const unsized = startMs < readyAtMs ? template.poolSize : 0;
  const own = grant ? largestOf(grant) : template.poolSize;
  return Math.max(own, otherGrantPoolSize, unsized);
}

function largestOf(grant: GrantFacts): number {
  const { poolSize, settledAtMs, settlingPoolSize } = grant;
  const isSettling = startMs < settledAtMs;
  return Math.max(poolSize, isSettling ? settlingPoolSize : 0);
}

function replacementOf(workload: PoolFacts): TrueWorkload["replacement"] {
  if (!workload.exists) return "AtOnce";
  if (workload.kind === "StatefulSet") return "AfterOld";
  if (workload.strategy === "Recreate") return "Recreate";
  return workload.waitsForTermination ? "WithSurge" : "AtOnce";
}

function trueWorkloadOf(workload: PoolFacts, policies: readonly PolicyFacts[]): TrueWorkload {
  return {
    key: workload.key,
    replacement: replacementOf(workload),
    surgePods: workload.surgePods,
    replicas: workload.replicas,
    plannedPods: plannedPodsOf(workload),
    nextSlots: slotsOf(workload, nextPoolSizeOf(workload, policies)),
    pendingSlots: missingSlotsOf(workload),
    pods: truePodsOf(workload),
  };
}

/** Of the template before, in a rollout of a Deployment whose pods are sized by their template. */
function missingSlotsOf(workload: PoolFacts): number {
  const { kind, strategy, exists, grant, replicas, pods, replacedPoolSize = 0 } = workload;
  const isRollingUpdate = kind === "Deployment" && strategy === "RollingUpdate";
  if (!isRollingUpdate || !exists || grant || replacedPoolSize === 0) return 0;
  const live = pods.filter(({ terminating }) => !terminating).length;
  return Math.max(0, replicas - live) * slotsOf(workload, replacedPoolSize);
}

function truePodsOf(workload: PoolFacts): readonly TruePod[] {
  const areAllOld = !workload.exists || isYetToBeRecreated(workload);
  const isOld = ({ revision }: PodFacts): boolean => areAllOld || revision !== "r2";
  return workload.pods.map((pod): TruePod => {
    const { terminating, own, ordinal } = pod;
    const isMisplaced = ordinal !== undefined && {
      isMisplaced: ordinal >= plannedPodsOf(workload),
    };
    const slots = slotsOf(workload, own.poolSize);
    return { slots, terminating, isOld: isOld(pod), ...isMisplaced };
  });
}

/**
 * A Deployment makes the ReplicaSet of a Recreate rollout only when the last old pod has gone: the
 * newest that there is while they end is the old pods' own, and no successor starts beside them.
 */
function isYetToBeRecreated(workload: PoolFacts): boolean {
  return replacementOf(workload) === "Recreate" && mayHaveBegun(workload);
}

/** What a deleted workload left, and the one of its name: neither knows anything of the other. */
function withPredecessor(workload: PoolFacts): readonly PoolFacts[] {
  const left = workload.pods.filter(({ isOfPredecessor }) => isOfPredecessor);
  const pods = workload.pods.filter(({ isOfPredecessor }) => isOfPredecessor !== true);
  const gone = { ...workload, exists: false, pods: left, grant: undefined };
  return left.length === 0 ? [workload] : [{ ...workload, pods }, gone];
}

function oracleOf({ policies, workloads }: Snapshot, ghostSessions: number): number {
  const server: TrueServer = {
    ...{ maxConnections: 0, reservedConnections: 0, roleLimit: -1, reserveConnections: 0 },
    ...{ foreignSessions: 0, ownSessions: 0, ghostSessions, showsOrigins: true },
    rollouts: Math.max(...policies.map(({ spec }) => spec.reserve.rollouts)),
  };
  const counted = workloads
    .flatMap(withPredecessor)
    .map((workload) => trueWorkloadOf(workload, policies));
  return trueExposure(server, counted).slots;
}

/** Before anything of a plan is published. */
function accountOf(one: Snapshot): number {
  const { positions, capacity, foreign } = plan(one, startMs);
  return new Exposure(positions, capacity?.rolloutsMax ?? 1, foreign.ghostSlots).slots;
}

function replacesAtOnce(workload: PoolFacts): boolean {
  return replacementOf(workload) === "AtOnce" && workload.strategy === "RollingUpdate";
}

/** A rollout is known, and no pod of before: those that end may be the first to leave. */
function mayHaveBegun({ rollingOut, pods }: PoolFacts): boolean {
  const own = pods.filter(({ isOfPredecessor }) => isOfPredecessor !== true);
  return rollingOut && own.every(({ revision }) => revision === "r2");
}

describe("the account of exposure", () => {
  test("is what the oracle counts where new pods do not wait for old ones", () => {
    fc.assert(
      fc.property(scene, ({ one, ghosts }) => {
        const workloads = one.workloads.filter(
          (workload) => replacesAtOnce(workload) && !mayHaveBegun(workload),
        );
        expect(accountOf({ ...one, workloads })).toBe(oracleOf({ ...one, workloads }, ghosts));
      }),
      { numRuns: 500 },
    );
  });

  test("is never less than what the oracle counts", () => {
    fc.assert(
      fc.property(scene, ({ one, ghosts }) => {
        expect(accountOf(one)).toBeGreaterThanOrEqual(oracleOf(one, ghosts));
      }),
      { numRuns: 500 },
    );
  });
});
