// How a policy's pods get their size, from what the cluster has and from what was in force.

import { describe, expect, it, test } from "vitest";
import { admissionPolicyName } from "../../src/api/group.ts";
import { type PoolPolicySpec, poolPolicySpec } from "../../src/api/poolpolicy.ts";
import { chooseDelivery, type DeliveryChoice } from "../../src/reconcile/observe/delivery.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

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
  {
    name: "Template after Admission, without it for a moment: its grants stay",
    delivery: "Template" as const,
    installed: false,
    grants: 2,
    awaitedUntilMs: 60_000,
    want: "Admission AdmissionMissing",
  },
  {
    name: "Template after Admission, without it for long",
    delivery: "Template" as const,
    installed: false,
    grants: 2,
    want: "Template",
  },
])("$name: $want", ({ delivery = "Auto" as const, installed, grants, awaitedUntilMs, want }) => {
  const { stores } = new MemoryWorld({ admission: installed });
  const circumstances = { namespace: "shop", warmUpMs: 35_000, grants, awaitedUntilMs };
  const choice = chooseDelivery(specOf(delivery), stores.caches, circumstances);
  const said = [
    choice.delivery,
    ...choice.findings.map(({ reason }) => reason),
    ...(choice.migratingToTemplate === true ? ["on its way to Template"] : []),
  ];
  expect(said.join(" ")).toBe(want);
});

describe("an admission policy that is limited to some namespaces", () => {
  const limits = "MutatingAdmissionPolicy poolwarden is not installed for namespace shop: ";
  const says = `${limits}MutatingAdmissionPolicyBinding poolwarden reaches only billing, stock`;
  const remedy = "add shop to its namespaceSelector, or set spec.delivery to Template";

  test.each<{
    name: string;
    reached: readonly string[];
    delivery?: PoolPolicySpec["delivery"];
    grants: number;
    want: Partial<DeliveryChoice>;
  }>([
    {
      name: "Auto in a namespace of the binding is Admission",
      reached: ["billing", "shop"],
      grants: 0,
      want: { delivery: "Admission", findings: [] },
    },
    {
      name: "Auto outside of it is Template, and says which namespaces the binding has",
      reached: ["billing", "stock"],
      grants: 0,
      want: { delivery: "Template", deliveryMessage: says, findings: [] },
    },
    {
      name: "Admission outside of it is as good as not installed",
      reached: ["billing", "stock"],
      delivery: "Admission",
      grants: 0,
      want: {
        delivery: "Admission",
        findings: [
          { reason: "AdmissionMissing", severity: "blocking", message: `${says}: ${remedy}` },
        ],
      },
    },
    {
      name: "Auto keeps Admission where the binding is narrowed after something was granted",
      reached: ["billing", "stock"],
      grants: 2,
      want: {
        delivery: "Admission",
        findings: [
          { reason: "AdmissionMissing", severity: "blocking", message: `${says}: ${remedy}` },
        ],
      },
    },
    {
      name: "Template outside of it waits for no template: the grants were in force for nobody",
      reached: ["billing", "stock"],
      delivery: "Template",
      grants: 2,
      want: { delivery: "Template", deliveryMessage: "spec.delivery says so" },
    },
  ])("$name", ({ reached, delivery = "Auto", grants, want }) => {
    const { stores } = new MemoryWorld({ admissionNamespaces: reached });
    const circumstances = { namespace: "shop", warmUpMs: 35_000, grants };
    const choice = chooseDelivery(specOf(delivery), stores.caches, circumstances);
    expect(choice).toMatchObject(want);
  });

  it("the policy's own limit counts as the binding's does", () => {
    const { stores } = new MemoryWorld();
    const installed = stores.admissionPolicies.get(admissionPolicyName);
    if (installed) stores.admissionPolicies.set({ ...installed, namespaces: [] });
    const circumstances = { namespace: "shop", warmUpMs: 35_000, grants: 0 };
    const choice = chooseDelivery(specOf("Auto"), stores.caches, circumstances);
    expect(choice).toMatchObject({
      delivery: "Template",
      deliveryMessage: `${limits}MutatingAdmissionPolicy poolwarden reaches only none`,
    });
  });

  it("keeps a fleet outside of it within the budget, by its templates", async () => {
    const world = new MemoryWorld({ admissionNamespaces: ["billing"] });
    world.policy("orders");
    world.deployment("web");
    world.autoscaler("web", 6);

    await world.pass(10 * minuteMs);

    expect(world.status("orders").delivery).toBe("Template");
    expect(world.podSizes("web")).not.toContain(50);
  });
});
