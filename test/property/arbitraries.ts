// Arbitrary requests, workloads and snapshots for the laws: small numbers, so that bounds, ties and
// empty cases come up often, and every field that the arithmetic reads.

import { poolKeyOf } from "../../src/api/keys.ts";
import fc from "fast-check";
import type { PodFacts, PolicyFacts, Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import type { ShareRequest } from "../../src/domain/demand/share-request.ts";
import type { ShareTerms } from "../../src/domain/decide/shares.ts";
import * as build from "../support/builders.ts";
import type { ServiceSetup } from "./fleet-model.ts";

const sizing = fc
  .record({
    processesPerPod: fc.integer({ min: 1, max: 3 }),
    extraConnectionsPerPod: fc.integer({ min: 0, max: 2 }),
    weight: fc.integer({ min: 1, max: 4 }),
    floor: fc.integer({ min: 1, max: 4 }),
    more: fc.constantFrom(0, 3, 10, 20),
  })
  .map(({ more, ...rest }) => build.aSizing({ ...rest, ceiling: rest.floor + more }));

const request = fc
  .record({ sizing, plannedPods: fc.nat(6), roomPods: fc.nat(6) })
  .map(({ sizing: one, plannedPods, roomPods }) => {
    const ceiling = plannedPods === 0 ? one.floor : one.ceiling;
    const room = Math.min(roomPods, plannedPods);
    return { key: "", sizing: one, plannedPods, roomPods: room, floor: one.floor, ceiling };
  });

/** Up to `maxLength` requests, sorted by key as allocate() wants them. */
export function requests(maxLength: number): fc.Arbitrary<ShareRequest[]> {
  return fc
    .array(request, { maxLength, size: "max" })
    .map((list) =>
      list.map((one, index) => ({ ...one, key: poolKeyOf(`shop/Deployment/w${index}`) })),
    );
}

export const shareTerms: fc.Arbitrary<ShareTerms> = fc.record({
  budgetSlots: fc.nat(300),
  rolloutsMax: fc.nat(3),
  basis: fc.constantFrom("Workload", "Pod"),
});

const poolSize = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(1, 10, 50));
function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

const rarely = fc.constantFrom(true, false, false, false, false, false, false);

const pod: fc.Arbitrary<PodFacts> = fc
  .record({
    poolSize,
    revision: fc.constantFrom("r1", "r1", "r1", "r1", "r1", "r2", "r3"),
    createdAtMs: fc.nat(100).map((seconds) => build.startMs - seconds * 1000),
    terminating: rarely,
    sized: fc.boolean(),
  })
  .map((one) => build.pods(1, one)[0] as PodFacts);

const grant = fc.option(
  fc
    .record({
      poolSize,
      settlingPoolSize: poolSize,
      settlesInMs: fc.constantFrom(-1, -1, -1, 0, 1, 5000),
      /** By what the operator has seen itself. */
      seenInMs: fc.constantFrom(undefined, undefined, undefined, -1, 1, 5000),
    })
    .map(({ settlesInMs, seenInMs, ...one }) => ({
      ...one,
      settledAtMs: build.startMs + settlesInMs,
      ...(seenInMs === undefined ? {} : { unsettledUntilMs: build.startMs + seenInMs }),
    })),
  { nil: undefined },
);

const kinds = fc.constantFrom<Partial<PoolFacts>>(
  {},
  {},
  {},
  { kind: "StatefulSet", updateRevision: "r2" },
  { kind: "StatefulSet", strategy: "OnDelete" },
  { strategy: "Recreate" },
  { waitsForTermination: true },
  { paused: true },
  { exists: false },
  { claimedBy: ["shop/orders", "shop/other"] },
);

