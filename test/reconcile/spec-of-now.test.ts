// An edit counts as soon as it is heard of; which server it means, once its secret was read.
import { describe, expect, it } from "vitest";
import { specOfNow } from "../../src/reconcile/observe/spec-of-now.ts";
import { aPolicy } from "../support/builders.ts";

const workloads = [{ name: "web" }];
const database = { secretRef: { name: "db" } };
const { spec } = aPolicy("orders", { spec: { mode: "Observe" } });
const resolved = { source: { uid: "1", generation: 1 }, spec };

const edits = [
  { name: "what it says", said: { database, workloads }, want: { mode: "Enforce" } },
  {
    name: "what it declares of its server",
    said: { database: { ...database, maxConnections: 50 }, workloads },
    want: { database: { maxConnections: 50 } },
  },
  {
    name: "what it says beside another server, and not that one",
    said: { database: { secretRef: { name: "other" } }, workloads },
    want: { mode: "Enforce", database: spec.database },
  },
  { name: "nothing that cannot be used", said: { mode: "Enforce" }, want: spec },
];

describe("an edit that was not looked at yet", () => {
  it.each(edits)("counts with $name", ({ said, want }) => {
    const edited = { uid: "1", generation: 2, spec: said };
    const now = specOfNow(resolved, edited);

    expect(now).toMatchObject(want);
    expect(specOfNow(resolved, edited)).toBe(now);
  });

  it("counts where the policy was made anew under its name", () => {
    const anew = { uid: "2", generation: 1, spec: { database, workloads } };
    expect(specOfNow(resolved, anew).mode).toBe("Enforce");
  });
});

it("what was looked at is what its secret was read for", () => {
  const said = { database, workloads };
  expect(specOfNow(resolved, { uid: "1", generation: 1, spec: said })).toBe(spec);
});
