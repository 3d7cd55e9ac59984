// Manifests as people write them, and plan run on them, for tests.

import { Readable } from "node:stream";
import { systemClock } from "../../src/adapters/clock.ts";
import { systemRandom } from "../../src/adapters/random.ts";
import type { Answer } from "../../src/plan/answer.ts";
import type { LiveFleet } from "../../src/plan/live-fleet.ts";
import { openFleet } from "../../src/plan/open-fleet.ts";
import { type PlanOutcome, runPlan } from "../../src/plan/plan-command.ts";
import type { Database } from "../../src/ports.ts";

export const planMs = Date.parse("2026-11-30T12:00:00Z");

export interface PlanOptions {
  readonly uri?: string;
  readonly database?: Database;
  readonly fleet?: LiveFleet;
}

function noFleet(): LiveFleet {
  throw new Error("no cluster is to be read");
}

function noDatabase(): Database {
  throw new Error("no database is to be read");
}

/** `manifests` on standard input. */
export function planOn(
  manifests: string,
  args: readonly string[] = [],
  { uri, database, fleet }: PlanOptions = {},
): Promise<PlanOutcome> {
  return runPlan(["-f", "-", ...args], {
    stdin: Readable.from(manifests === "" ? [] : [Buffer.from(manifests)]),
    ...{ nowMs: planMs, uri },
    openDatabase: () => database ?? noDatabase(),
    openFleet: () => Promise.resolve(fleet ?? noFleet()),
  });
}

export async function answerOn(...given: Parameters<typeof planOn>): Promise<Answer> {
  const [manifests, args = [], options] = given;
  const { stdout, stderr } = await planOn(manifests, [...args, "-o", "json"], options);
  if (stderr !== "") throw new Error(stderr);
  return JSON.parse(stdout) as Answer;
}

/** What runs there. */
export function liveFleet(kubeconfig: string): Promise<LiveFleet> {
  return openFleet(kubeconfig, { clock: systemClock, random: systemRandom, version: "test" });
}

/** `Deployment/web=20` for each pool of an answer. */
export function sizesIn({ servers }: Answer): string[] {
  return servers.flatMap(({ pools }) => pools.map(({ pool, poolSize }) => `${pool}=${poolSize}`));
}

export function manifests(...documents: readonly string[]): string {
  return documents.join("\n---\n");
}

export function aPolicyOn(database: string, more = ""): string {
  return `apiVersion: poolwarden.dev/v1alpha1
kind: PoolPolicy
metadata: { name: orders, namespace: shop }
spec:
  database: ${database}
  workloads: [{ selector: { matchLabels: { team: orders } } }]
${more}`;
}

export const declared = '{ address: "db.shop.svc:5432", maxConnections: 200 }';
export const bySecret = "{ secretRef: { name: orders-db } }";

export function aWorkloadNamed(
  name: string,
  { kind = "Deployment", replicas = 4, env = "[{ name: DB_POOL_MAX_SIZE, value: '50' }]" } = {},
): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name}, namespace: shop, labels: { team: orders } }
spec:
  replicas: ${replicas}
  template: { spec: { containers: [{ name: app, env: ${env} }] } }`;
}

export function anAutoscaler(name: string, maxReplicas: number): string {
  return `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: ${name}, namespace: shop }
spec: { maxReplicas: ${maxReplicas}, scaleTargetRef: { kind: Deployment, name: ${name} } }`;
}
