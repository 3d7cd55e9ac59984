// The range of seeds that a commit is held against: the same each time, another for each commit.

import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { currentCommit, seedsOf } from "../../config/commit-seeds.ts";

test("a commit has a range of its own, and says how to run it again", () => {
  const commit = "00000ff0123456789abcdef0123456789abcdef0";
  expect(seedsOf(commit)).toEqual({
    first: 1_000_255,
    count: 100,
    note: `commit ${commit}: make simulate SEEDS=100 SEED=1000255`,
  });
  expect(seedsOf("fffffff0").first).toBe(269_435_455);
});

test("without a commit the next range is run, and that is said", () => {
  const { first, note } = seedsOf(currentCommit(tmpdir()));
  expect(first).toBe(301);
  expect(note).toBe("no git checkout: make simulate SEEDS=100 SEED=301");
});
