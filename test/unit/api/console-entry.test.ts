// What an entry may say of the admin console of a pooler, and what its pods count as with it.

import { expect, test } from "vitest";
import { parseSpec } from "../../../src/api/poolpolicy.ts";
import { sizingOf } from "../../../src/api/sizing.ts";
import { aSpec } from "../../support/builders.ts";

const console = { secretRef: { name: "console" } };
const live = { name: "pooler", preset: "pgbouncer", resize: "Live", console };

function problemOf(entry: object): string {
  const database = { secretRef: { name: "db" } };
  const parsed = parseSpec({ database, workloads: [entry] });
  return "problem" in parsed ? parsed.problem : "";
}

test("a console goes with a live pool of one of PgBouncer's presets", () => {
  expect(problemOf(live)).toBe("");
  expect(problemOf({ ...live, preset: "pgbouncer-bitnami" })).toBe("");
  expect(problemOf({ ...live, resize: "Restart" })).toContain("console goes with resize Live");
  expect(problemOf({ ...live, resize: undefined })).toContain("console goes with resize Live");
  expect(problemOf({ ...live, processesPerPod: 2 })).toContain(
    "console goes with processesPerPod 1",
  );
  const otherPool = "console goes with preset pgbouncer or pgbouncer-bitnami";
  for (const preset of ["hikari", "pgbouncer-zalando", undefined]) {
    expect(problemOf({ ...live, preset })).toContain(otherPool);
  }
});

test("each of its pools has one connection more while connections are made anew", () => {
  const processes = { poolsPerProcess: 3, extraConnectionsPerPod: 1 };
  const extrasOf = (entry: object): number | undefined => {
    const spec = aSpec({ workloads: [{ ...entry, ...processes }] });
    const [first] = spec.workloads;
    return first && sizingOf(spec, first).extraConnectionsPerPod;
  };
  expect(extrasOf(live)).toBe(4);
  expect(extrasOf({ ...live, console: undefined })).toBe(1);
});
