// From `kubectl apply` to Ready with the times that the chart sets: at every moment in between a
// condition says what is waited for, and until when where time decides it. What it took is printed
// and not judged.

import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Fleet, openFleet } from "../../support/fleet.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import { type OperatorProcess, startOperator } from "../../support/operator.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "apply-to-ready";
const kubectl = inject("controlPlane");
const settleTimeMs = 5_000;
/** As in charts/install.yaml, but that the admission policy counts as installed long ago. */
const flags = ["--settle-time=5s", "--database-interval=30s", "--admission-warm-up=0s"];

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  await ensureAdmissionWorks(kubectl);
  postgres = await startPostgres({ maxConnections: 200 });
  fleet = await openFleet({ kubectl, namespace });
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "40" }];
  await fleet.apply(buildWorkload("Deployment", namespace, "web", { replicas: 3, env }));
  await fleet.waitForPods("web", 3, 40);
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  const { kubeconfigPath } = kubectl;
  operator = await startOperator({
    kubeconfigPath,
    flags: [...flags, "--namespaces", namespace],
  });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

/** What a moment before Ready is accounted for by. */
const accounts =
  /waits until .* \(until .*Z\)|rollout to pool size \d|rollout in progress|next reading|asked yet/;

interface Moment {
  readonly atMs: number;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** What Ready said, and when it was first seen to say so, up to True. */
async function watchUntilReady(): Promise<readonly Moment[]> {
  const moments: Moment[] = [];
  const beganMs = Date.now();
  await waitUntil("Ready", async () => {
    const conditions = readList(await fleet.statusOf("orders"), "conditions");
    const ready = conditions.find((one) => read(one, "type") === "Ready");
    const textOf = (field: string): string => {
      const value = read(ready, field);
      return typeof value === "string" ? value : "";
    };
    const status = textOf("status");
    const said = { status, reason: textOf("reason"), message: textOf("message") };
    const last = moments.at(-1);
    if (last?.status !== status || last.message !== said.message) {
      moments.push({ atMs: Date.now() - beganMs, ...said });
    }
    return status === "True";
  });
  return moments;
}

function print(moments: readonly Moment[]): void {
  for (const { atMs, status, reason, message } of moments) {
    console.log(`${(atMs / 1000).toFixed(1).padStart(6)} s  Ready=${status} ${reason}: ${message}`);
  }
}

describe("from apply to Ready", () => {
  it("each moment is accounted for: what is waited for, until when, and how far the roll is", async () => {
    const appliedMs = Date.now();
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" } },
      workloads: [{ name: "web" }],
    });

    const moments = await watchUntilReady();

    print(moments);
    const told = moments.filter(({ status }) => status === "False");
    for (const { message } of told) expect(message).toMatch(accounts);
    const settling = told.find(({ message }) => message.includes("new size is handed out"));
    const untilMs = Date.parse(/until (\S+Z)\)/.exec(settling?.message ?? "")?.[1] ?? "");
    expect(untilMs - appliedMs).toBeGreaterThan(settleTimeMs - 1_000);
  });
});
