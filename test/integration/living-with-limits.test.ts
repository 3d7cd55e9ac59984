// What else has a word in how many pods there are: autoscalers, KEDA, PodDisruptionBudgets and
// ResourceQuotas, on a real API server. Their controllers need nodes or metrics and do not run
// here; what they would write is written in their place.
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { envOf } from "../support/admission.ts";
import type { Fleet } from "../support/fleet.ts";
import { openManagedFleet } from "../support/managed-fleet.ts";
import type { ManagedFleet } from "../support/managed-fleet.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";
import { buildAutoscaler, buildWorkload } from "../support/workloads.ts";

// Several go on at once, so each takes as long as all of them on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const namespace = "living-with-limits";
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

async function add(name: string, replicas: number): Promise<void> {
  await fleet.apply(buildWorkload("Deployment", namespace, name, { replicas, env }));
  await fleet.waitForPods(name, replicas, 3);
}

/** A policy of its own on a server of its own. */
async function manage(name: string, entry: object = {}): Promise<void> {
  await fleet.applyPolicy(name, {
    database: { address: `${name}.db.invalid:5432`, maxConnections: 200 },
    delivery: "Admission",
    stability: { cooldown: "1s" },
    alerts: { enabled: false },
    workloads: [{ name, ...entry }],
  });
}

async function waitForPlan(name: string, pods: number): Promise<void> {
  await waitUntil(`${pods} planned pods of ${name}`, async () => {
    return read(await fleet.statusOf(name), "workloads", 0, "plannedPods") === pods;
  });
}

/** As KEDA makes it of a ScaledObject. */
function buildKedaAutoscaler(name: string, maxReplicas: number): object {
  const autoscaler = buildAutoscaler(namespace, name, maxReplicas);
  return { ...autoscaler, metadata: { namespace, name: `keda-hpa-${name}` } };
}

describe("KEDA", () => {
  it.concurrent("its autoscaler's maximum is planned for, at 0 replicas too", async () => {
    await add("consumer", 1);
    await fleet.apply(buildKedaAutoscaler("consumer", 15));
    await manage("consumer");
    await fleet.waitForReady("consumer");
    await waitForPlan("consumer", 15);
    // 187 slots for 15 pods and 15 more while a new version rolls out.
    await fleet.waitForPods("consumer", 1, 6);

    await fleet.kubectl("scale deployment/consumer --replicas=0");
    await fleet.waitForPods("consumer", 0);
    await fleet.kubectl("scale deployment/consumer --replicas=15");
    await fleet.waitForPods("consumer", 15, 6);

    await fleet.waitForReady("consumer");
  });

  it.concurrent("while it is paused maxPods says how many there may be", async () => {
    await add("paused", 1);
    await fleet.apply(buildKedaAutoscaler("paused", 15));
    await manage("paused", { maxPods: 15 });
    await waitForPlan("paused", 15);
    await fleet.waitForPods("paused", 1, 6);
    await fleet.waitForReady("paused");

    // autoscaling.keda.sh/paused deletes the autoscaler.
    await fleet.kubectl("delete hpa keda-hpa-paused");
    await fleet.kubectl("annotate deployment paused seen=yes");
    await fleet.kubectl("scale deployment/paused --replicas=2");
    await fleet.waitForPods("paused", 2, 6);

    await fleet.waitForReady("paused");
    await waitForPlan("paused", 15);
  });
});

describe("a PodDisruptionBudget", () => {
  it.concurrent("that allows no eviction stops no roll, which keeps to the strategy", async () => {
    await add("guarded", 2);
    await fleet.apply({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "guarded" },
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: "guarded" } } },
    });
    let fewest = 2;
    await manage("guarded", { poolSize: { min: 9, max: 9 } });

    await waitUntil("both pods of the new size", async () => {
      const sizes = await fleet.sizesOf("guarded");
      fewest = Math.min(fewest, sizes.length);
      return sizes.length === 2 && sizes.every((size) => size === 9);
    });

    // 25 % of two pods rounds to none that may be away.
    expect(fewest).toBe(2);
    await fleet.waitForReady("guarded");
  });
});

describe("a ResourceQuota", () => {
  it.concurrent("is not touched by a size: requests and limits stay the owner's", async () => {
    await add("requested", 1);
    const resources = { requests: { cpu: "100m" }, limits: { memory: "1Gi" } };
    const containers = [{ name: "app", image: "none", env, resources }];
    const patch = JSON.stringify({ spec: { template: { spec: { containers } } } });
    await fleet.kubectl(`patch deployment requested --patch ${patch}`);
    await manage("requested", { poolSize: { min: 9, max: 9 } });

    await fleet.waitForPods("requested", 1, 9);

    const [pod] = await fleet.pods("requested");
    expect(read(pod, "spec", "containers", 0, "resources")).toMatchObject(resources);
    expect(envOf(pod).map(({ name }) => name)).toEqual(["DB_POOL_MIN_SIZE", "DB_POOL_MAX_SIZE"]);
  });

  it("that leaves no pod for the surge: the status names it, and it goes on after", async () => {
    await add("limited", 2);
    const hard = { "count/pods": "0" };
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { namespace, name: "pods" },
      spec: { hard },
    };
    expect(await fleet.rest.create(quota)).toMatchObject({ message: "" });
    await fleet.rest.merge(quota, { status: { hard, used: hard } }, { subresource: "status" });

    await manage("limited", { poolSize: { min: 9, max: 9 } });

    await fleet.waitForCondition("limited", "Applied", {
      status: "False",
      reason: "RolloutStuck",
      says: ["limited: rollout is blocked", "exceeded quota: pods"],
    });
    const rows = readList(await fleet.statusOf("limited"), "workloads");
    expect(read(rows[0], "pods")).toBe(2);
    await fleet.kubectl("delete resourcequota pods");
    await fleet.waitForPods("limited", 2, 9);
    await fleet.waitForReady("limited");
  });
});
