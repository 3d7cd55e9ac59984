// An operator that starts with its server must hear its first answer; one that has listed, or is
// refused for long, must not besiege it.
import { expect, test } from "vitest";
import { OperatorError } from "../../../src/errors.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { ReadRetry } from "../../../src/runtime/read-retry.ts";
import { constantRandom } from "../../support/prng.ts";

const random = constantRandom(0.5);

/** The delays after so many failures of this kind in a row. */
function delays(retry: ReadRetry, code: ErrorCode, times: number): number[] {
  return Array.from({ length: times }, () => retry.afterFailureMs(new OperatorError(code, code)));
}

test("before the first list a server that is down is asked every second, for as long as it takes", () => {
  expect(new Set(delays(new ReadRetry(random), "K8S_UNAVAILABLE", 100))).toEqual(new Set([1_000]));
});

test("a server that was down and then refuses is asked soon again, but not for long", () => {
  const retry = new ReadRetry(random);
  delays(retry, "K8S_UNAVAILABLE", 20);

  const quick = [1_000, 1_000, 1_000, 1_000, 1_000];
  expect(delays(retry, "K8S_FORBIDDEN", 7)).toEqual([...quick, 30_000, 30_000]);
});

test("once all was listed the delays double", () => {
  const retry = new ReadRetry(random);
  retry.noteListed();

  expect(delays(retry, "K8S_UNAVAILABLE", 6)).toEqual([1_200, 2_400, 4_800, 9_600, 19_200, 22_500]);
  retry.reset();
  expect(delays(retry, "K8S_UNAVAILABLE", 1)).toEqual([1_200]);
});

test("once all was listed a refusal is not asked about for half a minute", () => {
  const retry = new ReadRetry(random);
  retry.noteListed();

  expect(delays(retry, "K8S_NOT_FOUND", 1)).toEqual([30_000]);
});

test("a server's own word is obeyed even in haste", () => {
  const busy = new OperatorError("K8S_UNAVAILABLE", "busy", { retry: { afterMs: 7_000 } });

  expect(new ReadRetry(random).afterFailureMs(busy)).toBe(7_000);
});

test("every tenth failure in a row casts doubt on the position", () => {
  const retry = new ReadRetry(random);
  const doubts = Array.from({ length: 20 }, () => {
    const isDoubted = retry.isPositionDoubted();
    delays(retry, "K8S_UNAVAILABLE", 1);
    return isDoubted;
  });

  expect(doubts.flatMap((isDoubted, index) => (isDoubted ? [index] : []))).toEqual([9, 19]);
});
