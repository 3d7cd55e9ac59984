// The CRD on the real API server: that it is accepted at all (CEL costs are only known there), what
// a user reads who applies something wrong, which defaults are stored, how get and explain read.

import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { stringify } from "yaml";
import { apiVersion, kind, plural, group } from "../../src/api/group.ts";
import { parseSpec, type PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { bytesOf, statusBytesMax } from "../../src/api/status-bytes.ts";
import { runKubectl, type KubectlResult } from "../support/control-plane/kubectl.ts";
import { forbiddenNames, retiredNames } from "../support/environment-names.ts";
import { goodPolicies } from "../support/good-policies.ts";
import { badPolicies, specWith } from "../support/policy-cases.ts";
import { waitUntil } from "../support/processes.ts";

const plane = inject("controlPlane");
const namespace = "crd-test";

function kubectl(...args: string[]): Promise<KubectlResult> {
  return runKubectl(plane, args);
}

function policy(name: string, spec: object): string {
  return stringify({ apiVersion, kind, metadata: { name, namespace }, spec });
}

function apply(manifest: string, ...more: string[]): Promise<KubectlResult> {
  return runKubectl(plane, ["apply", "-f", "-", ...more], { stdin: manifest });
}

async function outputOf(running: Promise<KubectlResult>): Promise<string> {
  const { code, stdout, stderr } = await running;
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function refusalOf(spec: object): Promise<string> {
  const { code, stderr } = await apply(policy("bad", spec), "--dry-run=server");
  expect(code, `accepted: ${JSON.stringify(spec)}`).not.toBe(0);
  return stderr;
}

beforeAll(async () => {
  await outputOf(kubectl("create", "namespace", namespace));
});

afterAll(async () => {
  await kubectl("delete", "namespace", namespace, "--wait=false");
});

test("the CRD is accepted and established, without a word about its schema", async () => {
  const crd = `crd/${plural}.${group}`;
  await outputOf(kubectl("wait", "--for=condition=Established", crd, "--timeout=30s"));
  const json = await outputOf(kubectl("get", crd, "-o", "jsonpath={.status.conditions[*].type}"));
  expect(json).not.toContain("NonStructuralSchema");
});

describe("refused, with field and way out", () => {
  test.each(badPolicies)("$name", async ({ spec, want, wantServer, wantField }) => {
    const refusal = await refusalOf(spec);
    expect(refusal).toContain(wantField);
    for (const words of wantServer ?? want) expect(refusal).toContain(words);
  });

  test("every forbidden variable, each on its own", async () => {
    const names = [...forbiddenNames, ...retiredNames];
    const workloads = names.map((name) => ({ name: "web", env: { maxSize: name } }));
    const spec = { database: { secretRef: { name: "orders-db" } }, workloads };
    const refusal = await refusalOf(spec);
    for (const index of names.keys()) {
      expect(refusal).toContain(`spec.workloads[${index}].env.maxSize: Invalid value`);
    }
  });

  test("an unknown field, which kubectl checks strictly", async () => {
    const refusal = await refusalOf(specWith({ poolsize: { max: 3 } }));
    expect(refusal).toContain('unknown field "spec.workloads[0].poolsize"');
  });
});

describe("accepted", () => {
  test.each(goodPolicies)("$name", async ({ spec }) => {
    await outputOf(apply(policy("good", spec), "--dry-run=server"));
  });

  test("as many workloads and labels as the schema allows", async () => {
    const labels = Object.fromEntries(
      Array.from({ length: 32 }, (_, index) => [
        `team.example.com/${"x".repeat(60)}${index}`,
        "shop",
      ]),
    );
    const env = { maxSize: `POOL_${"X".repeat(120)}` };
    const large = { selector: { matchLabels: labels }, env };
    const small = { selector: { matchLabels: { team: "shop" } }, env };
    const workloads = Array.from({ length: 100 }, (_, index) => (index < 29 ? large : small));
    const spec = { database: { secretRef: { name: "orders-db" } }, workloads };
    await outputOf(apply(policy("large", spec), "--dry-run=server", "--server-side"));
  });
});

test("the API server stores the defaults that parseSpec fills in", async () => {
  const spec = specWith({});
  await outputOf(apply(policy("defaults", spec)));
  const stored = await outputOf(
    kubectl("get", "pp", "defaults", "-n", namespace, "-o", "jsonpath={.spec}"),
  );
  expect({ spec: JSON.parse(stored) as unknown }).toEqual(parseSpec(spec));
});

const status: PoolPolicyStatus = {
  observedGeneration: 1,
  server: "db.shop.svc:5432",
  delivery: "Admission",
  budget: 187,
  used: 180,
  workloadCount: 1,
  conditions: [
    {
      type: "Ready",
      status: "True",
      reason: "Ready",
      message: "180 of 187 slots.",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    },
  ],
  grants: {
    "Deployment/web": {
      container: "app",
      poolSize: 6,
      env: [{ name: "DB_POOL_MAX_SIZE", value: "6" }],
      settlingPoolSize: 10,
      settledAt: "2026-01-01T00:00:05Z",
    },
  },
};

describe("a policy with a status", () => {
  beforeAll(async () => {
    await outputOf(apply(policy("orders", specWith({}))));
    const patch = ["--subresource=status", "--type=merge", "-p", JSON.stringify({ status })];
    await outputOf(kubectl("patch", "pp", "orders", "-n", namespace, ...patch));
  });

  test("get shows used, budget, workloads, Ready and age", async () => {
    const [head, row] = await tableOf("get", "pp", "orders", "-n", namespace);
    expect(head).toEqual(["NAME", "USED", "BUDGET", "WORKLOADS", "READY", "AGE"]);
    expect(row?.slice(0, 5)).toEqual(["orders", "180", "187", "1", "True"]);
  });

  test("get -o wide shows server, delivery and reason as well", async () => {
    const [head, row] = await tableOf(
      "get",
      "poolpolicies",
      "orders",
      "-n",
      namespace,
      "-o",
      "wide",
    );
    expect(head).toEqual("NAME USED BUDGET WORKLOADS READY SERVER DELIVERY REASON AGE".split(" "));
    expect(row?.slice(5, 8)).toEqual(["db.shop.svc:5432", "Admission", "Ready"]);
  });

  test("wait --for=condition=Ready returns", async () => {
    const wait = ["wait", "--for=condition=Ready", "pp/orders", "-n", namespace, "--timeout=10s"];
    expect(await outputOf(kubectl(...wait))).toContain("condition met");
  });

  test("everything that the status schema knows is stored", async () => {
    const path = "jsonpath={.status}";
    const stored = await outputOf(kubectl("get", "pp", "orders", "-n", namespace, "-o", path));
    expect(JSON.parse(stored)).toEqual(status);
  });

  test("a status as large as ours may become is stored", async () => {
    const row = {
      workload: "",
      replicas: 1,
      pods: 1,
      plannedPods: 1,
      poolSize: 2,
      wantedPoolSize: 2,
    };
    const rest = { minSize: 1, heldSlots: 2, slots: 2, decision: "Unchanged", reason: "Applied" };
    const names = Array.from({ length: 1_350 }, (_, index) => `${index}-`.padEnd(253, "n"));
    const env = [{ name: "DB_POOL_MAX_SIZE", value: "2" }];
    const large: PoolPolicyStatus = {
      ...status,
      workloads: names.map((name) => ({
        ...{ ...row, ...rest },
        ...{ workload: `Deployment/${name}`, container: "app", message: "" },
      })),
      grants: Object.fromEntries(
        names.map((name) => [`Deployment/${name}`, { container: "app", poolSize: 2, env }]),
      ),
    };
    expect(bytesOf(large)).toBeGreaterThan(0.9 * statusBytesMax);
    await outputOf(apply(policy("large", specWith({}))));
    await using folder = await mkdtempDisposable(join(tmpdir(), "poolwarden-status-"));
    const file = join(folder.path, "patch.json");
    await writeFile(file, JSON.stringify({ status: large }));
    const how = ["--subresource=status", "--type=merge", "--patch-file", file];
    await outputOf(kubectl("patch", "pp", "large", "-n", namespace, ...how));
    const jsonpath = "jsonpath={.status.workloads[1349].workload}";
    const stored = await outputOf(kubectl("get", "pp", "large", "-n", namespace, "-o", jsonpath));
    expect(stored).toBe(`Deployment/${names.at(-1) ?? ""}`);
  });

  test("an apply of the spec leaves the status alone", async () => {
    await outputOf(apply(policy("orders", specWith({ weight: 2 }))));
    const path = "jsonpath={.status.used}";
    expect(await outputOf(kubectl("get", "pp", "orders", "-n", namespace, "-o", path))).toBe("180");
  });
});

// The controller of quotas does not run here; what it would write is written in its place.
test("a ResourceQuota bounds how many policies a namespace may have", async () => {
  const bounded = `${namespace}-bounded`;
  const hard = `count/${plural}.${group}`;
  await outputOf(kubectl("create", "namespace", bounded));
  await outputOf(kubectl("create", "quota", "policies", "-n", bounded, `--hard=${hard}=1`));
  const status = JSON.stringify({ status: { hard: { [hard]: "1" }, used: { [hard]: "1" } } });
  const written = ["quota", "policies", "-n", bounded, "--subresource=status", "-p", status];
  await outputOf(kubectl("patch", ...written, "--type=merge"));
  const metadata = { name: "second", namespace: bounded };
  const second = stringify({ apiVersion, kind, metadata, spec: specWith({}) });
  let refusal = "";
  await waitUntil("the quota in force", async () => {
    refusal = (await apply(second, "--dry-run=server")).stderr;
    return refusal !== "";
  });
  expect(refusal).toContain(`exceeded quota: policies, requested: ${hard}=1, used: ${hard}=1`);
  await kubectl("delete", "namespace", bounded, "--wait=false");
});

async function tableOf(...args: string[]): Promise<readonly (readonly string[])[]> {
  const output = await outputOf(kubectl(...args));
  return output
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
}

describe("explain", () => {
  const explained = [
    { path: "poolpolicy", want: "keeps the connection pools of the workloads" },
    { path: "poolpolicy.spec", want: "The database server whose connections are shared." },
    { path: "poolpolicy.spec.database", want: "Declared max_connections." },
    { path: "pp.spec.workloads.poolSize", want: "Floor of the pool size." },
    { path: "pp.status.grants", want: "Container that is sized." },
  ];
  // The API server publishes the schema of a new CRD a moment after it is established.
  beforeAll(async () => {
    const isExplained = async (): Promise<boolean> =>
      (await kubectl("explain", "poolpolicy")).code === 0;
    await waitUntil("kubectl explain knows poolpolicy", isExplained, 20_000);
  });

  test.each(explained)("$path says: $want", async ({ path, want }) => {
    const text = (await outputOf(kubectl("explain", path))).replaceAll(/\s+/g, " ");
    expect(text).toContain(want);
    expect(text).not.toContain("<no description>");
  });
});
