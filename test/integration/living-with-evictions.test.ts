// A repair whose rollout does not fit, on a real API server: one pod at a time is evicted, and a
// PodDisruptionBudget may keep us from it.
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { setDisruptionsAllowed } from "../support/disruption-budgets.ts";
import type { Fleet } from "../support/fleet.ts";
import { openManagedFleet } from "../support/managed-fleet.ts";
import type { ManagedFleet } from "../support/managed-fleet.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";
import { buildWorkload } from "../support/workloads.ts";

vi.setConfig({ testTimeout: 180_000 });

const namespace = "living-with-evictions";
const kubectl = inject("controlPlane");
const env = [{ name: "DB_POOL_MAX_SIZE", value: "3" }];

let fleet: Fleet;
let managed: ManagedFleet;

beforeAll(async () => {
  managed = await openManagedFleet(kubectl, namespace);
  ({ fleet } = managed);
});

afterAll(async () => {
  await managed[Symbol.asyncDispose]();
});

async function messageOf(reason: string): Promise<string> {
  const findings = readList(await fleet.statusOf("orders"), "findings");
  const message = read(
    findings.find((one) => read(one, "reason") === reason),
    "message",
  );
  return typeof message === "string" ? message : "";
}

async function uidsOf(name: string): Promise<readonly string[]> {
  return (await fleet.pods(name)).map((pod) => String(read(pod, "metadata", "uid")));
}

it("waits for the budget, says so, and goes on once the budget allows it", async () => {
  await fleet.apply(
    buildWorkload("Deployment", namespace, "web", { replicas: 3, env }),
    buildWorkload("Deployment", namespace, "job", { replicas: 4, env }),
  );
  await fleet.waitForPods("web", 3, 3);
  await fleet.waitForPods("job", 4, 3);
  await fleet.applyPolicy("orders", {
    database: { address: "crowded.db.invalid:5432", maxConnections: 200 },
    delivery: "Admission",
    stability: { cooldown: "1s" },
    alerts: { enabled: false },
    workloads: [{ name: "web" }, { name: "job" }],
  });
  await fleet.waitForPods("web", 3, 21);
  await fleet.waitForPods("job", 4, 15);
  await fleet.waitForReady("orders");
  const jobs = await uidsOf("job");
  const large = await uidsOf("web");
  await setDisruptionsAllowed(fleet.rest, { namespace, name: "web" }, 0);

  // At least 147 of 197 slots run then: 12 more fit, and 60 do not.
  await fleet.kubectl("scale deployment/web --replicas=5");

  await waitUntil("the budget to be named", async () => {
    return (await messageOf("EvictionRefused")).includes("disruption budget web");
  });
  expect(await uidsOf("web")).toEqual(expect.arrayContaining([...large]));
  await setDisruptionsAllowed(fleet.rest, { namespace, name: "web" }, 5);

  await fleet.waitForPods("web", 5, 12);
  await fleet.waitForReady("orders");
  expect([...(await uidsOf("job"))].sort()).toEqual([...jobs].sort());
  expect(await messageOf("EvictionRefused")).toBe("");
  expect(await fleet.kubectl("get events.events.k8s.io")).toMatch(/PodEvicted.*deployment\/web/i);
  expect(await fleet.kubectl("get deployment web -o jsonpath={.metadata.generation}")).toBe("3");
});
