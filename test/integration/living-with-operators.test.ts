// A workload that the operator of a custom resource owns, on a real API server: it puts its pod
// template back the moment that a roll of ours stands in it.
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { setDisruptionsAllowed } from "../support/disruption-budgets.ts";
import type { Fleet } from "../support/fleet.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { openManagedFleet, type ManagedFleet } from "../support/managed-fleet.ts";
import { waitUntil } from "../support/processes.ts";
import { ownTemplate, type TemplateOwner } from "../support/template-owner.ts";
import { buildWorkload } from "../support/workloads.ts";

vi.setConfig({ testTimeout: 240_000 });

const namespace = "living-with-operators";
const kubectl = inject("controlPlane");
const manager = "lake-operator";
const env = [{ name: "DB_POOL_MAX_SIZE", value: "40" }];

/** Where the line is broken, but old and new pods fit side by side: a rollout is the way. */
const roomy = { database: { maxConnections: 400 }, reserve: { connections: 140 } };
/** 160 of 97 are held. */
const crowded = { database: { maxConnections: 100 } };

let managed: ManagedFleet;
let fleet: Fleet;
const owners = new Map<string, TemplateOwner>();
const closing = new AsyncDisposableStack();

beforeAll(async () => {
  managed = closing.use(await openManagedFleet(kubectl, namespace));
  ({ fleet } = managed);
  await setDisruptionsAllowed(fleet.rest, { namespace, name: "roomy" }, 0);
  for (const [name, { database, ...spec }] of Object.entries({ roomy, crowded })) {
    // Its owner has time to put the template back before all pods are replaced.
    const parts = { replicas: 4, env, minReadySeconds: 10 };
    const deployment = buildWorkload("Deployment", namespace, name, parts);
    owners.set(name, closing.use(await ownTemplate(kubectl, fleet.rest, { manager, deployment })));
    await fleet.waitForPods(name, 4, 40);
    await fleet.applyPolicy(name, {
      ...spec,
      database: { address: `${name}.lake.invalid:5432`, ...database },
      delivery: "Admission",
      alerts: { enabled: false },
      workloads: [{ name }],
    });
  }
});

afterAll(async () => {
  await closing.disposeAsync();
});

async function messageOf(policy: string, reason: string): Promise<string> {
  const findings = readList(await fleet.statusOf(policy), "findings");
  const message = read(
    findings.find((one) => read(one, "reason") === reason),
    "message",
  );
  return typeof message === "string" ? message : "";
}

/** Resolves with the fewest pods that there were meanwhile. */
async function waitForSizes(name: string, poolSize: number): Promise<number> {
  let fewest = 4;
  await waitUntil(
    `4 pods of ${name} with size ${poolSize}`,
    async () => {
      const sizes = await fleet.sizesOf(name);
      fewest = Math.min(fewest, sizes.length);
      return sizes.length === 4 && sizes.every((size) => size === poolSize);
    },
    150_000,
  );
  return fewest;
}

it("is seen after two rolls; its pods are evicted one at a time, within the budget", async () => {
  const refused = async (): Promise<boolean> =>
    (await messageOf("roomy", "EvictionRefused")).includes("disruption budget roomy");
  await waitUntil("the budget to be named", refused, 150_000);
  expect(owners.get("roomy")?.timesPutBack()).toBe(2);
  expect(await messageOf("roomy", "RollUndone")).toContain(
    "Deployment/roomy: field manager lake-operator has put the pod template back after several rollouts",
  );
  await setDisruptionsAllowed(fleet.rest, { namespace, name: "roomy" }, 5);

  expect(await waitForSizes("roomy", 32)).toBeGreaterThanOrEqual(3);
  await fleet.waitForReady("roomy");
  expect(owners.get("roomy")?.timesPutBack()).toBe(2);
});

it("has its pods replaced where 160 of 97 slots were held", async () => {
  expect(await waitForSizes("crowded", 10)).toBeGreaterThanOrEqual(3);
  await fleet.waitForReady("crowded");
});
