// What is taken of an entry that picks pods by labels, and what its pods are called.
import { describe, expect, it } from "vitest";
import { isPodsEntry, podLabels, podsEntryName } from "../../../src/api/pods-entry.ts";
import { parseSpec, type WorkloadEntry } from "../../../src/api/poolpolicy.ts";

function parsed(workloads: readonly object[]): ReturnType<typeof parseSpec> {
  return parseSpec({ database: { secretRef: { name: "db" } }, workloads });
}

function entryOf(entry: object): WorkloadEntry {
  const result = parsed([{ maxPods: 3, ...entry }]);
  const found = "spec" in result ? result.spec.workloads[0] : undefined;
  if (!found) throw new Error(JSON.stringify(result));
  return found;
}

describe("what the pods of an entry are called", () => {
  it.each([
    [{ pods: { matchLabels: { app: "nightly" } } }, "nightly"],
    [{ pods: { matchLabels: { tier: "batch", app: "nightly" } } }, "nightly"],
    [{ pods: { matchLabels: { app: "nightly", "app.kubernetes.io/name": "b" } } }, "nightly"],
    [{ pods: { matchLabels: { app: "nightly", Zone: "first" } } }, "first"],
    [{ pods: { matchLabels: { app: "nightly" } }, name: "exports" }, "exports"],
  ])("%j: %s", (entry, want) => {
    const found = entryOf(entry);
    expect(isPodsEntry(found) && podsEntryName(found)).toBe(want);
  });

  it("an entry that selects workloads has no such name", () => {
    expect(isPodsEntry(entryOf({ name: "web" }))).toBe(false);
  });
});

describe("labels of pods", () => {
  it("need one at least, with a value", () => {
    expect(podLabels.safeParse({ matchLabels: {} }).success).toBe(false);
    expect(podLabels.safeParse({ matchLabels: { app: "" } }).success).toBe(false);
    expect(podLabels.safeParse({ matchLabels: { app: "a" } }).success).toBe(true);
  });

  it("two entries of one name pick the same pods, or the policy cannot be used", () => {
    const one = { pods: { matchLabels: { app: "a" } }, maxPods: 1 };
    const other = { pods: { matchLabels: { app: "a", tier: "b" } }, maxPods: 1 };
    expect(
      parsed([one, { ...one, pool: "reports", env: { maxSize: "R_POOL_SIZE" } }]),
    ).toHaveProperty("spec");
    expect(JSON.stringify(parsed([one, other]))).toContain("give each entry with pods a name");
    expect(parsed([one, { ...other, name: "b" }])).toHaveProperty("spec");
  });

  it("go without resize Live: the file that running pods follow is for pods of workloads", () => {
    const entry = { pods: { matchLabels: { app: "a" } }, maxPods: 1 };
    expect(parsed([{ ...entry, resize: "Restart" }])).toHaveProperty("spec");
    expect(JSON.stringify(parsed([{ ...entry, resize: "Live" }]))).toContain("leave resize out");
  });
});
