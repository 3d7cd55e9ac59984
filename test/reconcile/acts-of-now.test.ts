// Statuses take their time. What is done after them is done on the facts of now.

import { expect, test } from "vitest";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { type ActsWanted, actsOfNow } from "../../src/reconcile/apply/acts-of-now.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../support/builders.ts";

/** One roll is wanted, of web to the pool size; a deploy under way holds it. */
function decided(poolSize: number, isDeployed = false): Plan {
  const spec = { stability: { cooldown: "1s" } };
  const web = aWorkload("web", {
    ...{ grant: aGrant(poolSize), pods: pods(2, { poolSize: 5 }) },
    ...{
      sizing: { ceiling: poolSize },
      rollingOut: isDeployed,
      updatedReplicas: isDeployed ? 1 : 2,
    },
    updateRevision: isDeployed ? "r2" : "r1",
  });
  return plan(aSnapshot({ policies: [aPolicy("orders", { spec })], workloads: [web] }), startMs);
}

interface Row {
  readonly name: string;
  readonly tookMs: number;
  readonly now: Plan;
  readonly isWanted: boolean;
  readonly asked: number;
}

const rows: Row[] = [
  { name: "at once", tookMs: 250, now: decided(40, true), isWanted: true, asked: 0 },
  {
    name: "later, and it is still wanted",
    tookMs: 251,
    now: decided(40),
    isWanted: true,
    asked: 1,
  },
  {
    name: "later, after a deploy",
    tookMs: 2_000,
    now: decided(40, true),
    isWanted: false,
    asked: 1,
  },
  { name: "later, to another size", tookMs: 2_000, now: decided(30), isWanted: false, asked: 1 },
];

test.each(rows)("a roll is begun $name: $isWanted", async ({ tookMs, now, isWanted, asked }) => {
  const before = decided(40);
  expect(before.rolls.roll).toBeDefined();
  let times = 0;
  const decideAgain = (): Promise<ActsWanted> => {
    times += 1;
    return Promise.resolve(now.rolls);
  };
  const clock = { monotonicMs: () => 1_000 + tookMs };

  const { roll, eviction } = await actsOfNow({ clock, decideAgain }, before.rolls, 1_000);

  expect(times).toBe(asked);
  expect(eviction).toBeUndefined();
  expect(roll?.poolSize).toBe(isWanted ? 40 : undefined);
  if (isWanted && asked > 0) expect(roll).toBe(now.rolls.roll);
});

test("one pod of it is evicted where there is no room for the roll any more", async () => {
  const before = decided(40);
  const wish = before.rolls.roll;
  const [pod] = pods(1);
  if (!wish || !pod) throw new Error("a roll is wanted");
  const now = (poolSize: number): ActsWanted => ({
    roll: undefined,
    eviction: { wish: { ...wish, poolSize }, pod, slots: 5 },
  });
  const clock = { monotonicMs: () => 2_000 };
  const acts = async (poolSize: number): Promise<ActsWanted> =>
    await actsOfNow(
      { clock, decideAgain: () => Promise.resolve(now(poolSize)) },
      before.rolls,
      1_000,
    );

  expect((await acts(40)).eviction?.pod).toBe(pod);
  expect((await acts(30)).eviction).toBeUndefined();
});

test("where nothing is wanted nothing is decided again", async () => {
  const decideAgain = (): Promise<never> => Promise.reject(new Error("nobody asked for this"));
  const clock = { monotonicMs: () => 60_000 };
  const none = { roll: undefined, eviction: undefined };
  expect(await actsOfNow({ clock, decideAgain }, none, 0)).toEqual(none);
});