const workload: fc.Arbitrary<PoolFacts> = fc
  .record({
    kind: kinds,
    sizing,
    grant,
    pods: fc.array(pod, { maxLength: 6 }),
    policy: fc.constantFrom("shop/orders", "shop/orders", "bank/ledger"),
    replicas: fc.nat(6),
    surgePods: fc.nat(3),
    updatedReplicas: fc.constantFrom(undefined, undefined, undefined, 0, 1, 3),
    rollingOut: rarely,
    autoscalerMaxReplicas: fc.option(fc.nat(8), { nil: undefined }),
    template: poolSize.map(build.anOwnSize),
    templateIsWhole: fc.boolean(),
    rolledAtMs: fc.constantFrom(undefined, build.startMs - 1000, 0),
    reverts: fc.constantFrom(0, 0, 3),
    otherGrantPoolSize: fc.oneof(...times(6, fc.constant(undefined)), poolSize),
  })
  .map(({ kind, updatedReplicas, otherGrantPoolSize, ...rest }) => {
    const updated = updatedReplicas === undefined ? {} : { updatedReplicas };
    const others = otherGrantPoolSize === undefined ? {} : { otherGrantPoolSize };
    const claimedBy = [rest.policy];
    return build.aWorkload("w", { ...rest, ...updated, ...others, claimedBy, ...kind });
  });

const policySpec = fc.record({
  mode: fc.constantFrom("Enforce", "Enforce", "Observe"),
  basis: fc.constantFrom("Workload", "Pod"),
  rebalance: fc.constantFrom("Always", "Always", "ShrinkOnly", "Never"),
  reserve: fc.record({ connections: fc.nat(20), rollouts: fc.nat(3) }),
});

function policy(name: string, namespace: string): fc.Arbitrary<PolicyFacts> {
  return fc
    .record({
      spec: policySpec,
      delivery: fc.constantFrom("Admission", "Admission", "Template"),
      /** When every API server acts on the admission policy, if that is not long ago. */
      readyInMs: fc.oneof(...times(6, fc.constant(undefined)), fc.constantFrom(0, 20_000)),
    })
    .map(({ readyInMs, ...options }) => {
      const ready =
        readyInMs === undefined ? {} : { admissionReadyAtMs: build.startMs + readyInMs };
      return build.aPolicy(name, { namespace, ...options, ...ready });
    });
}

/** Two policies of two namespaces on one server, with up to five workloads. */
export const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    policies: fc.tuple(policy("orders", "shop"), policy("ledger", "bank")),
    workloads: fc.array(workload, { maxLength: 5 }),
    maxConnections: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 400, max: 1500 })),
    foreignCount: fc.nat(20),
    ghostCount: fc.nat(10),
    synced: fc.constantFrom(true, true, true, false),
    failed: fc.constantFrom(false, false, false, true),
  })
  .map(({ workloads, maxConnections, foreignCount, ghostCount, failed, ...rest }) => {
    const foreign = build.sessions(foreignCount);
    const ghosts = build.sessions(ghostCount, { address: "10.0.0.1" });
    const reading = build.aReading({ maxConnections, sessions: [foreign, ghosts] });
    const reason = "DatabaseUnreachable" as const;
    const failure = failed ? { reason, message: "refused", atMs: build.startMs } : undefined;
    const fleetAddresses = build.ofFleet("10.0.0.1");
    return build.aSnapshot({
      ...rest,
      database: build.aDatabase({ reading, failure, fleetAddresses }),
      workloads: workloads.map((one, index) => named(one, `w${index}`)),
    });
  });

function named(one: PoolFacts, name: string): PoolFacts {
  const namespace = one.policy.split("/")[0] ?? "";
  return { ...one, name, namespace, ...build.keysOf({ ...one, name, namespace }) };
}

/** What a service of a modelled fleet is found as. */
export const serviceSetup: fc.Arbitrary<ServiceSetup> = fc
  .record({
    strategy: fc.constantFrom("Rolling", "Rolling", "Waiting", "Recreate", "StatefulSet"),
    replicas: fc.integer({ min: 0, max: 6 }),
    more: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
    ownPoolSize: fc.constantFrom(1, 4, 10, 50),
    floor: fc.integer({ min: 1, max: 3 }),
    weight: fc.integer({ min: 1, max: 3 }),
    processesPerPod: fc.integer({ min: 1, max: 2 }),
    surgePods: fc.integer({ min: 1, max: 4 }),
    isRunning: fc.boolean(),
  })
  .map(({ more, ...rest }) => ({
    ...rest,
    maxReplicas: more === undefined ? undefined : Math.max(1, rest.replicas + more),
  }));
