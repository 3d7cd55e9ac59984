// Worked out once for each plan or snapshot, also where nothing comes of it; two that are equal are
// two all the same.

import { expect, test } from "vitest";
import { oncePer, oncePerName, oncePerText } from "../../../src/domain/once-per.ts";

test("is worked out once for each object, whatever is found", () => {
  const asked: string[] = [];
  const lengthOf = oncePer(({ name }: { readonly name: string }) => {
    asked.push(name);
    return name.length === 0 ? undefined : name.length;
  });
  const [web, other, empty] = [{ name: "web" }, { name: "web" }, { name: "" }];
  expect([web, web, other, empty, empty, web].map(lengthOf)).toEqual([
    ...[3, 3, 3, undefined, undefined, 3],
  ]);
  expect(asked).toEqual(["web", "web", ""]);
});

test("each name is asked for once, and keeps its own answer", () => {
  const asked: string[] = [];
  const lengthOf = oncePerName((namespace) => {
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

test("of texts that anybody may write no more are remembered than that", () => {
  const asked: string[] = [];
  const lengthOf = oncePerText(2, (text) => {
    asked.push(text);
    return text.length;
  });
  expect(["a", "b", "a", "bcd", "a"].map(lengthOf)).toEqual([1, 1, 1, 3, 1]);
  expect(asked).toEqual(["a", "b", "bcd", "a"]);
});
