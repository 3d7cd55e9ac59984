// Poolers that are told their sizes on their admin consoles: why one cannot be live, what its pods
// count as by what the consoles say, and which pods nobody counts on.

import { describe, expect, test } from "vitest";
import type { ConsoleFacts, PodFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import {
  awayFrom,
  consoleObstacle,
  noConsoleAnswers,
} from "../../../src/domain/supply/pooler-consoles.ts";
import { aWorkload, pods, startMs } from "../../support/builders.ts";
import { type Case, countedPod, dueMs } from "../../support/counted-pod.ts";

const good: ConsoleFacts = { poolSize: 5, within: { poolSize: 5, sinceMs: 0 } };
const silent: ConsoleFacts = { poolSize: 0, failure: "10.0.0.1:6432 refused the login" };

function pooler(...each: readonly (ConsoleFacts | undefined)[]): PoolFacts {
  const all = each.flatMap((console) => pods(1, console ? { console } : {}));
  return aWorkload("pooler", { console: "Followed", pods: all, sizing: { floor: 2 } });
}

describe("a pooler cannot be live", () => {
  test("without a login, and the message names the field", () => {
    const lacking = { ...pooler(), console: "Lacking" as const };
    expect(consoleObstacle(lacking)).toContain("set spec.workloads[0].console.secretRef");
  });

  test("where its size is another setting than a console changes", () => {
    const zalando = { ...pooler(), console: "Useless" as const };
    expect(consoleObstacle(zalando)).toContain("sized by max_db_connections");
  });

  test("in session mode, wherever that is set", () => {
    const session = { ...good, sessionMode: "for database orders" };
    expect(consoleObstacle(pooler(good, session))).toContain("session mode for database orders");
  });

  test("where a pool has a size of its own above what each pod starts with", () => {
    const own = (poolSize: number): ConsoleFacts => {
      return { ...good, ownSize: { poolSize, where: "database orders" } };
    };
    expect(consoleObstacle(pooler(own(3)))).toContain("database orders has a size of its own (3");
    expect(consoleObstacle(pooler(own(2)))).toBeUndefined();
  });

  test("while no console answers, in the words of one", () => {
    expect(noConsoleAnswers(pooler(silent, undefined), startMs)).toContain("refused the login");
    expect(noConsoleAnswers(pooler(silent, good), startMs)).toBeUndefined();
  });

  test("not before a pod has had a minute to answer, nor before one was asked", () => {
    const [young] = pods(1, { console: silent, createdAtMs: startMs - 59_999 });
    const starting = { ...pooler(), pods: young ? [young] : [] };
    expect(noConsoleAnswers(starting, startMs)).toBeUndefined();
    expect(noConsoleAnswers(pooler(undefined), startMs)).toBeUndefined();
  });

  test("for none of these reasons where it follows by itself", () => {
    const { console, ...other } = pooler({ ...silent, sessionMode: "for all" });
    expect(console).toBe("Followed");
    expect([consoleObstacle(other), noConsoleAnswers(other, startMs)]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("a pod that was told 5 instead of 20 counts as", () => {
  const shown = [{ atMs: dueMs, sessions: 3 }];
  const followed: Case = { live: {}, sizing: { console: "Followed" }, shown };
  const within = (sinceMs: number): ConsoleFacts => {
    return { poolSize: 5, within: { poolSize: 5, sinceMs } };
  };

  test.each<{ readonly name: string; readonly console?: ConsoleFacts; readonly counts: number }>([
    { name: "20 before its console was asked, whatever the server shows", counts: 20 },
    { name: "20 while its pools have not come down", console: { poolSize: 5 }, counts: 20 },
    {
      name: "20 where they have only come down to a former size",
      console: { poolSize: 5, within: { poolSize: 20, sinceMs: 0 } },
      counts: 20,
    },
    {
      name: "20 where the reading was asked for before they had",
      console: within(dueMs + 1),
      counts: 20,
    },
    {
      name: "5 once they have, and a later reading shows no more",
      console: within(dueMs),
      counts: 5,
    },
    {
      name: "20 while its console does not answer any more",
      console: { ...within(0), failure: "no answer" },
      counts: 20,
    },
    {
      name: "40 where one of its pools has that size of its own",
      console: { ...within(0), ownSize: { poolSize: 40, where: "database orders" } },
      counts: 40,
    },
    {
      name: "30 where its console says so, however few sessions there are",
      console: { ...within(0), poolSize: 30 },
      counts: 30,
    },
  ])("$name", ({ console, counts }) => {
    const pod = console ? { console } : {};
    expect(countedPod({ ...followed, pod }).own.poolSize).toBe(counts);
  });

  test("what somebody has put back until a reading of after that proves that it has left it", () => {
    const putBack = { ...within(dueMs + 5_000), exceeded: 20 };
    const later = (atMs: number): NonNullable<Case["shown"]> => [
      { atMs: dueMs, sessions: 5, pod: { console: within(0) } },
      { atMs, sessions: 5 },
    ];
    const counted = (atMs: number): number =>
      countedPod({ ...followed, shown: later(atMs), pod: { console: putBack } }).own.poolSize;
    expect(counted(dueMs + 4_999)).toBe(20);
    expect(counted(dueMs + 5_000)).toBe(5);
  });
});

describe("nobody counts on a pod", () => {
  const [pod] = pods(1);

  function away(
    console: ConsoleFacts | undefined,
    more: Partial<PodFacts> = {},
  ): object | undefined {
    if (!pod) throw new Error("one was built");
    return awayFrom(pooler(), { ...pod, ...(console && { console }), ...more }, startMs);
  }

  test("whose console does not answer, or was not asked yet; and it is said after a minute", () => {
    expect(away(silent)).toEqual({ why: silent.failure });
    expect(away(silent, { createdAtMs: startMs - 1 })).toEqual({});
    expect(away(undefined)).toEqual({});
    expect(away(good)).toBeUndefined();
  });
});
