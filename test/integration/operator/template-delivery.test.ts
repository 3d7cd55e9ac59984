// The main job with template delivery, on a real API server and a real PostgreSQL: entries of the
// pod template that somebody else's manifest also sets, and what happens when that one comes back.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { rolledAtAnnotation } from "../../../src/api/group.ts";
import { buildPolicy, envOf, sizeOf } from "../../support/admission.ts";
import { budgetOn, openFleet, poolSizeOf, sumOfSlots } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";

const namespace = "operator-template";
const kubectl = inject("controlPlane");
const env = [
  { name: "OTHER", value: "kept" },
  { name: "DB_POOL_MAX_SIZE", value: "50" },
];

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let budget: number;

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 200 });
  budget = await budgetOn(postgres);
  fleet = await openFleet({ kubectl, namespace });
  await fleet.apply(manifest("web", 3));
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace],
  });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

/** The Deployment as its owner's repository has it. */
function manifest(name: string, replicas: number): KubernetesObject {
  return buildWorkload("Deployment", namespace, name, { replicas, env });
}

function spec(name: string, more: object = {}): object {
  return {
    database: { secretRef: { name: "orders-db" } },
    delivery: "Template",
    stability: { cooldown: "1s" },
    workloads: [{ name }],
    ...more,
  };
}

async function template(name: string): Promise<unknown> {
  return read(await fleet.deployment(name), "spec", "template");
}

/** As many pods twice: planned ones, and as many again while they are replaced. */
function shareOf(replicas: number): number {
  return Math.min(50, Math.floor(budget / (2 * replicas)));
}

describe("a fleet that promised too much", () => {
  it("becomes Ready, every pod with its share", async () => {
    await fleet.applyPolicy("orders", spec("web"));

    await fleet.waitForReady("orders");

    await fleet.waitForPods("web", 3, shareOf(3));
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
    expect(read(await fleet.statusOf("orders"), "delivery")).toBe("Template");
    expect(read(await fleet.statusOf("orders"), "grants")).toBe(undefined);
  });

  it("we own exactly our entries and annotations, and the others stay", async () => {
    const managed = readList(await fleet.deployment("web"), "metadata", "managedFields");
    const ours = managed.filter((one) => read(one, "manager") === "poolwarden");
    expect(ours).toHaveLength(1);
    const item = { ".": {}, "f:name": {}, "f:value": {} };
    const entries = {
      'k:{"name":"DB_POOL_MAX_SIZE"}': item,
      'k:{"name":"DB_POOL_MIN_SIZE"}': item,
    };
    const annotations = { "f:poolwarden.dev/pool-size": {}, "f:poolwarden.dev/rolled-at": {} };
    expect(read(ours[0], "fieldsV1")).toEqual({
      "f:spec": {
        "f:template": {
          "f:metadata": { "f:annotations": annotations },
          "f:spec": {
            "f:containers": {
              'k:{"name":"app"}': { ".": {}, "f:name": {}, "f:env": entries },
            },
          },
        },
      },
    });
    expect(envOf(await template("web"))).toContainEqual({ name: "OTHER", value: "kept" });
    expect(sizeOf(await template("web"))).toBe(String(shareOf(3)));
  });

  it("kubectl scale leads to new sizes, down and up", async () => {
    await fleet.kubectl("scale deployment/web --replicas=6");
    await fleet.waitForPods("web", 6, shareOf(6));
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);

    await fleet.kubectl("scale deployment/web --replicas=4");
    await fleet.waitForPods("web", 4, shareOf(4));

    await fleet.waitForReady("orders");
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
  });

  it("a second workload takes its part by way of shrinking the first", async () => {
    await fleet.apply(manifest("worker", 2));
    await fleet.applyPolicy(
      "orders",
      spec("web", { workloads: [{ name: "web" }, { name: "worker" }] }),
    );

    await fleet.waitForCondition("orders", "WithinBudget", { status: "False" });
    await fleet.waitForReady("orders");

    const [web = 0] = await fleet.sizesOf("web");
    expect(web).toBeLessThan(shareOf(4));
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
    await fleet.kubectl("delete deployment worker");
    await fleet.waitForPods("web", 4, shareOf(4));
  });
});

describe("a manifest that is applied again with its own value", () => {
  const revert = (): Promise<void> => fleet.apply(manifest("web", 4));
  const rolledAt = async (): Promise<unknown> =>
    read(await template("web"), "metadata", "annotations", rolledAtAnnotation);

  it("is said with the manager, and put right", async () => {
    await fleet.applyPolicy("orders", spec("web", { stability: { cooldown: "1m" } }));
    await fleet.waitForReady("orders");

    await revert();

    const event = await waitForEvent("RevertedByOther");
    expect(event).toContain("kubectl-client-side-apply has put the entries back to 50");
    expect(event).toContain(`Poolwarden wrote ${shareOf(4)}, reverted once`);
    await fleet.waitForPods("web", 4, shareOf(4));
  });

  it("is not fought over: the next time waits, and says until when", async () => {
    await fleet.waitForReady("orders");
    const before = await rolledAt();

    await revert();

    await fleet.waitForCondition("orders", "Ready", { status: "False" });
    await fleet.waitForCondition("orders", "Applied", {
      status: "False",
      reason: "RevertedByOther",
      says: ["kubectl-client-side-apply has put the entries back"],
    });
    await fleet.waitForPods("web", 4, 50);
    expect(await rolledAt()).toBe(before);
  });
});

describe("ownership Respect", () => {
  it("leaves an entry that somebody else owns, and says who", async () => {
    await fleet.kubectl("delete poolpolicy orders");
    await fleet.apply(manifest("respected", 1));
    await fleet.apply(
      buildPolicy(namespace, "respect", spec("respected", { ownership: "Respect" })),
    );

    await fleet.waitForCondition("respect", "Applied", {
      status: "False",
      reason: "FieldConflict",
      says: ["Deployment/respected: DB_POOL_MAX_SIZE is owned by kubectl-client-side-apply"],
    });

    expect(read(await fleet.deployment("respected"), "metadata", "generation")).toBe(1);
    expect((await fleet.pods("respected")).map((pod) => poolSizeOf(pod))).toEqual([50]);
  });

  it("writes an entry that nobody owns", async () => {
    const workload = buildWorkload("Deployment", namespace, "unowned", { replicas: 1 });
    await fleet.apply(workload);
    await fleet.applyPolicy(
      "unowned",
      spec("unowned", {
        ownership: "Respect",
        workloads: [{ name: "unowned", poolSize: { min: 12, max: 12 } }],
      }),
    );

    await fleet.waitForPods("unowned", 1, 12);
  });
});

/** Message of an event about Deployment web. */
async function waitForEvent(reason: string): Promise<string> {
  let found: string | undefined;
  await waitUntil(`event ${reason}`, async () => {
    const events = await fleet.rest.list({
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { namespace },
    });
    const event = events.find((one) => read(one, "reason") === reason);
    found = event === undefined ? undefined : String(read(event, "note"));
    return found !== undefined;
  });
  return found ?? "";
}
