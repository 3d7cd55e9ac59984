// What is remembered of a server whatever the fate of its readings: a failed one takes nothing away
// of what the ones before it saw. Foreign sessions count for a window, and a server that cannot be
// read for a moment must not look emptier than it was.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Readings, windowMs } from "../../src/reconcile/memory/readings.ts";
import { aReading } from "../support/builders.ts";

const server = "db.shop.svc:5432";

interface Step {
  readonly afterMs: number;
  readonly succeeds: boolean;
}

const steps = fc.array(
  fc.record({ afterMs: fc.integer({ min: 1, max: windowMs / 3 }), succeeds: fc.boolean() }),
  { minLength: 1, maxLength: 30 },
);

/** Moments of the readings that went well: those of the window, and the latest of all. */
function wantSamples(story: readonly Step[]): number[] {
  let nowMs = 0;
  const good: number[] = [];
  for (const { afterMs, succeeds } of story) {
    nowMs += afterMs;
    if (succeeds) good.push(nowMs);
  }
  return good.filter((atMs, index) => index === good.length - 1 || atMs >= nowMs - windowMs);
}

test("the sessions of the window stay known, whichever readings fail", () => {
  fc.assert(
    fc.property(steps, (story) => {
      const readings = new Readings();
      let nowMs = 0;
      for (const { afterMs, succeeds } of story) {
        nowMs += afterMs;
        const outcome = succeeds
          ? { kind: "read" as const, reading: aReading() }
          : { kind: "failed" as const, reason: "DatabaseUnreachable" as const, message: "refused" };
        readings.record(server, outcome, nowMs);
      }
      const facts = readings.factsOf(server, { monotonicMs: nowMs });
      expect(facts.sessionSamples.map(({ atMs }) => atMs)).toEqual(wantSamples(story));
      expect(facts.failure === undefined).toBe(story.at(-1)?.succeeds);
      expect(facts.reading === undefined).toBe(!story.some(({ succeeds }) => succeeds));
    }),
  );
});
