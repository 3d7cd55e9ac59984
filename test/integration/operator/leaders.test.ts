// Two operators on one cluster, with the rights of the install manifest: one writes, the other
// stands by with full caches. Leaders are killed, stopped, asked to end, and lose their Lease; the
// audit log of the API server is the witness that there is one writer at a time.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Audit, type AuditEntry, prepareAudit } from "../../support/audit.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { startControlPlane } from "../../support/control-plane/control-plane.ts";
import { budgetOn, type Fleet, openFleet, sumOfSlots } from "../../support/fleet.ts";
import { applyOn, kubectlOf, manifests } from "../../support/installed-plane.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { type OperatorProcess, startOperator } from "../../support/operator.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { openWorkspace, waitUntil, type Workspace } from "../../support/processes.ts";
import { installRights } from "../../support/rights.ts";
import { buildWorkload } from "../../support/workloads.ts";

const namespace = "leaders";
const system = "poolwarden-system";
const group = "operators";
const leaseDurationMs = 4_000;
const flags = [
  ...["--leader-elect=true", `--lease-namespace=${system}`],
  ...["--lease-duration=4s", "--renew-deadline=2500ms", "--retry-period=500ms"],
];
const leads = "this operator leads";

let workspace: Workspace;
let audit: Audit;
let plane: ControlPlane;
let postgres: Postgres;
let fleet: Fleet;
let budget: number;
let operators: Operator[] = [];
let born = 0;

/** A process, and the user that it is to the API server. */
type Operator = { readonly user: string; readonly process: OperatorProcess };

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-leaders-");
  audit = await prepareAudit(workspace.directory);
  plane = await startControlPlane({ apiServerFlags: audit.apiServerFlags });
  await applyOn(plane, manifests);
  await installRights(plane, [{ kind: "Group", name: group }]);
  postgres = await startPostgres({ maxConnections: 200 });
  budget = await budgetOn(postgres);
  fleet = await openFleet({ kubectl: kubectlOf(plane), namespace });
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];
  await fleet.apply(buildWorkload("Deployment", namespace, "web", { replicas: 2, env }));
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  await fleet.kubectl("create role db --verb=get --resource=secrets --resource-name=orders-db");
  await fleet.kubectl(`create rolebinding db --role=db --group=${group}`);
  await fleet.applyPolicy("orders", {
    database: { secretRef: { name: "orders-db" } },
    delivery: "Template",
    stability: { cooldown: "1s" },
    workloads: [{ name: "web" }],
  });
});

afterAll(async () => {
  for (const { process } of operators) await process[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
  await plane.stop();
  await workspace.close();
});

async function enter(): Promise<Operator> {
  const user = `operator-${++born}`;
  const kubeconfigPath = join(workspace.directory, user);
  await writeFile(kubeconfigPath, await plane.addUser({ name: user, groups: [group] }));
  const environment = { POD_NAME: user };
  const operator = { user, process: await startOperator({ kubeconfigPath, flags, environment }) };
  operators.push(operator);
  return operator;
}

async function leader(): Promise<Operator> {
  let found: Operator | undefined;
  await waitUntil("a leader", async () => {
    for (const one of operators) {
      if ((await one.process.metric("poolwarden_leader")) === 1) found = one;
    }
    return found !== undefined;
  });
  if (!found) throw new Error("nobody leads");
  return found;
}

function otherThan(one: Operator): Operator {
  const other = operators.find((operator) => operator !== one);
  if (!other) throw new Error("there is no other operator");
  return other;
}

async function bury(one: Operator): Promise<void> {
  operators = operators.filter((operator) => operator !== one);
  await one.process[Symbol.asyncDispose]();
}

async function leaseSpec(): Promise<unknown> {
  const metadata = { namespace: system, name: "poolwarden" };
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata };
  return read((await fleet.rest.get(lease)).body, "spec");
}

async function timeIn(field: "acquireTime" | "renewTime"): Promise<number> {
  return Date.parse(String(read(await leaseSpec(), field)));
}

/** As many pods twice: planned ones, and as many again while they are replaced. */
async function expectSizes(replicas: number): Promise<void> {
  await fleet.waitForPods("web", replicas, Math.min(50, Math.floor(budget / (2 * replicas))));
  expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
}

