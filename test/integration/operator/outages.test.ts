// What the operator lives from goes away and comes back: the API server, the database. The process
// stays, nothing changes meanwhile, and the next change is acted upon. Template delivery, so that
// no pod depends on how soon a restarted API server acts on the admission policy.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startControlPlane } from "../../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { budgetOn, conditionIn, openFleet, sumOfSlots } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { applyOn, kubectlOf, manifests } from "../../support/installed-plane.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { launchOperator, startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";

const namespace = "outages";
const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];

let plane: ControlPlane;
let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let budget: number;

beforeAll(async () => {
  plane = await startControlPlane();
  await applyOn(plane, manifests);
  postgres = await startPostgres({ maxConnections: 200 });
  budget = await budgetOn(postgres);
  fleet = await openFleet({ kubectl: kubectlOf(plane), namespace });
  await fleet.apply(buildWorkload("Deployment", namespace, "web", { replicas: 3, env }));
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  operator = await startOperator({ kubeconfigPath: plane.kubeconfigPath });
  await fleet.applyPolicy("orders", {
    database: { secretRef: { name: "orders-db" } },
    delivery: "Template",
    stability: { cooldown: "1s" },
    workloads: [{ name: "web" }],
  });
  await fleet.waitForReady("orders");
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
  await plane.stop();
});

/** As many pods twice: planned ones, and as many again while they are replaced. */
function shareOf(replicas: number): number {
  return Math.min(50, Math.floor(budget / (2 * replicas)));
}

async function scaleTo(replicas: number): Promise<void> {
  await fleet.kubectl(`scale deployment/web --replicas=${replicas}`);
}

async function uids(): Promise<readonly string[]> {
  return (await fleet.pods("web")).map(({ metadata }) => metadata.uid).sort();
}

describe("the API server", () => {
  it("may be killed: the same process acts on what changes after its restart", async () => {
    const { pid } = operator;
    const before = await uids();
    await plane.stopApiServer("SIGKILL");
    await operator.waitForLine("the API server does not answer, trying again");
    await plane.startApiServer();
    expect(await uids()).toEqual(before);

    await scaleTo(6);

    await fleet.waitForPods("web", 6, shareOf(6));
    expect(operator.hasExited()).toBe(false);
    expect(operator.pid).toBe(pid);
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
  });

  it("may go away for as long as the operator is asked to end: it ends in order", async () => {
    const lost = operator.waitForNextLine("the API server does not answer, trying again");
    await plane.stopApiServer();
    await lost;

    const { code, signal } = await operator.stop();

    expect({ code, signal }).toEqual({ code: 0, signal: null });
    await plane.startApiServer();
  });

  it("may be away when the operator starts: one line, and it begins when it can", async () => {
    await plane.stopApiServer();
    operator = await launchOperator({ kubeconfigPath: plane.kubeconfigPath });
    const line = await operator.waitForLine("the API server does not answer, trying again");
    expect(line).toMatchObject({ level: "warn", code: "K8S_UNAVAILABLE" });
    const { status, body } = await operator.get("/readyz");
    expect(status).toBe(503);
    expect(body).toContain("ECONNREFUSED");
    expect((await operator.get("/livez")).status).toBe(200);

    await plane.startApiServer();

    await operator.waitUntilReady();
    expect(operator.linesWith('"level":"warn"')).toHaveLength(1);
    await scaleTo(4);
    await fleet.waitForPods("web", 4, shareOf(4));
  });
});

describe("the database", () => {
  it("may be killed: that is said, and every size stays", async () => {
    const before = await uids();
    const used = read(await fleet.statusOf("orders"), "used");
    await postgres.kill();

    const message = await fleet.waitForCondition("orders", "DatabaseReachable", {
      status: "False",
      reason: "DatabaseUnreachable",
    });

    expect(message).toContain(`127.0.0.1:${postgres.port}`);
    const status = await fleet.statusOf("orders");
    expect(read(conditionIn(status, "Ready"), "status")).toBe("False");
    expect(read(status, "used")).toBe(used);
    expect(await uids()).toEqual(before);
  });

  it("while it is away nothing grows, even where fewer pods leave room for it", async () => {
    await scaleTo(2);
    await fleet.waitForPods("web", 2, shareOf(4));
    const before = await uids();
    await waitUntil("a decision on 2 replicas", async () => {
      const row = read(await fleet.statusOf("orders"), "workloads", 0);
      return read(row, "replicas") === 2 && read(row, "pods") === 2;
    });

    const attempts = (): number => operator.linesWith("reading the database server failed").length;
    const until = attempts() + 2;
    await waitUntil("two more attempts to read", () => attempts() >= until);

    expect(await uids()).toEqual(before);
    expect(await fleet.sizesOf("web")).toEqual([shareOf(4), shareOf(4)]);
  });

  it("when it is back, the sizes follow what has changed", async () => {
    await postgres.start();

    await fleet.waitForCondition("orders", "DatabaseReachable", { status: "True" });
    await fleet.waitForPods("web", 2, shareOf(2));
    await fleet.waitForReady("orders");
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
  });

  it("may hang while the operator is asked to end: it ends in order all the same", async () => {
    await postgres.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name LIKE 'poolwarden-%'`);
    postgres.pause();
    try {
      const reason = "DatabaseTimeout";
      await fleet.waitForCondition("orders", "DatabaseReachable", { status: "False", reason });

      const { code, signal } = await operator.stop();

      expect({ code, signal }).toEqual({ code: 0, signal: null });
    } finally {
      postgres.resume();
    }
  });
});
