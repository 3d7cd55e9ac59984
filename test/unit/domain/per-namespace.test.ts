// Worked out once for each namespace, also where nothing comes of it.
import { expect, test } from "vitest";
import { perNamespace } from "../../../src/domain/per-namespace.ts";

test("each namespace is asked for once, and keeps its own answer", () => {
  const asked: string[] = [];
  const lengthOf = perNamespace((namespace) => {
    asked.push(namespace);
    return namespace === "none" ? undefined : namespace.length;
  });
  expect(["shop", "none", "shop", "none", "bank-eu"].map(lengthOf)).toEqual([
    4,
    undefined,
    4,
    undefined,
    7,
  ]);
  expect(asked).toEqual(["shop", "none", "bank-eu"]);
});
