// What applies a plan, on an API server that answers as the test says.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { ObservedObject } from "../../src/observed.ts";
import type { Cluster, Outcome } from "../../src/ports.ts";
import { noActs } from "../../src/reconcile/apply/acts-of-now.ts";
import type { Applier } from "../../src/reconcile/apply/apply.ts";
import { PassingFailures } from "../../src/reconcile/apply/attempts.ts";
import { ContestedActs } from "../../src/reconcile/memory/contested-acts.ts";
import { DoubtfulGrants } from "../../src/reconcile/memory/doubtful-grants.ts";
import { Expectations } from "../../src/reconcile/memory/expectations.ts";
import { GrowthHolds } from "../../src/reconcile/memory/growth-holds.ts";
import { LiveMemory } from "../../src/reconcile/memory/live-memory.ts";
import { PastEvictions } from "../../src/reconcile/memory/past-evictions.ts";
import { PastRolls } from "../../src/reconcile/memory/past-rolls.ts";
import { Refusals } from "../../src/reconcile/memory/refusals.ts";
import { WrittenStatuses } from "../../src/reconcile/memory/written-statuses.ts";

export interface Writes {
  readonly statuses: PoolPolicyStatus[];
  readonly applies: object[];
}

/** Whatever is not given is refused, but for statuses and rolls. */
export function applierOn(answers: Partial<Cluster>): Applier & { readonly writes: Writes } {
  const writes: Writes = { statuses: [], applies: [] };
  const refuse = (): Promise<never> => Promise.reject(new Error("nobody asked for this"));
  const cluster: Cluster = {
    readData: refuse,
    readWorkload: refuse,
    apply: (manifest) => {
      writes.applies.push(manifest);
      return Promise.resolve(stored("2"));
    },
    release: refuse,
    remove: refuse,
    writeStatus: (_policy, _version, status) => {
      writes.statuses.push(status);
      return Promise.resolve(stored("2"));
    },
    evict: refuse,
    resizePod: refuse,
    releasePod: refuse,
    createEvent: refuse,
    ...answers,
  };
  const [statuses, templates] = [new Expectations<never>(), new Expectations<true>()];
  const pastRolls = new PastRolls();
  const refusals = new Refusals();
  return {
    cluster,
    statuses,
    templates,
    pastRolls,
    pastEvictions: new PastEvictions(),
    written: new WrittenStatuses(),
    doubtful: new DoubtfulGrants(),
    live: new LiveMemory(),
    refusals,
    passing: new PassingFailures(),
    contested: new ContestedActs(),
    growth: new GrowthHolds(),
    clock: { monotonicMs: () => 0 },
    isCurrent: () => true,
    decideAgain: () => Promise.resolve(noActs),
    writes,
  };
}

export function stored(resourceVersion: string): Outcome<ObservedObject> {
  return { kind: "ok", value: { key: "shop/orders", uid: "uid", resourceVersion } };
}
