// Which server a policy of a running fleet means, for a plan over it: on a real control plane, with
// a running operator that has read a real PostgreSQL by a Secret. Whoever plans may read no Secret
// but with `--read`, and then asks the same server.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { Answer } from "../../src/plan/answer.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import { createRealDatabases } from "../../src/process.ts";
import type { Fleet } from "../support/fleet.ts";
import { openFleet } from "../support/fleet.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { type OperatorProcess, startOperator } from "../support/operator.ts";
import { stepsIn } from "../support/plan-fleet.ts";
import { answerOn, liveFleet } from "../support/plan-setup.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { ensureAdmissionWorks } from "../support/working-admission.ts";
import { buildWorkload } from "../support/workloads.ts";

const namespace = "plan-logins";
const plane = inject("controlPlane");
let fleet: Fleet;
let operator: OperatorProcess;
let postgres: Postgres;

function aPolicy(name: string, workload: string, secret = "orders-db"): object {
  return {
    ...{ apiVersion: "poolwarden.dev/v1alpha1", kind: "PoolPolicy" },
    metadata: { name, namespace },
    spec: { database: { secretRef: { name: secret } }, workloads: [{ name: workload }] },
  };
}

beforeAll(async () => {
  await ensureAdmissionWorks(plane);
  postgres = await startPostgres({ maxConnections: 70 });
  await postgres.query(
    "CREATE ROLE orders_app LOGIN PASSWORD 'x' CONNECTION LIMIT 40 IN ROLE pg_monitor",
  );
  fleet = await openFleet({ kubectl: plane, namespace, runtime: createInstantRuntime() });
  const flags = ["--namespaces", namespace];
  operator = await startOperator({ kubeconfigPath: plane.kubeconfigPath, flags });
  await fleet.applySecret("orders-db", { uri: postgres.uri("orders_app", "postgres", "x") });
  await fleet.apply(
    aPolicy("orders", "web"),
    buildWorkload("Deployment", namespace, "web", { replicas: 2 }),
  );
  await fleet.waitForReady("orders");
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

async function planned(objects: readonly object[], flags: readonly string[] = []): Promise<Answer> {
  return answerOn(
    objects.map((one) => JSON.stringify(one)).join("\n---\n"),
    ["--against-cluster", ...flags],
    {
      fleet: await liveFleet(plane.kubeconfigPath),
      uri: "postgres://somebody@elsewhere.invalid/x",
      database: createRealDatabases({ clock: systemClock, mayConnect: () => true }),
    },
  );
}

it("a new policy with the Secret of another one is on its server, and so is that one", async () => {
  const fresh = [
    aPolicy("aa", "jobs"),
    buildWorkload("Deployment", namespace, "jobs", { replicas: 2 }),
  ];
  const answer = await planned(fresh);
  expect(answer.servers).toMatchObject([{ maxConnections: 70, pools: [{}, {}] }]);
  expect(answer.notes).toEqual([]);
  expect(answer.policies).toMatchObject([{ fits: true }, { fits: true }]);
});

it("another Secret is not the server of before", async () => {
  const answer = await planned([aPolicy("orders", "web", "new-db")]);
  expect(answer.policies).toMatchObject([{ policy: `${namespace}/orders`, isAnswered: false }]);
});

it("manifests as they run change nothing, and with --read the limit of the login is known", async () => {
  const same = [aPolicy("orders", "web")];
  const published = await planned(same);
  expect(stepsIn(published)).toEqual([]);
  const { budget } = (await fleet.statusOf("orders")) as { budget?: number };
  expect(published.servers[0]?.budget).toBe(budget);
  const read = await planned(same, ["--read"]);
  expect(stepsIn(read)).toEqual([]);
  expect(read.servers).toMatchObject([{ limitFrom: "read from the server" }]);
  expect(read.servers[0]?.budget).toBe(budget);
});
