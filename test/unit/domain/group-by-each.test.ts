// What belongs to several groups stands in each of them, in its order.

import { expect, test } from "vitest";
import { groupByEach } from "../../../src/domain/group-by-each.ts";

test("each item stands under each of its keys, in the order of the items", () => {
  const groups = groupByEach(["ab", "b", "", "ba"], (letters) => letters);
  expect([...groups]).toEqual([
    ["a", ["ab", "ba"]],
    ["b", ["ab", "b", "ba"]],
  ]);
});
