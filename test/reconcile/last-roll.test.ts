// How often the last rolls of a workload were undone: its annotation says so of rolls that write
// entries, and stays when the delivery changes or the workload is released.
import { expect, test } from "vitest";
import { inVainAfter } from "../../src/reconcile/apply/start-roll.ts";
import { lastRollFacts } from "../../src/reconcile/observe/last-roll.ts";
import { aGrant, aPosition, aWorkload, pods, startMs } from "../support/builders.ts";

type Sources = Parameters<typeof lastRollFacts>[0];

const written: Sources["workload"] = {
  annotations: { "poolwarden.dev/reverts": "3" },
  templateAnnotations: {},
};
const rolledAt = "2026-01-01T10:00:00Z";
const rowOf = (more: object): Sources["row"] => ({ rolledAt, ...more }) as Sources["row"];
const nothing: Sources = {
  workload: written,
  isPending: false,
  lastRoll: undefined,
  row: undefined,
};

const rows: readonly { name: string; sources: Partial<Sources>; want: number }[] = [
  {
    name: "after a roll of the template the annotation counts",
    sources: { lastRoll: { atMs: 1, poolSize: 6, reverts: 0, undone: 0 } },
    want: 3,
  },
  {
    name: "by the status as well",
    sources: { row: rowOf({ rolledPoolSize: 6, reverts: 1 }) },
    want: 3,
  },
  {
    name: "an owner that takes it away as well does not reset it",
    sources: {
      workload: { ...written, annotations: {} },
      lastRoll: { atMs: 1, poolSize: 6, reverts: 2, undone: 0 },
    },
    want: 2,
  },
  {
    name: "after a roll with Admission it is not about that roll",
    sources: { lastRoll: { atMs: 1, poolSize: undefined, reverts: 0, undone: 0 } },
    want: 0,
  },
  { name: "nor by the status", sources: { row: rowOf({ reverts: 1 }) }, want: 1 },
  {
    name: "where no roll is known it counts while it is ours",
    sources: { workload: { ...written, ownedByUs: true } },
    want: 3,
  },
  { name: "and not once the workload was released", sources: {}, want: 0 },
];

test.each(rows)("$name", ({ sources, want }) => {
  expect(lastRollFacts({ ...nothing, ...sources }).reverts).toBe(want);
});

test.each([
  {
    name: "begins anew with the first roll with Admission after one of the template",
    rolledPoolSize: 6,
    want: 0,
  },
  { name: "goes on with the next ones", rolledPoolSize: undefined, want: 2 },
])("the count $name", ({ rolledPoolSize, want }) => {
  const facts = { reverts: 2, rolledAtMs: startMs, grant: aGrant(8) };
  const web = aWorkload("web", { ...facts, ...(rolledPoolSize && { rolledPoolSize }) });
  const wish = { position: aPosition(web), poolSize: 8 };
  expect(inVainAfter(wish, startMs + 1_000).reverts).toBe(want);
});

test.each([
  { name: "an owner", by: { owner: "Lake/main" }, want: { reverts: 4, undone: 2 } },
  {
    name: "a program that writes the template",
    by: { templateManagers: ["kubectl", "lake-operator"] },
    want: { reverts: 4, undone: 2 },
  },
  { name: "a person", by: { templateManagers: ["kubectl-edit"] }, want: { reverts: 4, undone: 0 } },
  { name: "nobody known", by: {}, want: { reverts: 4, undone: 0 } },
])("a roll undone by $name counts so", ({ by, want }) => {
  const facts = { reverts: 3, undone: 1, rolledAtMs: startMs, isRollUndone: true as const };
  const older = pods(1, { createdAtMs: startMs - 1_000 });
  const web = aWorkload("web", { ...facts, ...by, pods: older, grant: aGrant(8) });
  expect(inVainAfter({ position: aPosition(web), poolSize: 8 }, startMs + 1_000)).toEqual(want);
});

test("pods that started unsized are nobody's undoing", () => {
  const unsized = pods(1, { createdAtMs: startMs, sized: false, poolSize: 9 });
  const facts = { undone: 1, rolledAtMs: startMs, owner: "Lake/main", updateRevision: undefined };
  const web = aWorkload("web", { ...facts, pods: unsized, grant: aGrant(8) });
  const after = inVainAfter({ position: aPosition(web), poolSize: 8 }, startMs + 1_000);
  expect(after).toEqual({ reverts: 1, undone: 0 });
});
