// What becomes of a live pod that shows more than its size: it is told again, and then given up.

import { describe, expect, test } from "vitest";
import { type Case, countedPod, dueMs } from "../../support/counted-pod.ts";

describe("a pod that does not follow", () => {
  const over = (touches: number): Case => ({
    live: { touches },
    shown: [{ atMs: dueMs + touches * 15_000, sessions: 9 }],
  });

  test.each([0, 1, 2, 3])("is touched once more after %i times", (touches) => {
    const { live } = countedPod(over(touches));
    expect(live).toMatchObject({ seen: 9, isTouchDue: true, isResized: true });
  });

  test.each([9, 2])("is given up after that, needs a restart, and shows %i in vain", (sessions) => {
    const shown = [{ atMs: dueMs + 3_600_000, sessions }];
    const { live } = countedPod({ live: { touches: 4 }, shown });
    expect(live).toMatchObject({ isGivenUp: true, earlier: 20 });
    expect(live?.isTouchDue).toBeUndefined();
    expect(live?.isResized).toBeUndefined();
  });

  test("follows all the same if it does after the third time", () => {
    const shown = [{ atMs: dueMs + 60_000, sessions: 5 }];
    const { live } = countedPod({ live: { touches: 3 }, shown });
    expect(live).toMatchObject({ size: 5, isResized: true });
    expect(live?.seen).toBeUndefined();
  });

  test("a session that is replaced before the old one is gone is no reason to touch it", () => {
    const shown = [
      { atMs: dueMs, sessions: 5 },
      { atMs: dueMs + 5_000, sessions: 6 },
    ];
    expect(countedPod({ live: {}, shown }).live?.seen).toBeUndefined();
  });
});
