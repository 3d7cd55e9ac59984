// What a person sees of the ledger, through the real kubectl: a table that can be added up by hand,
// although kubectl describe prints whatever it is given in a form of its own.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { statusOf } from "../../src/domain/explain/status.ts";
import { buildPolicy } from "../support/admission.ts";
import * as build from "../support/builders.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { connectRest } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";
import { ledgerComplaints } from "../support/ledger-check.ts";

const namespace = "ledger";
const kubectl = inject("controlPlane");
let rest: KubernetesRest;

beforeAll(async () => {
  rest = await connectRest(kubectl.kubeconfigPath);
  await rest.createNamespace(namespace);
});

afterAll(() => {
  rest.close();
});

/** Three pods of six that may run beside a job of somebody else, one deploy under way. */
function aStatus(): PoolPolicyStatus {
  const pods = [
    ...build.pods(3, { poolSize: 6 }),
    ...build.pods(1, { poolSize: 6, terminating: true }),
  ];
  const grant = build.aGrant(6);
  const web = build.aWorkload("web", { autoscalerMaxReplicas: 8, pods, grant });
  const reports = build.aWorkload("reports", {
    pods: build.pods(2, { poolSize: 10 }),
    grant: build.aGrant(10),
    sizing: { ceiling: 10 },
  });
  const sessions = [
    build.sessions(4, { applicationName: "pg_dump", user: "backup" }),
    build.sessions(1),
  ];
  const reading = build.aReading({ ownSessions: 1, sessions });
  const database = build.aDatabase({ reading });
  const snapshot = build.aSnapshot({ workloads: [web, reports], database });
  const [policy = build.aPolicy()] = snapshot.policies;
  return statusOf(plan(snapshot, build.startMs), policy);
}

async function store(name: string, status: PoolPolicyStatus): Promise<void> {
  const policy = buildPolicy(namespace, name, {
    database: { secretRef: { name: "db" } },
    workloads: [{ name: "web" }],
  });
  await rest.create(policy);
  const { message } = await rest.merge(policy, { status }, { subresource: "status" });
  expect(message).toBe("");
}

async function run(command: string): Promise<string> {
  const args = ["--namespace", namespace, ...command.split(" ")];
  const { stdout, stderr } = await runKubectl(kubectl, args);
  expect(stderr).toBe("");
  return stdout;
}

it("kubectl describe shows a table", async () => {
  const status = aStatus();
  await store("orders", status);

  const said = await run("describe poolpolicy orders");

  const [, table] = /\n {2}Ledger:\n((?: {4}.*\n)+)/.exec(said) ?? [];
  expect(table).toMatchInlineSnapshot(`
    "      3  superuser_reserved_connections
         10  reserve of policy shop/orders
          4  foreign: pg_dump by backup from 10.9.9.9
          1  foreign: psql by alice from 10.9.9.9
             (foreign sessions count for 10 min: the most that were there at once)
          1  own session of poolwarden
         20  Deployment/reports: 2 pods x 10
         18  Deployment/web: 3 pods x 6
         12  Deployment/web: 3 of them if replaced by pods of 10
         50  Deployment/web: 5 more may start x 10
          6  old and terminating pods: web
         74  room for rollouts: web
             (80 in all with the old and terminating pods; reserve.rollouts is 1 by policy shop/orders)
             (smaller with fewer planned pods, strategy Recreate, TerminationComplete, or reserve.rollouts 0)
          1  free: budget 181 - used 180
        ---
        200  max_connections
    "
  `);
  expect(ledgerComplaints(status)).toEqual([]);
});

it("what describe prints adds up by hand", async () => {
  await store("sum", aStatus());

  const said = await run("describe poolpolicy sum");

  const [, table = ""] = /\n {2}Ledger:\n((?: {4}.*\n)+)/.exec(said) ?? [];
  const [lines = "", sum = ""] = table.split(/ +-+\n/);
  const numbers = lines.split("\n").map((line) => Number.parseInt(line, 10));
  const counted = numbers.filter((number) => !Number.isNaN(number));
  expect(counted.length).toBeGreaterThan(8);
  expect(counted.reduce((a, b) => a + b)).toBe(Number.parseInt(sum, 10));
});

it("kubectl get shows one line, and with -o wide where and how", async () => {
  await store("listed", aStatus());

  const short = await run("get poolpolicy listed");
  const wide = await run("get poolpolicy listed -o wide");

  expect(short.replace(/\S+\s*$/, "AGE")).toMatchInlineSnapshot(`
    "NAME     USED   BUDGET   WORKLOADS   READY   AGE
    listed   180    181      2           True    AGE"
  `);
  expect(wide.replace(/\S+\s*$/, "AGE")).toMatchInlineSnapshot(`
    "NAME     USED   BUDGET   WORKLOADS   READY   SERVER             DELIVERY    REASON   AGE
    listed   180    181      2           True    db.shop.svc:5432   Admission   Ready    AGE"
  `);
});
