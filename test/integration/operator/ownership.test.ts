// Whose field is it? Others who write the same entries as we do, and workloads that we let go, on a
// real API server. The server is declared only, so that no database is needed: 60 connections, of
// which 47 are the budget.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { rolledAtAnnotation } from "../../../src/api/group.ts";
import { buildPolicy, envOf } from "../../support/admission.ts";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { waitUntil } from "../../support/processes.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";
import { buildWorkload } from "../../support/workloads.ts";

const namespace = "operator-ownership";
const kubectl = inject("controlPlane");
const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];

let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace });
  operator = await start();
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
});

async function start(): Promise<OperatorProcess> {
  const { kubeconfigPath } = kubectl;
  return await startOperator({ kubeconfigPath, flags: ["--namespaces", namespace] });
}

function manifest(name: string): KubernetesObject {
  return buildWorkload("Deployment", namespace, name, { replicas: 1, env });
}

/** A policy of its own on a server of its own, which leaves five connections for each pod. */
async function manage(name: string, more: object = {}): Promise<void> {
  await fleet.applyPolicy(name, {
    database: { address: `${name}.db.invalid:5432`, maxConnections: 60 },
    delivery: "Template",
    stability: { cooldown: "1m" },
    workloads: [{ name, poolSize: { min: 5, max: 5 } }],
    ...more,
  });
}

async function templateOf(name: string): Promise<unknown> {
  return read(await fleet.deployment(name), "spec", "template");
}

/** What the template's entry says. */
async function sizeIn(name: string): Promise<unknown> {
  const entries = envOf(await templateOf(name));
  return entries.find((entry) => entry.name === "DB_POOL_MAX_SIZE")?.["value"];
}

async function rolledAt(name: string): Promise<unknown> {
  return read(await templateOf(name), "metadata", "annotations", rolledAtAnnotation);
}

async function managersOf(name: string): Promise<readonly unknown[]> {
  const managed = readList(await fleet.deployment(name), "metadata", "managedFields");
  return managed.map((entry) => read(entry, "manager"));
}

/** Notes of the events about a Deployment. */
async function eventsOn(name: string, reason: string): Promise<string[]> {
  const metadata = { namespace };
  const events = await fleet.rest.list({ apiVersion: "events.k8s.io/v1", kind: "Event", metadata });
  return events
    .filter((one) => read(one, "reason") === reason && read(one, "regarding", "name") === name)
    .map((one) => String(read(one, "note")));
}

async function findingsOf(policy: string): Promise<string[]> {
  const findings = readList(await fleet.statusOf(policy), "findings");
  return findings.map((one) => `${String(read(one, "reason"))}: ${String(read(one, "message"))}`);
}

async function waitForTemplate(name: string, size: string): Promise<void> {
  await waitUntil(`template of ${name} with ${size}`, async () => {
    return (await sizeIn(name)) === size;
  });
}

interface Writer {
  readonly name: string;
  readonly wantManager: string;
  /** Writes its own manifest again. */
  readonly write: (name: string) => Promise<unknown>;
}

const writers: readonly Writer[] = [
  {
    name: "kubectl",
    wantManager: "kubectl-client-side-apply",
    write: (name) => fleet.kubectl("apply -f -", JSON.stringify(manifest(name))),
  },
  {
    name: "kubectl-server",
    wantManager: "kubectl",
    write: (name) =>
      fleet.kubectl("apply --server-side --force-conflicts -f -", JSON.stringify(manifest(name))),
  },
  {
    name: "helm",
    wantManager: "Helm",
    write: (name) => {
      const containers = [{ name: "app", env }];
      const patch = JSON.stringify({ spec: { template: { spec: { containers } } } });
      return fleet.kubectl(`patch deployment ${name} --field-manager=Helm --patch ${patch}`);
    },
  },
  {
    name: "argocd",
    wantManager: "argocd-controller",
    write: (name) =>
      fleet.rest.apply(manifest(name), { manager: "argocd-controller", force: true }),
  },
];

describe.each(writers)("template delivery beside $name", ({ name, wantManager, write }) => {
  it("puts its value right once, and says who it was", async () => {
    await fleet.rest.apply(manifest(name), { manager: wantManager });
    await manage(name);
    await fleet.waitForReady(name);

    await write(name);
    await waitUntil("the event", async () => (await eventsOn(name, "RevertedByOther")).length > 0);

    const [note] = await eventsOn(name, "RevertedByOther");
    expect(note).toContain(`${wantManager} has put the entries back to 50`);
    await waitForTemplate(name, "5");
    await fleet.waitForReady(name);
  });

  it("then waits ever longer, however often the value comes back", async () => {
    const before = await rolledAt(name);

    for (let time = 0; time < 8; time++) await write(name);
    await waitUntil("the finding", async () => {
      return (await findingsOf(name)).some((one) => one.startsWith("RevertedByOther"));
    });

    const told = (await findingsOf(name)).find((one) => one.startsWith("RevertedByOther"));
    expect(told).toContain(`${wantManager} has put the entries back to 50`);
    await fleet.waitForPods(name, 1, 50);
    expect(await rolledAt(name)).toBe(before);
  });
});

