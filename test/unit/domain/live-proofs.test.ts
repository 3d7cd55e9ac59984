// When a reading proves that a pod has left its earlier sizes.

import { expect, test } from "vitest";
import { mostAfter, provenAtMs, type ShownRound } from "../../../src/domain/supply/live-proofs.ts";
import { pods } from "../../support/builders.ts";

const dueMs = 100_000;

function round(askedAtMs: number, poolSize: number, isWhole = true): ShownRound {
  return { askedAtMs, poolSize, mostPoolSize: poolSize, isWhole };
}

function provenBy(shown: readonly ShownRound[], pod = {}, before?: number): number | undefined {
  const [one] = pods(1, { poolSize: 5, ...pod });
  if (!one) throw new Error("one was built");
  return provenAtMs(shown, { ...one, addresses: ["10.0.0.1"] }, { size: 5, dueMs, before });
}

test.each([
  ["asked for when it was due", round(dueMs, 5), dueMs],
  ["asked for before", round(dueMs - 1, 5), undefined],
  ["that shows more", round(dueMs, 6), undefined],
  ["of a time when pools do not have what they want", round(dueMs, 5, false), undefined],
])("a round %s", (_, latest, expected) => {
  expect(provenBy([latest])).toBe(expected);
});

test.each([
  ["is not ready", { unready: true }],
  ["ends", { terminating: true }],
  ["has the address of its node", { isOnHostNetwork: true }],
])("nothing proves it of a pod that %s", (_, pod) => {
  expect(provenBy([round(dueMs, 3)], pod)).toBeUndefined();
});

test("what was proven stays so while no round shows more", () => {
  const shown = [round(dueMs, 5), round(dueMs + 1, 4)];
  expect(provenBy(shown, { terminating: true }, dueMs)).toBe(dueMs);
});

test("after a round that shows more another one has to prove it", () => {
  const over = [round(dueMs, 5), round(dueMs + 1, 7)];
  expect(provenBy(over, {}, dueMs)).toBe(dueMs);
  expect(mostAfter(over, dueMs)).toBe(7);
  expect(provenBy([...over, round(dueMs + 2, 5)], {}, dueMs)).toBe(dueMs + 2);
});

test("one round without a session proves nothing: nobody knows what was there before", () => {
  expect(provenBy([round(dueMs, 0)])).toBeUndefined();
  expect(provenBy([round(dueMs - 60_000, 0), round(dueMs, 0)])).toBe(dueMs);
});

test("who is within its size only if its extra connections are open has to be so for a minute", () => {
  const unsure = (askedAtMs: number, poolSize = 5): ShownRound => {
    return { ...round(askedAtMs, poolSize), mostPoolSize: poolSize + 2 };
  };
  expect(provenBy([unsure(dueMs - 60_000), unsure(dueMs)])).toBeUndefined();
  const minute = [unsure(dueMs), unsure(dueMs + 30_000), unsure(dueMs + 60_000)];
  expect(provenBy(minute)).toBe(dueMs + 60_000);
  expect(provenBy([unsure(dueMs), unsure(dueMs + 30_000, 6), unsure(dueMs + 60_000)])).toBe(
    undefined,
  );
  expect(provenBy([unsure(dueMs), unsure(dueMs + 1_000, 3)])).toBe(dueMs + 1_000);
});

test("rounds that prove nothing do not count into the minute without a session", () => {
  const shown = [
    ...[round(dueMs, 0), round(dueMs + 30_000, 0, false), round(dueMs + 40_000, 0)],
    round(dueMs + 90_000, 0),
  ];
  expect(provenBy(shown)).toBeUndefined();
  expect(provenBy([...shown, round(dueMs + 100_000, 0)])).toBe(dueMs + 100_000);
});
