// One namespace that changes large objects without end, beside another: the whole operator on a
// clock of the test's. What reading them costs is charged to that namespace, and nothing is lost.

import { expect, test } from "vitest";
import { OperatorError } from "../../src/errors.ts";
import type { ObservedPolicy } from "../../src/observed.ts";
import type { UnreadEvent, WatchEvent } from "../../src/ports.ts";
import { aReading } from "../support/builders.ts";
import { type Changes, policyOf, startTenants, type Tenants } from "../support/tenants.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const answerMs = 5;

interface Change {
  readonly atMs: number;
  readonly namespace: string;
  readonly name: string;
}

interface Read {
  readonly key: string;
  readonly atMs: number;
}

/** Large policies that change, and each reading of one of them. */
class LargePolicies {
  readonly reads: Read[] = [];
  readonly #clock: VirtualClock;
  readonly #busyMs: number;
  /** Errors of the first readings. */
  readonly failures: OperatorError[] = [];

  constructor(clock: VirtualClock, busyMs: number) {
    this.#clock = clock;
    this.#busyMs = busyMs;
  }

  changes(list: readonly Change[]): Changes {
    return async function* changing(
      this: LargePolicies,
    ): AsyncGenerator<WatchEvent<ObservedPolicy>> {
      for (const [place, { atMs, namespace, name }] of list.entries()) {
        await this.#until(atMs);
        yield this.#event(policyOf(namespace, name), String(place + 2));
      }
      await new Promise(() => undefined);
    }.bind(this);
  }

  readsOf(namespace: string): number {
    return this.reads.filter(({ key }) => key.startsWith(`${namespace}/`)).length;
  }

  #event(policy: ObservedPolicy, resourceVersion: string): UnreadEvent<ObservedPolicy> {
    const { key } = policy;
    const read: UnreadEvent<ObservedPolicy>["read"] = async (_, tellBusy) => {
      this.reads.push({ key, atMs: this.#clock.monotonicMs() });
      await new Promise<void>((resolve) => this.#clock.after(answerMs, resolve));
      const failure = this.failures.shift();
      if (failure) throw failure;
      tellBusy(this.#busyMs);
      return { ...policy, resourceVersion };
    };
    return { type: "unread", key, resourceVersion, read };
  }

  async #until(atMs: number): Promise<void> {
    const leftMs = Math.max(0, atMs - this.#clock.monotonicMs());
    await new Promise<void>((resolve) => this.#clock.after(leftMs, resolve));
  }
}

function start(clock: VirtualClock, changes: Changes): Tenants {
  return startTenants({
    ...{ clock, changes, policies: [] },
    database: { read: () => Promise.resolve({ kind: "read", reading: aReading() }) },
  });
}

/** `count` policies of the tenant, changed in turn, 20 changes a second, for ten seconds. */
function hammering(count: number): Change[] {
  return Array.from({ length: 200 }, (_, place) => ({
    ...{ atMs: place * 50, namespace: "tenant", name: `t-${place % count}` },
  }));
}

test.each([1, 50])("changes of %i large objects leave others most of the thread", async (count) => {
  const clock = new VirtualClock();
  const policies = new LargePolicies(clock, 30);
  start(clock, policies.changes(hammering(count)));
  await clock.advance(10_000);
  expect(policies.readsOf("tenant") * 30).toBeLessThanOrEqual(10_000 / 15);
  expect(policies.readsOf("tenant")).toBeGreaterThan(15);
});

test("they keep no large object of another namespace waiting", async () => {
  const clock = new VirtualClock();
  const policies = new LargePolicies(clock, 30);
  const changes = [...hammering(50), { atMs: 5_010, namespace: "shop", name: "orders" }];
  const inOrder = changes.toSorted((a, b) => a.atMs - b.atMs);
  start(clock, policies.changes(inOrder));
  await clock.advance(10_000);
  const read = policies.reads.find(({ key }) => key === "shop/orders");
  expect((read?.atMs ?? Infinity) - 5_010).toBeLessThanOrEqual(answerMs);
});

test.each([
  { name: "an API server that was away", error: new OperatorError("K8S_UNAVAILABLE", "away") },
  {
    name: "one that refused it for good",
    error: new OperatorError("K8S_INVALID", "refused", { retry: "never" }),
  },
])("the last change is read after $name", async ({ error }) => {
  const clock = new VirtualClock();
  const policies = new LargePolicies(clock, 30);
  policies.failures.push(error, error);
  const changes = policies.changes([{ atMs: 1_000, namespace: "shop", name: "orders" }]);
  const tenants = start(clock, changes);
  await clock.advance(200_000);
  expect(policies.reads).toHaveLength(3);
  expect(tenants.decisionsOn("orders:5432")).toBeGreaterThan(0);
});