async function scaleTo(replicas: number): Promise<void> {
  await fleet.kubectl(`scale deployment/web --replicas=${replicas}`);
}

/** What operators changed, their Lease apart. */
async function writes(): Promise<readonly AuditEntry[]> {
  const entries = await audit.entries();
  return entries.filter(
    ({ user, object, status }) =>
      user.startsWith("operator-") && !object.startsWith("leases/") && status < 300,
  );
}

describe("two operators", () => {
  it("one leads and writes; the other is ready, serves its pages, and writes nothing", async () => {
    await Promise.all([enter(), enter()]);
    const first = await leader();
    const second = otherThan(first);
    await expectSizes(2);

    expect(await second.process.metric("poolwarden_leader")).toBe(0);
    expect(await second.process.metric("poolwarden_writes_total")).toBe(0);
    expect(await second.process.metric("poolwarden_cache_objects", { kind: "Pod" })).toBe(2);
    for (const page of ["/readyz", "/livez"]) {
      expect((await second.process.get(page)).status).toBe(200);
    }
    expect(second.process.linesWith("another one leads", first.user)).toHaveLength(1);
    expect((await writes()).every(({ user }) => user === first.user)).toBe(true);
  });

  it.each([{ replicas: 4 }, { replicas: 3 }])(
    "kill -9 of the leader: the other takes over once the lease has run out, and brings $replicas pods to their size",
    async ({ replicas }) => {
      const dead = await leader();
      const next = otherThan(dead);
      await dead.process.stop("SIGKILL");
      const renewedMs = await timeIn("renewTime");
      await scaleTo(replicas);

      await next.process.waitForLine(leads);

      expect((await timeIn("acquireTime")) - renewedMs).toBeGreaterThanOrEqual(leaseDurationMs);
      await expectSizes(replicas);
      await bury(dead);
      await enter();
    },
  );

  it("SIGTERM: the lease is given away, and the other goes on at once", async () => {
    const old = await leader();
    const next = otherThan(old);

    const { code } = await old.process.stop("SIGTERM");

    expect(code).toBe(0);
    expect(old.process.linesWith("lease released", '"outcome":"ok"')).toHaveLength(1);
    await next.process.waitForLine(leads);
    await bury(old);
    await enter();
  });

  it("a Lease that somebody deletes is made anew by its leader", async () => {
    const first = await leader();
    const { code } = await plane.kubectl(["delete", "lease", "poolwarden", "-n", system]);
    expect(code).toBe(0);

    await waitUntil("a new Lease", async () => {
      const holder = read(await leaseSpec().catch(() => undefined), "holderIdentity");
      return String(holder).startsWith(first.user);
    });

    await scaleTo(4);
    await expectSizes(4);
    expect(await leader()).toBe(first);
  });

  it("a leader that was stopped and wakes writes nothing more, says why, and ends", async () => {
    const sleeper = await leader();
    const next = otherThan(sleeper);
    process.kill(sleeper.process.pid, "SIGSTOP");
    await scaleTo(6);
    await next.process.waitForLine(leads);
    await expectSizes(6);
    await scaleTo(2);
    const before = (await audit.entries()).filter(({ user }) => user === sleeper.user).length;

    process.kill(sleeper.process.pid, "SIGCONT");

    expect((await sleeper.process.exited).code).toBe(1);
    await sleeper.process.waitForLine("the lease is lost", `${next.user}_`, "holds the lease");
    const after = (await audit.entries()).filter(({ user }) => user === sleeper.user).slice(before);
    expect(after.map(({ object, status }) => `${object} ${status}`)).toEqual([
      "leases/poolwarden 409",
    ]);
    await expectSizes(2);
    await bury(sleeper);
  });

  it("there was one writer at a time, and none before it led", async () => {
    const spans = new Map<string, { firstMs: number; lastMs: number }>();
    for (const { user, receivedMs, answeredMs } of await writes()) {
      const { firstMs = receivedMs } = spans.get(user) ?? {};
      spans.set(user, { firstMs, lastMs: answeredMs });
    }
    const ordered = [...spans.values()].sort((a, b) => a.firstMs - b.firstMs);
    expect(ordered.length).toBeGreaterThanOrEqual(5);
    for (const [index, { firstMs }] of ordered.entries()) {
      expect(firstMs).toBeGreaterThan(ordered[index - 1]?.lastMs ?? 0);
    }
  });
});
