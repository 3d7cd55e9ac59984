// How a policy's pods get their size, from what the cluster has and from what was in force.

import { expect, test } from "vitest";
import { type PoolPolicySpec, poolPolicySpec } from "../../src/api/poolpolicy.ts";
import { chooseDelivery } from "../../src/reconcile/delivery.ts";
import { MemoryWorld } from "../support/memory-world/world.ts";

function specOf(delivery: PoolPolicySpec["delivery"]): PoolPolicySpec {
  const workloads = [{ name: "web" }];
  return poolPolicySpec.parse({ delivery, database: { secretRef: { name: "db" } }, workloads });
}

test.each([
  { name: "Auto with the admission policy", installed: true, grants: 0, want: "Admission" },
  { name: "Auto without it", installed: false, grants: 0, want: "Template" },
  {
    name: "Auto without it for a moment: who has grants keeps Admission and says what is missing",
    installed: false,
    grants: 2,
    want: "Admission AdmissionMissing",
  },
  {
    name: "Admission without it",
    delivery: "Admission" as const,
    installed: false,
    grants: 0,
    want: "Admission AdmissionMissing",
  },
  {
    name: "Template at once where nothing was granted",
    delivery: "Template" as const,
    installed: true,
    grants: 0,
    want: "Template",
  },
  {
    name: "Template after Admission: its grants stay until the templates say the size",
    delivery: "Template" as const,
    installed: true,
    grants: 2,
    want: "Admission on its way to Template",
  },
])("$name: $want", ({ delivery = "Auto" as const, installed, grants, want }) => {
  const { stores } = new MemoryWorld({ admission: installed });
  const choice = chooseDelivery(specOf(delivery), stores.caches, { warmUpMs: 35_000, grants });
  const said = [
    choice.delivery,
    ...choice.findings.map(({ reason }) => reason),
    ...(choice.movesToTemplate === true ? ["on its way to Template"] : []),
  ];
  expect(said.join(" ")).toBe(want);
});
