// How long the pods that one namespace lets wait keep another's statuses waiting, on one server and
// on several that are decided together, where each write takes its time.

import { expect, test } from "vitest";
import type { PolicyFacts, Snapshot } from "../../src/domain/facts/facts.ts";
import { planUnit } from "../../src/domain/decide/plan-unit.ts";
import { inWriteOrder } from "../../src/domain/decide/write-order.ts";
import type { Cluster } from "../../src/ports.ts";
import { noActs } from "../../src/reconcile/apply/acts-of-now.ts";
import { apply, type Applier } from "../../src/reconcile/apply/apply.ts";
import { PodTime } from "../../src/reconcile/apply/pod-time.ts";
import { PassingFailures } from "../../src/reconcile/apply/attempts.ts";
import { ContestedActs } from "../../src/reconcile/memory/contested-acts.ts";
import { DoubtfulGrants } from "../../src/reconcile/memory/doubtful-grants.ts";
import { GrowthHolds } from "../../src/reconcile/memory/growth-holds.ts";
import { Expectations } from "../../src/reconcile/memory/expectations.ts";
import { LiveMemory } from "../../src/reconcile/memory/live-memory.ts";
import { PastEvictions } from "../../src/reconcile/memory/past-evictions.ts";
import { PastRolls } from "../../src/reconcile/memory/past-rolls.ts";
import { Refusals } from "../../src/reconcile/memory/refusals.ts";
import { WrittenStatuses } from "../../src/reconcile/memory/written-statuses.ts";
import * as build from "../support/builders.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const { aGrant, aPolicy, aWorkload, pods, startMs } = build;
const writeMs = 20;
const waitingEach = 600;
const victims = 5;

interface Begun {
  readonly what: string;
  readonly atMs: number;
}

/** An API server that takes its time for each write. */
function slowApplier(clock: VirtualClock, begun: Begun[], servers: number): Applier {
  const refuse = (): Promise<never> => Promise.reject(new Error("nobody asked for this"));
  const slow = async <T>(what: string, value: T): Promise<{ kind: "ok"; value: T }> => {
    begun.push({ what, atMs: clock.monotonicMs() });
    await new Promise<void>((resolve) => clock.after(writeMs, resolve));
    return { kind: "ok", value };
  };
  const cluster: Cluster = {
    ...{ readData: refuse, readWorkload: refuse, apply: refuse, release: refuse, remove: refuse },
    ...{ evict: refuse, createEvent: refuse },
    resizePod: ({ key }) => slow(key, undefined),
    releasePod: ({ key }) => slow(key, undefined),
    writeStatus: (key) => slow(key, { key, uid: "uid", resourceVersion: "2" }),
  };
  return {
    ...{ cluster, clock, statuses: new Expectations<never>(), templates: new Expectations<true>() },
    ...{ pastRolls: new PastRolls(), pastEvictions: new PastEvictions(), live: new LiveMemory() },
    ...{ written: new WrittenStatuses(), doubtful: new DoubtfulGrants(), refusals: new Refusals() },
    ...{ passing: new PassingFailures(), contested: new ContestedActs(), isCurrent: () => true },
    ...{ decideAgain: () => Promise.resolve(noActs), decidedAtMs: 0 },
    growth: new GrowthHolds(),
    podTime: new PodTime(clock, servers),
  };
}

/** Pods of the crowd that wait on each server; the victim's policies are on the last one. */
function snapshotOf(server: number, isLast: boolean): Snapshot {
  const crowd = aPolicy(`c${server}`, { namespace: "crowd", status: {} });
  const waiting = Array.from({ length: waitingEach }, (_, index) =>
    pods(1, { name: `crowd/w${server}-${index}`, gate: { place: 0 } }),
  );
  const gated = aWorkload(`w${server}`, {
    ...{ namespace: "crowd", policy: crowd.key, replicas: waitingEach, grant: aGrant(1) },
    waitingPods: waiting.flat(),
  });
  const names = Array.from({ length: isLast ? victims : 0 }, (_, index) => `v${index}`);
  const policies = names.map((name) => aPolicy(name, { namespace: "victim", status: {} }));
  return build.aSnapshot({
    server: `s${String(server).padStart(2, "0")}:5432`,
    policies: [crowd, ...policies],
    workloads: [gated, ...policies.map(victimOf)],
    database: build.aDatabase({ reading: build.aReading({ maxConnections: 5_000 }) }),
  });
}

/** One of its pods waits as well. */
function victimOf({ key }: PolicyFacts, index: number): Snapshot["workloads"][number] {
  return aWorkload(`v${index}`, {
    ...{ namespace: "victim", policy: key, replicas: 2, grant: aGrant(20) },
    pods: pods(1, { poolSize: 20 }),
    waitingPods: pods(1, { name: `victim/v${index}-0`, gate: { place: 0 } }),
  });
}

async function decided(servers: number): Promise<{ begun: readonly Begun[]; tookMs: number }> {
  const clock = new VirtualClock(startMs);
  const begun: Begun[] = [];
  const applier = slowApplier(clock, begun, servers);
  const snapshots = Array.from({ length: servers }, (_, at) => snapshotOf(at, at === servers - 1));
  const plans = inWriteOrder(planUnit(snapshots, startMs));
  let tookMs = Infinity;
  const applying = (async (): Promise<void> => {
    for (const plan of plans) await apply(applier, plan, new AbortController().signal);
    tookMs = clock.monotonicMs();
  })();
  await clock.advance(10 * 60_000);
  await applying;
  return { begun, tookMs };
}

test.each([1, 17])(
  "pods that wait leave others the time for their statuses and pods: on %i servers",
  async (servers) => {
    const { begun, tookMs } = await decided(servers);
    const ofVictim = begun.filter(({ what }) => what.startsWith("victim/"));
    const statuses = ofVictim.filter(({ what }) => !what.endsWith("-0"));
    expect([statuses.length, ofVictim.length]).toEqual([victims, 2 * victims]);
    expect(tookMs).toBeLessThanOrEqual(2_000 + 4 * servers * writeMs);
  },
);
