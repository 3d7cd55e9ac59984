// Laws of what we keep in the cluster: whatever people do to it, it is as it should be a while
// after they stopped, and then nothing is written; what went wrong is said no longer than it was.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Clock } from "../../src/ports.ts";
import { AlertRules } from "../../src/reconcile/report/alert-rules.ts";
import { CarriedFindings } from "../../src/reconcile/memory/carried-findings.ts";
import { keepRules } from "../../src/reconcile/report/report.ts";
import { aPolicy } from "../support/builders.ts";
import { MemoryCluster } from "../support/memory-world/cluster.ts";
import { MemoryStores } from "../support/memory-world/stores.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const key = "shop/poolpolicy-orders";
const deed = fc.record({
  what: fc.constantFrom("delete", "change", "changeBeside", "look"),
  waitMs: fc.constantFrom(0, 100, 1_000, 9_000, 60_000, 400_000),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** One policy's rule, looked at when the cache changes and when it was said to be due. */
class Bench {
  nowMs = 0;
  readonly stores = new MemoryStores();
  readonly cluster = new MemoryCluster(this.stores, () => this.nowMs);
  readonly #clock: Clock = {
    nowMs: () => this.nowMs,
    monotonicMs: () => this.nowMs,
    after: () => () => undefined,
  };
  readonly #rules = new AlertRules({
    cluster: this.cluster,
    clock: this.#clock,
    notes: new CarriedFindings(),
    runbookBaseUrl: "https://wiki.example/",
    store: this.stores.alertRules,
  });
  readonly #policy = aPolicy("orders");
  #dueAtMs = Infinity;
  /** Requests to write the rule, whether they changed anything or not. */
  requests = 0;

  constructor() {
    this.cluster.refuse = () => {
      this.requests += 1;
      return undefined;
    };
  }

  /** Twice, as the watch wakes it by what it has written. */
  async look(): Promise<void> {
    const server = { server: "db:5432", snapshot: { policies: [this.#policy] } };
    await keepRules({ rules: this.#rules, clock: this.#clock }, server);
    const dueInMs = await keepRules({ rules: this.#rules, clock: this.#clock }, server);
    this.#dueAtMs = dueInMs === undefined ? Infinity : this.nowMs + dueInMs;
  }

  async wait(forMs: number): Promise<void> {
    const endMs = this.nowMs + forMs;
    while (this.#dueAtMs <= endMs) {
      this.nowMs = Math.max(this.nowMs, this.#dueAtMs);
      await this.look();
    }
    this.nowMs = endMs;
  }

  perform({ what }: Deed): void {
    const { alertRules } = this.stores;
    const before = alertRules.get(key);
    if (!before || what === "look") return;
    const resourceVersion = this.stores.nextVersion();
    if (what === "delete") alertRules.delete(key);
    else if (what === "change") alertRules.set({ ...before, resourceVersion, ownFields: "some" });
    else alertRules.set({ ...before, resourceVersion });
  }
}

test("a rule stands again a while after people let it be, and is then not written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async (deeds) => {
      const bench = new Bench();
      for (const one of [{ what: "look", waitMs: 0 } as const, ...deeds]) {
        bench.perform(one);
        await bench.look();
        await bench.wait(one.waitMs);
      }
      await bench.wait(10 * minuteMs);
      await bench.look();

      expect(bench.stores.alertRules.get(key)?.ownFields).toBe("all");
      const undone = deeds.filter(({ what }) => what === "delete" || what === "change");
      expect(bench.requests).toBeLessThanOrEqual(1 + undone.length);
      const { requests } = bench;
      await bench.wait(60 * minuteMs);
      await bench.look();
      expect(bench.requests).toBe(requests);
    }),
    { numRuns: 200 },
  );
});

test("a roll that happened is not said to have failed, whichever answers were lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 4 }), async (lost) => {
      const world = new MemoryWorld();
      let answers = 0;
      world.cluster.losesAnswer = () => lost[answers++] ?? false;
      world.policy("orders");
      for (const name of ["web", "worker"]) world.deployment(name);
      await world.pass(4 * minuteMs, 2_000);
      expect(world.status("orders").findings ?? []).toEqual([]);
    }),
    { numRuns: 10 },
  );
}, 60_000);
