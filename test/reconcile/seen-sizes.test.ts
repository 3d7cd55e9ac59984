// What is remembered of what a pod may have read, however often it is made to read something else.

import { expect, test } from "vitest";
import { SeenSizes } from "../../src/reconcile/references/seen-sizes.ts";

const pod = { key: "shop/web-1", uid: "1" };

test("beyond 50 references all others of a pod count with the largest of them", () => {
  const seen = new SeenSizes();
  const read = (key: number, size: number | undefined): string | undefined => {
    const resolve = seen.resolverFor(pod, () => (size === undefined ? undefined : String(size)));
    return resolve({ kind: "ConfigMap", name: "sizes", key: `k${key}` });
  };
  for (let key = 0; key < 1_000; key++) read(key, key === 700 ? 90 : 10 + (key % 7));

  expect(read(3, 5)).toBe("13");
  expect(read(999, 5)).toBe("90");
  expect(read(5_000, undefined)).toBe("90");
});
