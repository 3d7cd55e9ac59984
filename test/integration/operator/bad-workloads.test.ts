// Workloads that cannot be sized, or only after a word about it. In every case a condition or a
// finding names the value and the way out, every pod starts, and a policy beside it goes on.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { buildPolicy } from "../../support/admission.ts";
import type { Entry } from "../../support/admission.ts";
import { openFleet, poolSizeOf } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { createInstantRuntime } from "../../support/kubelet/instant-runtime.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "bad-workloads";
const kubectl = inject("controlPlane");
const size = 12;

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 2_000 });
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace, runtime: createInstantRuntime() });
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  await fleet.applySecret("sizes", { web: "8" });
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "sizes" } };
  await fleet.apply({ ...configMap, data: { web: "8" } });
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

const poolSize = { min: size, max: size };

function specFor(entry: object, more: object = {}): object {
  return { database: { secretRef: { name: "orders-db" } }, workloads: [entry], ...more };
}

async function addWorkload(name: string, env: readonly Entry[]): Promise<void> {
  await fleet.apply(buildWorkload("Deployment", namespace, name, { replicas: 2, env }));
}

/** Whatever befell the others, this one is sized as its policy says. */
async function expectAnotherIsSized(name: string): Promise<void> {
  await addWorkload(name, [{ name: "DB_POOL_MAX_SIZE", value: "3" }]);
  await fleet.applyPolicy(name, specFor({ name, poolSize }));
  await fleet.waitForPods(name, 2, size);
  await fleet.waitForReady(name);
}

async function findingsOf(policy: string, reason: string): Promise<readonly string[]> {
  return readList(await fleet.statusOf(policy), "findings")
    .filter((finding) => read(finding, "reason") === reason)
    .map((finding) => String(read(finding, "message")));
}

async function waitForFinding(policy: string, reason: string): Promise<string> {
  await waitUntil(`finding ${reason} of ${policy}`, async () => {
    return (await findingsOf(policy, reason)).length > 0;
  });
  return (await findingsOf(policy, reason))[0] ?? "";
}

const configMapRef = { configMapKeyRef: { name: "sizes", key: "web" } };
const secretRef = { secretKeyRef: { name: "sizes", key: "web" } };
const fieldRef = { fieldRef: { fieldPath: "metadata.labels['app']" } };
const references = [
  { from: "config-map", valueFrom: configMapRef, wantSource: "ConfigMap sizes, key web" },
  { from: "secret", valueFrom: secretRef, wantSource: "Secret sizes, key web" },
  { from: "field", valueFrom: fieldRef, wantSource: "a field of the pod" },
];

describe("an entry that takes its value from somewhere else", () => {
  it.each(references)("admission replaces it in new pods: $from", async ({ from, valueFrom }) => {
    const name = `admission-${from}`;
    await addWorkload(name, [{ name: "DB_POOL_MAX_SIZE", valueFrom }]);
    await fleet.applyPolicy(name, specFor({ name, poolSize }, { delivery: "Admission" }));

    await fleet.waitForPods(name, 2, size);

    await fleet.waitForReady(name);
    const [pod] = await fleet.pods(name);
    const entries = pod?.spec.containers[0]?.env?.filter((e) => e.name === "DB_POOL_MAX_SIZE");
    expect(entries).toEqual([{ name: "DB_POOL_MAX_SIZE", value: String(size) }]);
    const env = read(await fleet.deployment(name), "spec", "template", "spec", "containers", 0);
    expect(read(env, "env", 0, "valueFrom")).toMatchObject(valueFrom);
  });

  it.each(references)("the template delivery leaves it alone: $from", async (given) => {
    const name = `template-${given.from}`;
    await addWorkload(name, [{ name: "DB_POOL_MAX_SIZE", valueFrom: given.valueFrom }]);
    await fleet.applyPolicy(name, specFor({ name, poolSize }, { delivery: "Template" }));

    await fleet.waitForCondition(name, "Applied", {
      status: "False",
      reason: "SizeFromReference",
      says: [given.wantSource, "DB_POOL_MAX_SIZE", "use delivery: Admission"],
    });

    await fleet.waitForPods(name, 2);
    const { generation } = read(await fleet.deployment(name), "metadata") as { generation: number };
    expect(generation).toBe(1);
    await expectAnotherIsSized(`beside-template-${given.from}`);
  });
});

