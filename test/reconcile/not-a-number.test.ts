// Which values of a variable a size may be written over: numbers, and what refers to one. Each
// entry of the name has to be one, whichever of them the process reads.

import { expect, test } from "vitest";
import type { EnvEntry, ObservedContainer } from "../../src/observed.ts";
import { notANumber } from "../../src/reconcile/sizes/not-a-number.ts";

const sizes = [{ name: "DB_POOL_MAX_SIZE", value: "12" }];
const size = (value: string): EnvEntry => ({ name: "DB_POOL_MAX_SIZE", value });
const other = (value: string): EnvEntry => ({ name: "SIZE", value });
const from = (key: string): EnvEntry => {
  return { name: "DB_POOL_MAX_SIZE", from: { kind: "Secret", name: "web", key } };
};
const data: Readonly<Record<string, string>> = {
  ...{ size: "40", uri: "Host=db;Password=x", DB_POOL_MAX_SIZE: "Host=db;Password=x" },
};

function isRefused(env: readonly EnvEntry[], more: Partial<ObservedContainer> = {}): boolean {
  const container = { name: "app", env, envFrom: [], ...more };
  return notANumber(container, sizes, ({ key }) => data[key]).length > 0;
}

const mayBe: { name: string; env: EnvEntry[] }[] = [
  { name: "no entry", env: [] },
  { name: "a number", env: [size("40")] },
  { name: "nothing at all", env: [size("")] },
  { name: "a number of 40 digits", env: [size("1".repeat(40))] },
  { name: "several entries, all numbers", env: [size("40"), size("5")] },
  { name: "a reference to a number", env: [other("40"), size("$(SIZE)")] },
  { name: "a reference to a number that stands behind it", env: [size("$(SIZE)"), other("40")] },
  { name: "a key that holds a number", env: [from("size")] },
  { name: "a key that cannot be read", env: [from("none")] },
  { name: "a field of the pod", env: [{ name: "DB_POOL_MAX_SIZE", otherSource: true }] },
  { name: "a text under another spelling", env: [{ name: "db-pool-max-size", value: "x" }] },
];

test.each(mayBe)("a size may take the place of $name", ({ env }) => {
  expect(isRefused(env)).toBe(false);
});

const mayNotBe: { name: string; env: EnvEntry[] }[] = [
  { name: "more digits than any number has", env: [size("1".repeat(41))] },
  { name: "a text", env: [size("fifty")] },
  { name: "a text that is not kept", env: [{ name: "DB_POOL_MAX_SIZE" }] },
  { name: "several entries, the first a text", env: [size("fifty"), size("40")] },
  { name: "several entries, the last a text", env: [size("40"), size("fifty")] },
  { name: "a reference to a text", env: [other("Host=db"), size("$(SIZE)")] },
  { name: "a reference to nothing", env: [size("$(SIZE)")] },
  { name: "a reference to a reference", env: [other("$(OTHER)"), size("$(SIZE)")] },
  { name: "a key that holds a text", env: [from("uri")] },
  { name: "several entries, the last a key with a text", env: [size("40"), from("uri")] },
];

test.each(mayNotBe)("a size never takes the place of $name", ({ env }) => {
  expect(isRefused(env)).toBe(true);
});

test.each([
  { count: 20, refused: false },
  { count: 21, refused: true },
])("of $count entries of one variable, all numbers, none is written over: $refused", (row) => {
  expect(isRefused(Array.from({ length: row.count }, () => size("40")))).toBe(row.refused);
});

test("a size never takes the place of a text that all of the environment is taken from", () => {
  const envFrom = [{ kind: "Secret" as const, name: "web", prefix: "" }];
  expect(isRefused([], { envFrom })).toBe(true);
  expect(isRefused([size("40")], { envFrom })).toBe(false);
});
