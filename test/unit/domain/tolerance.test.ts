// Which gains are worth a restart, with the default tolerance of 10 percent.

import { expect, test } from "vitest";
import { isWorthRolling } from "../../../src/domain/decide/tolerance.ts";
import { aPosition, aWorkload } from "../../support/builders.ts";

test.each([
  { from: 10, to: 11, want: false },
  { from: 10, to: 12, want: true },
  { from: 0, to: 1, want: true },
])("from $from to $to is worth a rollout: $want", ({ from, to, want }) => {
  expect(isWorthRolling(aPosition(aWorkload("web")), from, to)).toBe(want);
});
