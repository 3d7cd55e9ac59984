// What people get for the manifests of charts that they know, written in the style of `helm
// template`: an answer that says what to do.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { answerOn, manifests, planOn, sizesIn } from "../../support/plan-setup.ts";

function chart(name: string): Promise<string> {
  const path = join(import.meta.dirname, "..", "..", "support", "charts", `${name}.yaml`);
  return readFile(path, "utf8");
}

function aPolicy(database: string, workloads: string): string {
  return `apiVersion: poolwarden.dev/v1alpha1
kind: PoolPolicy
metadata: { name: connections }
spec: { database: ${database}, workloads: [${workloads}] }`;
}

const byName = (name: string): string =>
  `selector: { matchLabels: { app.kubernetes.io/name: ${name} } }`;

const airflowSize = "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE";

test.each([
  ["keycloak", "- { kind: StatefulSet, name: keycloak }"],
  ["temporal", "- { kind: Deployment, name: temporal-history }"],
  ["airflow", `- { kind: StatefulSet, name: airflow-worker, env: { maxSize: ${airflowSize} } }`],
])("%s without a policy: a policy to begin with, which can be planned", async (name, entry) => {
  const { code, stderr } = await planOn(await chart(name));
  expect(code).toBe(2);
  expect(stderr).toContain("no PoolPolicy among the manifests");
  expect(stderr).toContain(entry);
  const policy = stderr.slice(stderr.indexOf("apiVersion:")).replace("HOST:", "db.shop.svc:");
  const answer = await answerOn(manifests(await chart(name), policy));
  expect(answer.servers).toMatchObject([{ server: "db.shop.svc:5432" }]);
});

test("keycloak: its autoscaler's 9 pods of 100 become pools that fit", async () => {
  const database = '{ address: "db.iam.svc:5432", maxConnections: 200 }';
  const env = "env: { maxSize: KC_DB_POOL_MAX_SIZE, minSize: KC_DB_POOL_MIN_SIZE }";
  const policy = aPolicy(database, `{ kind: StatefulSet, name: keycloak, ${env} }`);
  const answer = await answerOn(manifests(await chart("keycloak"), policy));
  expect(sizesIn(answer)).toEqual(["StatefulSet/keycloak=20"]);
  expect(answer).toMatchObject({ exitStatus: 0, notes: [] });
  expect(answer.servers[0]?.pools).toMatchObject([{ templatePoolSize: 100, plannedPods: 9 }]);
});

test("temporal: its size is in a file, so it is said that the variable may not be read", async () => {
  const database = '{ address: "db.temporal.svc:5432", maxConnections: 100 }';
  const policy = aPolicy(database, `{ ${byName("temporal")} }`);
  const { notes } = await answerOn(manifests(await chart("temporal"), policy));
  expect(notes).toEqual([
    "Deployment/temporal-frontend, Deployment/temporal-history, Deployment/temporal-matching, " +
      "Deployment/temporal-web, Deployment/temporal-worker: the manifest has no size in " +
      "DB_POOL_MAX_SIZE, so TEMPLATE is assumed. Check that the application reads this variable: " +
      "otherwise name its own with preset or env.maxSize in the policy",
  ]);
});

test("airflow: what its pools open beyond their size does not fit, and naming it is the way out", async () => {
  const database =
    "{ secretRef: { name: airflow-metadata, key: connection }, maxConnections: 100 }";
  const size = airflowSize;
  const without = aPolicy(database, `{ ${byName("airflow")}, env: { maxSize: ${size} } }`);
  const { code, stdout } = await planOn(manifests(await chart("airflow"), without));
  expect(code).toBe(1);
  expect(stdout).toContain("name it in spec.workloads[].env.overflow to make both one size");

  const overflow = "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW";
  const env = `env: { maxSize: ${size}, overflow: ${overflow} }`;
  const policy = aPolicy(database, `{ ${byName("airflow")}, ${env} }`);
  const answer = await answerOn(manifests(await chart("airflow"), policy));
  expect(answer).toMatchObject({ exitStatus: 0, notes: [] });
  expect(answer.policies[0]?.status.findings).toEqual([]);
});
