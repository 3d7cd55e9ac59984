// What stands in a template itself is worked out once; what it refers to is looked up each time.

import { expect, test } from "vitest";
import { onceAlone } from "../../src/reconcile/sizes/said-alone.ts";
import type { Resolve } from "../../src/reconcile/sizes/variable-values.ts";

const key = { kind: "ConfigMap", name: "sizes", key: "size" } as const;

test("is worked out once where nothing is looked up", () => {
  let times = 0;
  const size = onceAlone(() => (times += 1));
  const never: Resolve = () => "9";
  expect([size(never), size(never), times]).toEqual([1, 1, 1]);
});

test("is worked out for each who has read another value", () => {
  const size = onceAlone((resolve) => Number(resolve(key) ?? 0));
  expect([size(() => "20"), size(() => "30"), size(() => undefined)]).toEqual([20, 30, 0]);
});
