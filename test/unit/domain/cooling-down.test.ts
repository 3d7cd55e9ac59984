// Who waits for a cooldown: growth always, and shrinking where shares move with use.
import { expect, test } from "vitest";
import { isCoolingDown } from "../../../src/domain/decide/cooling-down.ts";
import type { Wish } from "../../../src/domain/decide/wishes.ts";
import { aGrant, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

const minuteMs = 60_000;

/** Of a workload that was rolled a minute ago. */
function wishOf(toShrink: boolean, isUnlimited = false): Wish {
  const [pod] = pods(1, { poolSize: 9 });
  const own = { poolSize: 9, source: "annotation" as const, ...(isUnlimited && unlimited) };
  const workload = { grant: aGrant(6), rolledAtMs: startMs - minuteMs };
  const position = aPosition(aWorkload("web", { ...workload, pods: pod ? [{ ...pod, own }] : [] }));
  return { index: 0, position, poolSize: 6, addedSlots: 0, slots: 3, toShrink };
}

const unlimited = { unlimited: true as const };

test.each([
  ["what grows waits", false, false, true, true],
  ["what grows waits where shares move with use", false, true, true, true],
  ["what shrinks does not", true, false, true, false],
  ["what shrinks waits where shares move with use", true, true, true, true],
  ["but not while a limit is exceeded", true, true, false, false],
])("%s", (...row) => {
  const [, toShrink, isSharedByUse, isWithin, want] = row;
  const terms = { limits: { isWithin: () => isWithin }, isSharedByUse, nowMs: startMs };
  const obstacle = isCoolingDown(wishOf(toShrink), { terms });
  expect(obstacle !== undefined).toBe(want);
  if (want) expect(obstacle).toMatchObject({ untilMs: startMs + 4 * minuteMs });
});

test("a pool without a limit is replaced whatever its cooldown", () => {
  const terms = { limits: { isWithin: () => true }, isSharedByUse: true, nowMs: startMs };
  expect(isCoolingDown(wishOf(true, true), { terms })).toBeUndefined();
});
