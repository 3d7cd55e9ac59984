// What a plan says of entries that pick pods by their labels, by the templates that are there.

import { describe, expect, test } from "vitest";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  declared,
  manifests,
  planOn,
} from "../../support/plan-setup.ts";

const web = aWorkloadNamed("web");

function picking(more = ""): string {
  const entry = `{ pods: { matchLabels: { app: invoices } }, maxPods: 4${more} }`;
  return aPolicyOn(declared).replace("workloads: [", `workloads: [${entry}, `);
}

interface Labels {
  readonly cron?: string;
  readonly job?: string;
  readonly pod?: string;
}

function aCronJob({ cron = "{}", job = "{}", pod = "{}" }: Labels, more = "", env = "[]"): string {
  return `apiVersion: batch/v1
kind: CronJob
metadata: { name: invoices, namespace: shop, labels: ${cron} }
spec:
  jobTemplate:
    metadata: { labels: ${job} }
    spec:
      template:
        metadata: { labels: ${pod} }
        spec: { containers: [{ name: app, env: ${env} }] }
${more}`;
}

const labels = "{ app: invoices }";
const whose = "policy shop/orders, pods of invoices";
const none = `${whose}: no pod template among the manifests has the labels app=invoices`;
const path = "its pods get those of spec.jobTemplate.spec.template.metadata.labels";

describe("an entry that picks pods by their labels", () => {
  test.each<{ name: string; documents: readonly string[]; want: readonly string[] }>([
    { name: "meets a CronJob's pods", documents: [aCronJob({ pod: labels })], want: [] },
    { name: "meets nothing", documents: [], want: [none] },
    {
      name: "meets nothing where others have other labels",
      documents: [aCronJob({})],
      want: [none],
    },
    {
      name: "meets nothing where the Job of a CronJob has the labels",
      documents: [aCronJob({ job: labels, cron: labels })],
      want: [`${none}; CronJob invoices has them on its Job: ${path}`],
    },
    {
      name: "meets nothing where the CronJob has the labels",
      documents: [aCronJob({ cron: labels })],
      want: [`${none}; CronJob invoices has them on itself: ${path}`],
    },
    {
      name: "meets more pods than are planned",
      documents: [aCronJob({ pod: labels }, "      parallelism: 6")],
      want: [
        `${whose}: CronJob invoices: 6 pods at once by parallelism, and maxPods is 4: raise maxPods`,
      ],
    },
    {
      name: "meets no more pods than are wanted at all",
      documents: [aCronJob({ pod: labels }, "      parallelism: 6\n      completions: 2")],
      want: [],
    },
    {
      name: "meets larger pools than are counted",
      documents: [aCronJob({ pod: labels }, "", "[{ name: DB_POOL_MAX_SIZE, value: '64' }]")],
      want: [
        `${whose}: CronJob invoices sets DB_POOL_MAX_SIZE to 64, and unmanagedPoolSize is 10: ` +
          "a pod that nobody has sized counts too low, so set it to 64",
      ],
    },
    {
      name: "meets the pods of any kind with a template",
      documents: [
        aWorkloadNamed("x", { kind: "Rollout", env: "[]" })
          .replace("spec: { cont", `metadata: { labels: ${labels} }, spec: { cont`)
          .replace("apps/v1", "argoproj.io/v1alpha1"),
      ],
      want: [],
    },
  ])("$name", async ({ documents, want }) => {
    const { notes } = await answerOn(manifests(picking(), web, ...documents));
    expect(notes.filter((note) => note.startsWith(whose))).toEqual(want);
  });
});

test("a template that is looked at is read", async () => {
  const { read, ignored } = await answerOn(manifests(picking(), web, aCronJob({ pod: labels })));
  expect(read).toMatchObject({ CronJob: 1 });
  expect(ignored).toEqual({});
});

test("a size without quotes is refused in a CronJob too", async () => {
  const numeric = aCronJob({ pod: labels }, "", "[{ name: SIZE, value: 20 }]");
  const { code, stderr } = await planOn(manifests(picking(), web, numeric));
  expect(code).toBe(2);
  expect(stderr).toContain("CronJob shop/invoices: container app: env SIZE is the number 20;");
});

describe("what an entry asks for and nobody sizes", () => {
  const aRollout = (more = "", kind = "Rollout"): string => `apiVersion: argoproj.io/v1alpha1
kind: ${kind}
metadata: { name: store, namespace: shop, labels: { team: orders } }
spec:
  template:
    metadata: { labels: { app: store } }
    spec: { containers: [{ name: app }] }
${more}`;
  const policy = aPolicyOn(declared);
  const byName = policy.replace(/workloads: .*/, "workloads: [{ name: web }, { name: store }]");
  const counted = policy.replace(
    "workloads: [",
    "workloads: [{ pods: { matchLabels: { app: store } }, maxPods: 4 }, ",
  );
  const elsewhere = policy.replace("team: orders }", "team: others }");

  test.each([
    {
      name: "a Rollout with the labels is told of",
      text: policy,
      rollout: aRollout(),
      isTold: true,
    },
    { name: "one of that name as well", text: byName, rollout: aRollout(), isTold: true },
    { name: "a DaemonSet, too", text: policy, rollout: aRollout("", "DaemonSet"), isTold: true },
    { name: "a Job is what the reserve is for", text: policy, rollout: aRollout("", "Job") },
    { name: "pods that an entry picks are counted", text: counted, rollout: aRollout() },
    { name: "other labels ask for nothing", text: elsewhere, rollout: aRollout() },
  ])("$name", async ({ text, rollout, isTold = false }) => {
    const { notes } = await answerOn(manifests(text, web, rollout));
    const told = notes.filter((note) => note.includes("its connections are not counted"));
    expect(told.length).toBe(isTold ? 1 : 0);
    for (const note of told) expect(note).toContain("store is what an entry asks for");
  });
});
