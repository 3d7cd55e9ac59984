// Each right of the install manifest is needed: an operator that has all but one says which one it
// lacks, where a person looks first. One process, user and namespace for each right, several at a
// time; each sees its own namespace only, with Roles there instead of a ClusterRole.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { envOf } from "../../support/admission.ts";
import { startControlPlane } from "../../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { applyOn, manifests, prometheusRuleCrd } from "../../support/installed-plane.ts";
import { connectRest, read, readList } from "../../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../../support/kubernetes-rest.ts";
import { launchOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { openWorkspace, waitUntil, type Workspace } from "../../support/processes.ts";
import {
  applyObjects,
  buildGrant,
  describeRight,
  readInstall,
  rightsOf,
} from "../../support/rights.ts";
import type { Right } from "../../support/rights.ts";
import { buildWorkload } from "../../support/workloads.ts";

const account = { name: "poolwarden", namespace: "poolwarden-system" };
const rights = rightsOf(await readInstall(), account);
const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];
const electionFlags = [
  ...["--leader-elect=true", "--lease-duration=2s"],
  ...["--renew-deadline=1s", "--retry-period=200ms"],
];

/** Asked for only where pods run and are ready, which they are not here: rights.test.ts uses it. */
const isOfRunningPods = ({ resource }: Right): boolean => resource === "pods/eviction";
const lacked = rights.filter((right) => !isOfRunningPods(right));

/** One operator each; the last lacks nothing. */
const cases: readonly Case[] = [...lacked, undefined].map((missing, index) => ({
  missing,
  namespace: `lacks-${index}`,
}));

type Case = { readonly missing: Right | undefined; readonly namespace: string };

let workspace: Workspace;
let plane: ControlPlane;
let rest: KubernetesRest;

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-rights-needed-");
  plane = await startControlPlane();
  rest = await connectRest(plane.kubeconfigPath);
  await applyOn(plane, manifests);
  await applyObjects(plane, [prometheusRuleCrd]);
  await applyObjects(plane, cases.flatMap(objectsOf));
});

afterAll(async () => {
  rest.close();
  await plane.stop();
  await workspace.close();
});

/** Where its absence is said: in a line of the log, or in a finding of the policy. */
type Where = "log" | "finding";

function whereSaid({ resource, verb }: Right): Where {
  const isWatched = verb === "list" || verb === "watch";
  const isUnsaid = ["poolpolicies/status", "events", "leases"].includes(resource);
  return isWatched || isUnsaid ? "log" : "finding";
}

/** As Roles of one namespace, which is the operator's own as well; some objects have none. */
function rightsIn(namespace: string, some: readonly Right[]): readonly Right[] {
  const isClusterWide = ({ apiGroup }: Right): boolean => apiGroup.startsWith("admission");
  return some.map((right) => (isClusterWide(right) ? right : { ...right, namespace }));
}

function objectsOf({ missing, namespace }: Case): readonly object[] {
  const user = { kind: "User", name: namespace } as const;
  const others = rights.filter((right) => right !== missing);
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...buildGrant(namespace, rightsIn(namespace, others), [user]),
    ...workloadAndPolicy(missing, namespace),
  ];
}

async function launch({ missing, namespace }: Case): Promise<OperatorProcess> {
  const kubeconfigPath = join(workspace.directory, namespace);
  await writeFile(kubeconfigPath, await plane.addUser({ name: namespace }));
  const election = missing?.resource === "leases" ? electionFlags : ["--leader-elect=false"];
  return launchOperator({
    kubeconfigPath,
    flags: [`--namespaces=${namespace}`, `--lease-namespace=${namespace}`, ...election],
  });
}

/** One workload that promises too much, and a policy that makes the operator use the right. */
function workloadAndPolicy(missing: Right | undefined, namespace: string): readonly object[] {
  const { resource, verb } = missing ?? { resource: "", verb: "" };
  const kind = resource === "statefulsets" ? "StatefulSet" : "Deployment";
  const spec = {
    database: { address: "db.example:5432", maxConnections: 30 },
    delivery: "Template",
    alerts: { enabled: resource !== "prometheusrules" || verb !== "delete" },
    workloads: [{ kind, name: "web" }],
  };
  const metadata = { namespace, name: "orders" };
  return [
    buildWorkload(kind, namespace, "web", { replicas: 1, env }),
    { apiVersion: "poolwarden.dev/v1alpha1", kind: "PoolPolicy", metadata, spec },
  ];
}

async function readIn(
  namespace: string,
  apiVersion: string,
  kind: string,
  name: string,
): Promise<unknown> {
  return (await rest.get({ apiVersion, kind, metadata: { namespace, name } })).body;
}

async function findingsIn(namespace: string): Promise<string> {
  const policy = await readIn(namespace, "poolwarden.dev/v1alpha1", "PoolPolicy", "orders");
  const findings = readList(policy, "status", "findings");
  const isForbidden = (one: unknown): boolean => read(one, "reason") === "Forbidden";
  return findings
    .filter(isForbidden)
    .map((one) => String(read(one, "message")))
    .join("\n");
}

describe.concurrent("an operator that lacks one right says so", () => {
  const lacking = cases.flatMap((one) => {
    const { missing: right } = one;
    if (!right) return [];
    return [{ one, right, what: describeRight(right), where: whereSaid(right) }];
  });

  it.each(lacking)("$what: in a $where", async ({ one, right, where, what }) => {
    const { namespace } = one;
    await using operator = await launch(one);
    const { verb, resource, apiGroup } = right;
    const refusal = `cannot ${verb} resource "${resource}" in API group "${apiGroup}"`;

    if (where === "log") await operator.waitForLine(JSON.stringify(refusal).slice(1, -1));
    else
      await waitUntil(`finding Forbidden of ${what}`, async () =>
        (await findingsIn(namespace)).includes(refusal),
      );

    // Rules that cannot be watched stop nobody.
    const isDecidedBy = verb === "list" && resource !== "prometheusrules";
    if (isDecidedBy) expect((await operator.get("/readyz")).body).toContain(refusal);
    expect((await operator.get("/livez")).status).toBe(200);
  });

  it("nothing is refused to one that has them all", async () => {
    const one = cases.find(({ missing }) => missing === undefined);
    if (!one) throw new Error("every case lacks something");
    const { namespace } = one;
    await using operator = await launch(one);
    await operator.waitUntilReady();

    await waitUntil("a smaller size in the template", async () => {
      const deployment = await readIn(namespace, "apps/v1", "Deployment", "web");
      const entries = envOf(read(deployment, "spec", "template"));
      return Number(entries.find(({ name }) => name === "DB_POOL_MAX_SIZE")?.["value"]) < 50;
    });

    expect(operator.linesWith("cannot ")).toEqual([]);
  });
});