describe("a workload is let go, with its values and without a restart,", () => {
  /** Ready under a policy of its own; returns how to see that nothing but ownership changed. */
  async function settled(name: string, more: object = {}): Promise<() => Promise<void>> {
    await fleet.apply(manifest(name));
    await manage(name, more);
    await fleet.waitForReady(name);
    await waitForTemplate(name, "5");
    const before = await fleet.deployment(name);
    const uids = (await fleet.pods(name)).map(({ metadata }) => metadata.uid);
    expect(await managersOf(name)).toContain("poolwarden");
    return async () => {
      await waitUntil("nothing is ours", async () => {
        return !(await managersOf(name)).includes("poolwarden");
      });
      const after = await fleet.deployment(name);
      expect(read(after, "spec", "template")).toEqual(read(before, "spec", "template"));
      expect(read(after, "metadata", "generation")).toBe(read(before, "metadata", "generation"));
      expect((await fleet.pods(name)).map(({ metadata }) => metadata.uid)).toEqual(uids);
    };
  }

  async function releaseOf(name: string): Promise<string> {
    await waitUntil("the event", async () => (await eventsOn(name, "Released")).length > 0);
    const notes = await eventsOn(name, "Released");
    expect(notes).toHaveLength(1);
    return notes[0] ?? "";
  }

  it("when its policy is deleted", async () => {
    const expectReleased = await settled("deleted");

    await fleet.kubectl("delete poolpolicy deleted");

    await expectReleased();
    const note = await releaseOf("deleted");
    expect(note).toContain("no PoolPolicy selects it any more: ");
    expect(note).toContain("DB_POOL_MIN_SIZE=1, DB_POOL_MAX_SIZE=5 stay in the template");
    const { message } = await fleet.rest.apply(manifest("deleted"), { manager: "argocd" });
    expect(message).toBe("");
  });

  it("when its policy only observes", async () => {
    const expectReleased = await settled("observed");

    await manage("observed", { mode: "Observe" });

    await expectReleased();
    expect(await releaseOf("observed")).toContain(
      `PoolPolicy ${namespace}/observed only observes it`,
    );
  });

  it("and taken again when its policy enforces once more, also without a restart", async () => {
    const [pod] = await fleet.pods("observed");

    await manage("observed");
    await fleet.waitForReady("observed");

    expect((await fleet.pods("observed")).map(({ metadata }) => metadata.uid)).toEqual([
      pod?.metadata.uid,
    ]);
  });

  it("when its labels leave the policy", async () => {
    const selector = { matchLabels: { app: "relabelled" } };
    const workloads = [{ selector, poolSize: { min: 5, max: 5 } }];
    const expectReleased = await settled("relabelled", { workloads });

    await fleet.kubectl("label deployment relabelled --overwrite app=another");

    await expectReleased();
    expect(await releaseOf("relabelled")).toContain("no PoolPolicy selects it any more");
  });

  it("when its policy went while nobody looked, once somebody looks", async () => {
    const expectReleased = await settled("while-away");
    await operator.stop();
    await fleet.kubectl("delete poolpolicy while-away");
    expect(await managersOf("while-away")).toContain("poolwarden");

    operator = await start();

    await expectReleased();
  });

  it("when its policy delivers through the API server from now on", async () => {
    await settled("delivered");

    await manage("delivered", { delivery: "Admission" });

    await waitUntil("no entry is ours", async () => {
      const live = JSON.stringify(await fleet.deployment("delivered"));
      return !/"manager":"poolwarden"[^}]*"fieldsV1":\{"f:spec":\{"f:template":\{"f:spec"/.test(
        live,
      );
    });
    expect(await sizeIn("delivered")).toBe("5");
  });
});

describe("admission delivery beside all of them", () => {
  it("meets no conflict, owns no entry, and restarts nobody", async () => {
    await fleet.apply(manifest("admitted"));
    await fleet.apply(
      buildPolicy(namespace, "admitted", {
        database: { address: "admitted.db.invalid:5432", maxConnections: 60 },
        delivery: "Admission",
        alerts: { enabled: false },
        workloads: [{ name: "admitted", poolSize: { min: 5, max: 5 } }],
      }),
    );
    await fleet.waitForReady("admitted");
    await fleet.waitForPods("admitted", 1, 5);
    const before = await rolledAt("admitted");
    const [pod] = await fleet.pods("admitted");

    for (const { write } of writers) await write("admitted");
    await fleet.kubectl("annotate deployment admitted touched=yes");
    await fleet.waitForReady("admitted");

    expect(await rolledAt("admitted")).toBe(before);
    expect(await sizeIn("admitted")).toBe("50");
    expect((await fleet.pods("admitted")).map(({ metadata }) => metadata.uid)).toEqual([
      pod?.metadata.uid,
    ]);
    expect(await findingsOf("admitted")).toEqual([]);
  });
});
