// A Deployment that is changed again in the middle of a rollout, while its controller is late: the
// pods of its newest ReplicaSet may leave as well, and nobody grows into what they hold.

import { expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { aGrant, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

/** Four pods of a rollout, beside four that it has yet to replace. */
function rollingOut(more: Partial<PoolFacts> = {}): PoolFacts {
  return aWorkload("web", {
    ...{ pods: [...pods(4, { revision: "r2" }), ...pods(4, { revision: "r1" })], replicas: 4 },
    ...{ rollingOut: true, updateRevision: "r2", grant: aGrant(10), sizing: { ceiling: 10 } },
    ...more,
  });
}

/** What another workload of one pod is given of the 187 slots, and what is said to be used. */
function decided(web: PoolFacts): { readonly api: number; readonly usedSlots: number } {
  const api = aWorkload("api", { pods: pods(1), grant: aGrant(10), sizing: { ceiling: 100 } });
  const { pools, exposure } = plan(aSnapshot({ workloads: [web, api] }), startMs);
  const { grant } = pools.find(({ position }) => position.pool.name === "api") ?? {};
  return { api: grant?.poolSize ?? 0, usedSlots: exposure.slots };
}

test("pods of the newest ReplicaSet may leave too, and nobody grows into that", () => {
  const [seen, unseen] = [decided(rollingOut()), decided(rollingOut({ isUnseen: true }))];
  expect(seen.api).toBe(73);
  expect(unseen.api).toBe(67);
});

test("the account says what is known", () => {
  const full = { pods: [...pods(9, { revision: "r2" }), ...pods(9, { revision: "r1" })] };
  const [seen, unseen] = [
    decided(rollingOut(full)),
    decided(rollingOut({ ...full, isUnseen: true })),
  ];
  expect(unseen.usedSlots).toBe(seen.usedSlots);
});

const gated: Partial<PoolFacts> = {
  ...{ live: true, start: "WhenSlotsAreFree" },
  grant: aGrant(10, { gatedFromMs: startMs - 60_000 }),
};
/** Their room covers what they hold. */
const fresh = { pods: pods(4, { poolSize: 20 }), updateRevision: "r1" };

test.each<{ readonly name: string; readonly more: Partial<PoolFacts> }>([
  { name: "no pod leaves, so that the room is for its rollout", more: fresh },
  { name: "new pods wait for old ones", more: { waitsForTermination: true } },
  { name: "they wait behind a gate", more: gated },
])("it makes no difference where $name", ({ more }) => {
  expect(decided(rollingOut({ ...more, isUnseen: true }))).toEqual(decided(rollingOut(more)));
});
