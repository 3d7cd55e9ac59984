// Who holds slots that somebody waits for, the most first; and that this is not worked out for each
// row anew: with 10,000 workloads that was 100 million looks.

import { expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

/** `array`, with how often an entry was read. */
function counted<T>(array: readonly T[]): { readonly array: readonly T[]; reads: number } {
  const counter = { array, reads: 0 };
  counter.array = new Proxy(array, {
    get: (target, key, receiver) => {
      if (typeof key === "string" && /^\d+$/.test(key)) counter.reads++;
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  return counter;
}

test("rows that wait for slots do not look at every workload each", () => {
  const workloads = Array.from({ length: 200 }, (_, index) =>
    aWorkload(`service-${index}`, {
      pods: pods(2, { poolSize: 2 + (index % 2) * 40 }),
      grant: aGrant(2),
    }),
  );
  const policy = aPolicy();
  const decided = plan(
    aSnapshot({ policies: [policy], workloads, maxConnections: 4_500 }),
    startMs,
  );
  const positions = counted(decided.positions);

  const { workloads: rows = [] } = statusOf({ ...decided, positions: positions.array }, policy);

  const waiting = rows.filter(({ message }) => message.includes("held by"));
  expect(waiting.length).toBeGreaterThan(50);
  expect(positions.reads).toBeLessThan(20 * workloads.length);
});

test("the most slots come first, and who holds nothing more than its share is not among them", () => {
  const decided = plan(
    aSnapshot({
      policies: [aPolicy()],
      workloads: [
        aWorkload("api", { pods: pods(3, { poolSize: 30 }), grant: aGrant(30) }),
        aWorkload("idle", { pods: pods(1, { poolSize: 1 }), grant: aGrant(1) }),
        aWorkload("web", { pods: pods(3, { poolSize: 40 }), grant: aGrant(40) }),
      ],
      maxConnections: 100,
    }),
    startMs,
  );

  const named = decided.holders.map(({ position }) => position?.workload.name);

  expect(named).toEqual(["web", "api"]);
});
