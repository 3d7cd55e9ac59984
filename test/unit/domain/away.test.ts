// Who is away, and until when others wait for it.

import { expect, test } from "vitest";
import { whoIsAway } from "../../../src/domain/decide/away.ts";
import type { PolicyFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { aGrant, aPolicy, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const lastEviction = { atMs: startMs - hourMs, poolSize: 8, timesInVain: 0 };

interface Row {
  readonly name: string;
  readonly facts: Partial<PoolFacts>;
  readonly policy?: PolicyFacts;
  /** Undefined: nobody is away. */
  readonly says?: RegExp;
  readonly untilMs?: number;
}

function ending(endingSinceMs: number): PoolFacts["pods"] {
  return [...pods(2), ...pods(1, { terminating: true, endingSinceMs })];
}

function starting(createdAtMs: number, isSinceEviction?: true): PoolFacts["pods"] {
  const more = isSinceEviction ? { isSinceEviction } : {};
  return [...pods(2), ...pods(1, { unready: true, createdAtMs, ...more })];
}

const missing = { pods: pods(2), replicas: 3 };

const failure = { reason: "DatabaseUnreachable", message: "no answer" } as const;
const unusable = aPolicy("orders", { failure });
const observed = aPolicy("orders", { spec: { mode: "Observe" } });
const justEvicted = { ...lastEviction, atMs: startMs - minuteMs };
const whileEnding = { pods: ending(startMs - minuteMs), replicas: 2 };

const rows: readonly Row[] = [
  { name: "nobody", facts: {} },
  {
    name: "a pod that ends, for 5 min",
    facts: { pods: ending(startMs - minuteMs), replicas: 2 },
    says: /^, once pod-\d+ is gone$/,
    untilMs: startMs + 4 * minuteMs,
  },
  {
    name: "not one that has been ending for longer",
    facts: { pods: ending(startMs - 5 * minuteMs), replicas: 2 },
  },
  {
    name: "one that may have been told to end",
    facts: { pods: pods(2, { evictionDoubtedUntilMs: startMs + 1 }) },
    says: /^, once it is known whether pod-\d+ was evicted$/,
    untilMs: startMs + 1,
  },
  {
    name: "one that is missing, for 5 min",
    facts: { ...missing, missingSinceMs: startMs - minuteMs },
    says: /^, once 1 missing pod of web is there$/,
    untilMs: startMs + 4 * minuteMs,
  },
  {
    name: "one that is missing in a StatefulSet, where another runs beyond its replicas",
    facts: {
      ...{ kind: "StatefulSet", replicas: 2, missingSinceMs: startMs - minuteMs },
      pods: [1, 2].flatMap((ordinal) => pods(1, { ordinal })),
    },
    says: /^, once 1 missing pod of web is there$/,
    untilMs: startMs + 4 * minuteMs,
  },
  {
    name: "one that is missing since an eviction, for an hour",
    facts: { ...missing, lastEviction, missingSinceMs: lastEviction.atMs + minuteMs },
    says: /missing/,
    untilMs: startMs + minuteMs,
  },
  {
    name: "one that is starting, for 5 min",
    facts: { pods: starting(startMs - minuteMs) },
    says: /^, once pod-\d+ is ready$/,
    untilMs: startMs + 4 * minuteMs,
  },
  {
    name: "not one that has not been ready for longer",
    facts: { pods: starting(startMs - 5 * minuteMs) },
  },
  {
    name: "one that came after an eviction, for an hour",
    facts: { pods: starting(startMs - 5 * minuteMs, true) },
    says: /ready/,
    untilMs: startMs + 55 * minuteMs,
  },
  {
    name: "one that is starting while its workload rolls out",
    facts: { pods: starting(startMs - minuteMs), rollingOut: true },
    says: /ready/,
    untilMs: startMs + 4 * minuteMs,
  },
  {
    name: "a pod that ends while its policy cannot be used, whoever evicted it",
    facts: whileEnding,
    policy: unusable,
    says: /^, once pod-\d+ is gone$/,
    untilMs: startMs + 4 * minuteMs,
  },
  {
    name: "not one of a policy that cannot be used and has granted nothing",
    facts: { ...whileEnding, grant: undefined },
    policy: unusable,
  },
  {
    name: "a pod that we evicted before its policy was set to Observe",
    facts: { ...whileEnding, grant: undefined, lastEviction: justEvicted },
    policy: observed,
    says: /^, once pod-\d+ is gone$/,
    untilMs: startMs + 4 * minuteMs,
  },
  {
    name: "not one that ends by itself while its policy observes",
    facts: { ...whileEnding, grant: undefined },
    policy: observed,
  },
  {
    name: "a pod that we evicted before another policy claimed its workload",
    facts: { ...whileEnding, claimedBy: ["shop/orders", "shop/other"], lastEviction: justEvicted },
    says: /^, once pod-\d+ is gone$/,
    untilMs: startMs + 4 * minuteMs,
  },
];

test.each(rows)("$name", ({ facts, policy, says, untilMs }) => {
  const position = aPosition(aWorkload("web", { grant: aGrant(8), ...facts }), policy);
  const away = whoIsAway({ positions: [position], nowMs: startMs }, "shop");
  expect(away?.untilMs).toBe(untilMs);
  if (says === undefined) expect(away).toBeUndefined();
  else expect(away?.say(position.policy.key)).toMatch(says);
});

test("to readers of other policies, a pod is one of a workload of its policy", () => {
  const position = aPosition(aWorkload("web", { grant: aGrant(8), pods: ending(startMs) }));
  const said = whoIsAway({ positions: [position], nowMs: startMs }, "shop")?.say("team-b/p2");
  expect(said).toBe(", once a pod of a workload of policy shop/orders is gone");
});

test("of a workload that nobody selects any more, a pod that was evicted has 5 min to come back", () => {
  const evictedAtMs = startMs - minuteMs;
  const served = { shop: { evictedAtMs, evictedOf: "shop/Deployment/web" } };
  const web = aPosition(aWorkload("web", { grant: aGrant(8), pods: pods(2), replicas: 2 }));
  const awayAt = (nowMs: number): number | undefined =>
    whoIsAway({ positions: [], nowMs, served }, "shop")?.untilMs;

  expect(awayAt(startMs)).toBe(startMs + 4 * minuteMs);
  expect(awayAt(startMs + 4 * minuteMs)).toBeUndefined();
  expect(whoIsAway({ positions: [web], nowMs: startMs, served }, "shop")).toBeUndefined();
});