describe.each([{ delivery: "Admission" }, { delivery: "Template" }])(
  "a size that is no number, with delivery $delivery",
  ({ delivery }) => {
    it.each([
      { value: "-1", name: "negative", reason: "Unlimited", says: "DB_POOL_MAX_SIZE" },
      {
        ...{ value: "", name: "empty", reason: "InvalidSize" },
        says: "10 is assumed; correct it, or set unmanagedPoolSize",
      },
    ])("$name: it is said, and pods get theirs", async ({ value, name: given, reason, says }) => {
      const name = `${delivery.toLowerCase()}-${given}`;
      await addWorkload(name, [{ name: "DB_POOL_MAX_SIZE", value }]);
      await fleet.waitForPods(name, 2);
      await fleet.applyPolicy(name, specFor({ name }, { delivery, rebalance: "Never" }));

      const message = await waitForFinding(name, reason);
      expect(message).toContain(`Deployment/${name}: `);
      expect(message).toContain(says);

      await fleet.applyPolicy(name, specFor({ name, poolSize }, { delivery }));
      await fleet.waitForPods(name, 2, size);
      await fleet.waitForReady(name);
    });

    it.each([
      { value: "fifty", name: "word" },
      { value: "1e3", name: "exponent" },
    ])("$name: it is said, and never written over", async ({ value, name: given }) => {
      const name = `${delivery.toLowerCase()}-${given}`;
      await addWorkload(name, [{ name: "DB_POOL_MAX_SIZE", value }]);
      await fleet.waitForPods(name, 2);
      await fleet.applyPolicy(name, specFor({ name, poolSize }, { delivery }));

      expect(await waitForFinding(name, "NotANumber")).toContain("DB_POOL_MAX_SIZE");

      await expectAnotherIsSized(`beside-${name}`);
      const { generation } = read(await fleet.deployment(name), "metadata") as {
        generation: number;
      };
      expect(generation).toBe(1);
      const pods = await fleet.pods(name);
      expect(pods.map((pod) => pod.spec.containers[0]?.env?.at(-1)?.value)).toEqual([value, value]);
    });
  },
);

describe("a workload that cannot be told", () => {
  const sidecar = { name: "proxy", image: "none" };
  async function addWithSidecar(name: string): Promise<void> {
    const workload = buildWorkload("Deployment", namespace, name, { replicas: 1 });
    const pod = read(workload, "spec", "template", "spec") as { containers: unknown[] };
    pod.containers.push(sidecar);
    await fleet.apply(workload);
  }

  it.each([
    {
      name: "container-unknown",
      entry: { container: "database" },
      wantReason: "ContainerNotFound",
      wantSays: ["no container database", "it has: app, proxy", "spec.workloads[].container"],
    },
    {
      name: "containers-several",
      entry: {},
      wantReason: "ContainerAmbiguous",
      wantSays: ["containers app, proxy", "name one in spec.workloads[].container"],
    },
  ])("$name: $wantReason", async ({ name, entry, wantReason, wantSays }) => {
    await addWithSidecar(name);
    await fleet.applyPolicy(name, specFor({ name, ...entry }));

    const wish = { status: "False", reason: wantReason, says: wantSays } as const;
    await fleet.waitForCondition(name, "Applied", wish);
    await fleet.waitForCondition(name, "Ready", wish);

    await fleet.waitForPods(name, 1);
    await expectAnotherIsSized(`beside-${name}`);
  });

  it("two policies on one workload: both say so, and neither touches it", async () => {
    await addWorkload("shared", [{ name: "DB_POOL_MAX_SIZE", value: "7" }]);
    const spec = specFor({ name: "shared", poolSize });
    await fleet.apply(
      buildPolicy(namespace, "first", spec),
      buildPolicy(namespace, "second", spec),
    );

    for (const name of ["first", "second"]) {
      await fleet.waitForCondition(name, "Applied", {
        status: "False",
        reason: "ClaimedTwice",
        says: ["Deployment/shared", `${namespace}/first and ${namespace}/second`],
      });
    }

    await expectAnotherIsSized("beside-shared");
    expect((await fleet.pods("shared")).map((pod) => poolSizeOf(pod))).toEqual([7, 7]);
    await fleet.kubectl("delete poolpolicy second");
    await fleet.waitForPods("shared", 2, size);
    await fleet.waitForReady("first");
  });

  it("floors that do not fit: by how much, by whom, and the ways out", async () => {
    await addWorkload("huge", [{ name: "DB_POOL_MAX_SIZE", value: "5" }]);
    await fleet.applyPolicy("huge", specFor({ name: "huge", poolSize: { min: 900, max: 900 } }));

    await fleet.waitForCondition("huge", "Feasible", {
      status: "False",
      reason: "Infeasible",
      says: [
        "most by Deployment/huge: 2 planned pods x 900 slots",
        // Beside it are workloads of other cases, which have ways of their own.
        ...["a lower poolSize.min, ", "fewer planned pods (replicas", "more connections"],
      ],
    });

    await fleet.kubectl("scale deployment/huge --replicas=3");
    await fleet.waitForPods("huge", 3);
    await fleet.kubectl("delete poolpolicy/huge deployment/huge");
    await expectAnotherIsSized("beside-huge");
  });
});
