// Nothing is written when nothing changed. The API server's own audit log is the witness: every
// request that changes something, by whom. The database is read on, and its answers change nothing.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareAudit } from "../../support/audit.ts";
import type { Audit } from "../../support/audit.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import {
  kubectlOf,
  prometheusRuleCrd,
  startInstalledPlane,
} from "../../support/installed-plane.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { openWorkspace, waitUntil } from "../../support/processes.ts";
import type { Workspace } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";

const namespace = "quiet";
const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];

let workspace: Workspace;
let audit: Audit;
let plane: ControlPlane;
let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-audit-");
  audit = await prepareAudit(workspace.directory);
  plane = await startInstalledPlane({ apiServerFlags: audit.apiServerFlags });
  await plane.kubectl(["apply", "-f", "-"], { stdin: JSON.stringify(prometheusRuleCrd) });
  postgres = await startPostgres({ maxConnections: 200 });
  fleet = await openFleet({ kubectl: kubectlOf(plane), namespace });
  await fleet.apply(
    buildWorkload("Deployment", namespace, "web", { replicas: 4, env }),
    buildWorkload("Deployment", namespace, "worker", { replicas: 2, env }),
    buildWorkload("StatefulSet", namespace, "store", { replicas: 2, env }),
  );
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  operator = await startAsItself();
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
  await plane.stop();
  await workspace.close();
});

/** With an identity of its own, so that the audit log tells its requests from all others. */
async function startAsItself(): Promise<OperatorProcess> {
  const kubeconfigPath = join(workspace.directory, "kubeconfig");
  const identity = { name: "poolwarden", groups: ["system:masters"] };
  await writeFile(kubeconfigPath, await plane.addUser(identity));
  return startOperator({ kubeconfigPath, flags: ["--database-interval", "1s"] });
}

/** `verb resource/name` of every change that the operator has asked for. */
async function changes(): Promise<readonly string[]> {
  const entries = await audit.entries();
  const own = entries.filter(({ user }) => user === "poolwarden");
  return own.map(({ verb, object }) => `${verb} ${object}`);
}

const readings = (): Promise<number> => operator.metric("poolwarden_database_read_seconds_count");

async function waitForReadings(count: number): Promise<void> {
  const before = await readings();
  await waitUntil("further readings", async () => (await readings()) >= before + count);
}

describe.each([
  { delivery: "Admission", wantResources: ["poolpolicies", "deployments", "prometheusrules"] },
  { delivery: "Template", wantResources: ["poolpolicies", "deployments", "prometheusrules"] },
])("with delivery $delivery", ({ delivery, wantResources }) => {
  const policy = delivery.toLowerCase();

  it("the fleet is brought to its sizes, by writes that the audit log shows", async () => {
    await fleet.kubectl("delete poolpolicies --all");
    await fleet.applyPolicy(policy, {
      database: { secretRef: { name: "orders-db" } },
      delivery,
      workloads: [{ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }],
    });

    await fleet.waitForReady(policy);
    await fleet.waitForCondition(policy, "Applied", { status: "True" });

    const written = (await changes()).join("\n");
    for (const resource of wantResources) expect(written).toContain(resource);
  });

  it("then nothing is written, however often the database is read", async () => {
    // What the last writes caused is told and decided on first.
    await delay(1_500);
    await waitForReadings(1);
    const before = await changes();
    const writes = await operator.metric("poolwarden_writes_total");

    await waitForReadings(3);

    expect((await changes()).slice(before.length)).toEqual([]);
    expect(await operator.metric("poolwarden_writes_total")).toBe(writes);
  });

  it("a rule that somebody deletes comes back, and then all is quiet again", async () => {
    const uid = (): Promise<string> =>
      fleet.kubectl("get prometheusrules -o jsonpath={.items[*].metadata.uid}");
    const deleted = await uid();
    const before = await changes();

    await fleet.kubectl("delete prometheusrules --all");

    await waitUntil("another rule", async () => !["", deleted].includes(await uid()));
    await waitForReadings(2);
    const since = (await changes()).slice(before.length);
    expect(since).toEqual([expect.stringContaining("prometheusrules")]);
  });

  it("nor after a restart of the operator, nor by one that was killed", async () => {
    const before = await changes();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await operator.stop(signal);
      operator = await startAsItself();
      await waitForReadings(2);
    }

    // The rule is applied once after a start, because what stands in it is not read.
    const since = (await changes()).slice(before.length);
    expect(since.filter((change) => !change.includes("prometheusrules"))).toEqual([]);
  });
});
