// What comes of a roll, and how long the next one waits after it brought nothing; what is done
// about it stands with the other obstacles (obstacles.test.ts).

import type { WorkloadFacts } from "../../../src/domain/facts/facts.ts";
import { expect, test } from "vitest";
import {
  keepsUndoingRolls,
  noEffectRetryMs,
  lastRollHadNoEffect,
  wasRollUndone,
} from "../../../src/domain/decide/rolls-without-effect.ts";
import { aGrant, anOwnSize, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

test.each([
  { times: 0, wantMs: 60_000 },
  { times: 3, wantMs: 480_000 },
  { times: 30, wantMs: 3_600_000 },
])("after $times times in a row: $wantMs ms", ({ times, wantMs }) => {
  expect(noEffectRetryMs(times)).toBe(wantMs);
});

test.each([
  { name: "pods of ours of the size that it was for", pod: { poolSize: 6 }, want: false },
  { name: "pods that started without a size of ours", pod: { sized: false }, want: true },
  { name: "larger pods", pod: { poolSize: 9 }, want: true },
  {
    name: "pods without a limit, whatever they count as",
    pod: { own: { ...anOwnSize(5), unlimited: true as const } },
    want: true,
  },
])("$name", ({ pod, want }) => {
  const rolledAtMs = startMs - 60_000;
  const own = pods(1, { poolSize: 6, createdAtMs: rolledAtMs, ...pod });
  const position = aPosition(aWorkload("web", { rolledAtMs, pods: own, grant: aGrant(6) }));
  expect(lastRollHadNoEffect(position, 6)).toBe(want);
});

test.each([
  { name: "granted since", settledAtMs: startMs - 50_000, sizedBeside: true, want: false },
  { name: "granted before it", settledAtMs: startMs - 70_000, sizedBeside: true, want: true },
  { name: "reached by nobody", settledAtMs: startMs - 50_000, sizedBeside: false, want: true },
  { name: "not granted yet", settledAtMs: undefined, sizedBeside: true, want: false },
])("a pool without a size after a roll: $name", ({ settledAtMs, sizedBeside, want }) => {
  const rolledAtMs = startMs - 60_000;
  const beside = sizedBeside ? { sizedBeside } : {};
  const own = pods(2, { poolSize: 9, createdAtMs: rolledAtMs, sized: false, ...beside });
  const grant = settledAtMs === undefined ? undefined : aGrant(6, { settledAtMs });
  const position = aPosition(aWorkload("web", { rolledAtMs, pods: own, grant }));
  expect(lastRollHadNoEffect(position, 6)).toBe(want);
});

test.each([
  { name: "the template still holds its time", facts: {}, want: false },
  { name: "its time is gone, and an older pod runs", facts: { isRollUndone: true }, want: true },
  {
    name: "its time is gone, and all pods came after it: somebody deployed",
    facts: { isRollUndone: true, pods: pods(2, { createdAtMs: startMs }) },
    want: false,
  },
  {
    name: "its time is gone, and the older pod ends",
    facts: { isRollUndone: true, pods: pods(1, { terminating: true }) },
    want: false,
  },
] as const)("whether a roll was undone: $name", ({ facts, want }) => {
  const rolledAtMs = startMs - 60_000;
  const older = pods(1, { createdAtMs: rolledAtMs - 1_000 });
  expect(wasRollUndone(aWorkload("web", { rolledAtMs, pods: older, ...facts }))).toBe(want);
});

test.each([
  { name: "the first of them", facts: { isRollUndone: true, reverts: 3, undone: 0 }, want: false },
  { name: "one after another", facts: { isRollUndone: true, undone: 1 }, want: true },
  { name: "the last one stands", facts: { undone: 1 }, want: false },
  {
    name: "by people alone",
    facts: { isRollUndone: true, undone: 1, owner: undefined },
    want: false,
  },
] as const)("whether rolls are undone again and again: $name", ({ facts, want }) => {
  const workload = aWorkload("web", { owner: "Lake/main", pods: [] });
  expect(keepsUndoingRolls({ ...workload, ...facts } as WorkloadFacts)).toBe(want);
});
