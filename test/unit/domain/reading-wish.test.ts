// When a decision wishes for a reading, and what it holds back for it.

import { describe, expect, test } from "vitest";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import {
  aDatabase,
  aGrant,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

const gone = "10.9.9.9";

/** Pods of `web` hold `size` instead of 6; `ghosts` sessions are of a pod that is gone. */
function decide({
  size = 6,
  ghosts = 0,
  isOld = false,
  failed = false,
}: {
  readonly size?: number;
  readonly ghosts?: number;
  readonly isOld?: boolean;
  readonly failed?: boolean;
} = {}): Plan {
  const reading = aReading({
    sessions: ghosts > 0 ? [sessions(ghosts, { address: gone })] : [],
  });
  const failure = { reason: "DatabaseTimeout", message: "no answer" } as const;
  const database = {
    ...aDatabase({ reading, ...(failed && { failure }) }),
    isOld,
    fleetAddresses: new Map([[gone, [{ fromMs: 0, untilMs: Infinity }]]]),
  };
  const workload = (name: string, count: number, poolSize: number): ReturnType<typeof aWorkload> =>
    aWorkload(name, {
      pods: pods(count, { poolSize }),
      grant: aGrant(6),
      sizing: { ...aWorkload(name).sizing, ceiling: 6 },
    });
  const workloads = [workload("api", 10, 6), workload("web", 2, size)];
  return plan(aSnapshot({ database, workloads }), startMs);
}

describe("the server is worth reading again", () => {
  test.each([
    { name: "not where nothing is awaited", given: {}, want: undefined },
    {
      name: "where it shows sessions of pods that are gone",
      given: { ghosts: 7 },
      want: "sessions of pods that are gone",
    },
    { name: "where the line is broken", given: { size: 60 }, want: "a broken line" },
    {
      name: "before a repair that rests on sessions of pods that are gone",
      given: { size: 50, ghosts: 7, isOld: true },
      want: "a repair",
    },
    {
      name: "not where it cannot be read",
      given: { ghosts: 7, isOld: true, failed: true },
      want: undefined,
    },
  ])("$name", ({ given, want }) => {
    expect(decide(given).readAgain?.why).toBe(want);
  });

  test("what is wished for differs when something has moved", () => {
    const state = (ghosts: number): string | undefined => decide({ ghosts }).readAgain?.state;
    expect(state(7)).toBe(state(7));
    expect(state(7)).not.toBe(state(6));
  });
});

describe("a repair that rests on sessions of pods that are gone", () => {
  const broken = { size: 50, ghosts: 7 };

  test("waits for a reading where the last one is old, and says so", () => {
    const { rolls } = decide({ ...broken, isOld: true });
    expect(rolls.roll).toBeUndefined();
    expect(rolls.obstacles.get(1)?.message).toBe(
      "waits for the next reading of the server: 7 sessions may belong to pods that are gone",
    );
  });

  test.each([
    { name: "the reading is fresh", given: broken },
    { name: "no session is of a pod that is gone", given: { size: 60, isOld: true } },
    { name: "the server cannot be read", given: { ...broken, isOld: true, failed: true } },
  ])("starts where $name", ({ given }) => {
    expect(decide(given).rolls.roll?.poolSize).toBe(6);
  });

  test("an eviction waits as well: after the reading the whole rollout may fit", () => {
    const crowded = { size: 50, ghosts: 30 };
    expect(decide(crowded).rolls.eviction?.wish.index).toBe(1);
    const { rolls, readAgain } = decide({ ...crowded, isOld: true });
    expect(rolls.eviction).toBeUndefined();
    expect(rolls.roll).toBeUndefined();
    expect(rolls.waiting).toHaveLength(1);
    expect(readAgain).toMatchObject({ why: "a repair", isHolding: true });
  });
});

test("where addresses cannot be seen, pods that ended since the reading do not count: none waits for them", () => {
  const hidden = sessions(190, { user: "app", address: undefined });
  const reading = aReading({ seesAllSessions: false, sessions: [hidden] });
  const sample = { atMs: startMs, sessions: reading.sessions, fleetSlots: 190 };
  const database = { ...aDatabase({ reading, sessionSamples: [sample] }), isOld: true };
  const own = (count: number, poolSize: number): Parameters<typeof aWorkload>[1] => ({
    ...{ pods: pods(count, { poolSize }), grant: aGrant(6) },
    sizing: { ceiling: 6 },
  });
  const workloads = [aWorkload("api", own(10, 6)), aWorkload("web", own(2, 60))];
  const { foreign, rolls } = plan(aSnapshot({ database, workloads }), startMs);
  expect(foreign).toMatchObject({ slotsNow: 0, ghostSlots: 0 });
  expect(rolls.roll?.index).toBe(1);
});
