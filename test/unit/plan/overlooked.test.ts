// What somebody who reads a plan that fits would overlook: workloads that no policy has, entries
// that name nothing, and a policy to begin with that does not know the variables.

import { describe, expect, test } from "vitest";
import { aFleetOf } from "../../support/plan-fleet.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  declared,
  manifests,
  planOn,
} from "../../support/plan-setup.ts";

const web = aWorkloadNamed("web");

function others(count: number): string[] {
  return Array.from({ length: count }, (_, place) =>
    aWorkloadNamed(`other-${place}`).replace("team: orders", "team: mail"),
  );
}

describe("workloads that no policy has", () => {
  const tail = "Add an entry for each that connects to one of these servers";

  test("are told of with their names, in one line", async () => {
    const one = await answerOn(manifests(aPolicyOn(declared), web, ...others(1)));
    expect(one.notes).toEqual([
      `1 workload is in no policy and not counted: shop/Deployment/other-0. ${tail}`,
    ]);
    const many = await answerOn(manifests(aPolicyOn(declared), web, ...others(7)));
    const names = [0, 1, 2, 3, 4].map((place) => `shop/Deployment/other-${place}`).join(", ");
    expect(many.notes).toEqual([
      `7 workloads are in no policy and not counted: ${names} and 2 more. ${tail}`,
    ]);
  });

  test("are none whose pods an entry picks by their labels", async () => {
    const entry = "{ pods: { matchLabels: { app: mail } }, maxPods: 4 }";
    const policy = aPolicyOn(declared).replace("workloads: [", `workloads: [${entry}, `);
    const [other = ""] = others(1);
    const labelled = other.replace(
      "template: {",
      "template: { metadata: { labels: { app: mail } },",
    );
    expect((await answerOn(manifests(policy, web, labelled))).notes.join()).not.toContain(
      "in no policy",
    );
  });
});

describe("an entry that names no workload", () => {
  const typo = aPolicyOn(declared).replace("workloads: [", "workloads: [{ name: wbe }, ");

  test("does not pass, although another entry matches", async () => {
    const { code, stdout } = await planOn(manifests(typo, web));
    expect(code).toBe(1);
    expect(stdout).toContain('WorkloadNotFound: spec.workloads[0]: there is no Deployment "wbe"');
    expect(stdout).toContain("Correct spec.workloads[0].name, or remove the entry");
    expect(stdout.split("WorkloadNotFound")).toHaveLength(2);
  });

  test("fails the change that it is part of, and no other one in the cluster", async () => {
    const fleet = await aFleetOf(manifests(typo, web));
    const scaled = aWorkloadNamed("web", { replicas: 5 });
    expect((await planOn(scaled, ["--against-cluster"], { fleet })).code).toBe(0);
    const given = await planOn(manifests(typo, scaled), ["--against-cluster"], { fleet });
    expect(given.code).toBe(1);
    expect(given.stdout).toContain("WorkloadNotFound: spec.workloads[0]");
  });

  test("passes once the workload is there", async () => {
    expect((await planOn(manifests(typo, web, aWorkloadNamed("wbe")))).code).toBe(0);
  });

  test("is named where nothing matches at all", async () => {
    const policy = aPolicyOn(declared).replace(
      /workloads: .*/,
      "workloads: [{ name: wbe }, { selector: { matchLabels: { team: none } } }]",
    );
    const { code, stdout } = await planOn(manifests(policy, web));
    expect(code).toBe(1);
    expect(stdout).toContain("(asked for: Deployment wbe, labels team=none)");
  });
});

test("the template of a CronJob that says its size is no template without one", async () => {
  const cron = `apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly, namespace: shop }
spec:
  jobTemplate: { spec: { template: {
    metadata: { labels: { app: nightly } },
    spec: { containers: [{ name: app, env: [{ name: DB_POOL_MAX_SIZE, value: "20" }] }] } } } }`;
  const entry = "{ pods: { matchLabels: { app: nightly } }, maxPods: 1, unmanagedPoolSize: 20 }";
  const policy = aPolicyOn(declared).replace("workloads: [", `workloads: [${entry}, `);
  expect((await answerOn(manifests(policy, web, cron))).notes).toEqual([]);
  const without = cron.replace("DB_POOL_MAX_SIZE", "LOG_LEVEL");
  expect((await answerOn(manifests(policy, web, without))).notes.join()).toContain(
    "the manifest has no size",
  );
});

test("--pool-mode is not called useless where only a limit is missing", async () => {
  const pooler = `{ engine: PgBouncer, secretRef: { name: pooler }, serverBehind: { secretRef: { name: orders-db } } }`;
  const { code, stdout } = await planOn(manifests(aPolicyOn(pooler), web), [
    "--pool-mode",
    "session",
  ]);
  expect(code).toBe(2);
  expect(stdout).not.toContain("--pool-mode session: no policy");
  const plain = await planOn(manifests(aPolicyOn(bySecret), web), ["--pool-mode", "session"]);
  expect(plain.stdout).toContain("--pool-mode session: no policy");
});

test("the policy to begin with says which workloads it leaves out", async () => {
  const many = Array.from({ length: 12 }, (_, each) => aWorkloadNamed(`web-${each}`, {}));
  const billing = aWorkloadNamed("bills", {}).replace("namespace: shop", "namespace: billing");
  const { stderr } = await planOn(manifests(...many, billing));
  expect(stderr).toContain(
    "name: web-9 }\n    # left out: 2 more workloads of this namespace\n" +
      "# left out: 1 workload of namespace billing: make a policy there\n",
  );
});

test.each([
  {
    env: "[{ name: SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE, value: '30' }]",
    want: ", preset: hikari }",
  },
  { env: "[{ name: DB_POOL_MAX_SIZE, value: '30' }]", want: " }" },
  {
    env: "[{ name: ORDERS_POOL_MIN, value: '2' }, { name: ORDERS_POOL_SIZE, value: '30' }]",
    want: ", env: { maxSize: ORDERS_POOL_SIZE } }",
  },
  { env: "[{ name: LOG_LEVEL, value: '3' }, { name: HTTP_POOL_SIZE, value: many }]", want: " }" },
])("the policy to begin with knows the variable of $env", async ({ env, want }) => {
  const { code, stderr } = await planOn(aWorkloadNamed("web", { env }));
  expect(code).toBe(2);
  expect(stderr).toContain(`    - { kind: Deployment, name: web${want}\n`);
});
