// What the API server makes of a manifest is no difference; anything else is one.

import { expect, test } from "vitest";
import { expectCpuBelow } from "../../support/cpu-time.ts";
import { quantityOf } from "../../../src/adapters/kubernetes/quantity.ts";
import { isContained } from "../../../src/plan/contained.ts";

test.each([
  ["a default that the API server added", { a: 1 }, { a: 1, b: 2 }, true],
  ["another value", { a: 1 }, { a: 2 }, false],
  [
    "containers by their names",
    [{ name: "b" }, { name: "a" }],
    [{ name: "a" }, { name: "b", c: 1 }],
    true,
  ],
  [
    "a variable beside others",
    { env: [{ name: "B" }] },
    { env: [{ name: "A" }, { name: "B" }] },
    true,
  ],
  ["a container that is not there", [{ name: "c" }], [{ name: "a" }], false],
  ["an argument more", ["a", "b"], ["a"], false],
  ["an argument less", ["a"], ["a", "b"], false],
  ["null for a field that is not there", { a: null }, {}, true],
  ["an empty list that is not stored", { tolerations: [] }, {}, true],
  ["an empty list for one that is not empty", { args: [] }, { args: ["a"] }, false],
  ["an empty selector of nodes, which is not stored", { nodeSelector: {} }, {}, true],
  ["an empty volume for another one", { emptyDir: {} }, { hostPath: { path: "/" } }, false],
  ["an empty value of a variable", { name: "A", value: "" }, { name: "A" }, true],
  ["an empty value for another one", { value: "" }, { value: "5" }, false],
  ["false where it is what no word means", { hostNetwork: false }, {}, true],
  ["false where it says something", { automountServiceAccountToken: false }, {}, false],
  ["a probe that begins at once", { initialDelaySeconds: 0 }, {}, true],
  [
    "an amount in another form",
    { limits: { cpu: "1000m", memory: "1024Mi" }, requests: { cpu: 0.5 } },
    { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } },
    true,
  ],
  ["another amount", { limits: { cpu: "1100m" } }, { limits: { cpu: "1" } }, false],
  ["a value that only looks like an amount", { value: "1000m" }, { value: "1" }, false],
  [
    "a variable that stands twice",
    {
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    },
    {
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    },
    true,
  ],
])("%s: contained or not", (_, given, live, want) => {
  expect(isContained(given, live)).toBe(want);
});

test.each([
  ["500m", 0.5],
  ["0.5", 0.5],
  [2, 2],
  ["1Gi", 1_073_741_824],
  ["12e6", 12_000_000],
  ["128974848000m", 128_974_848],
  [".5", 0.5],
  ["2.", 2],
  ["1..5", undefined],
  ["1Zi", undefined],
  ["", undefined],
  [undefined, undefined],
  [`${"9".repeat(50)}x`, undefined],
])("the amount %j is %j", (text, want) => {
  expect(quantityOf(text)).toBe(want);
});

test("a manifest with thousands of digits, which are no amount, takes no time", () => {
  expectCpuBelow(20, () => quantityOf(`${"0".repeat(1_000)}\n;`));
});
