// Each right of the install manifest is needed: an operator that has all but one says which one it
// lacks, where a person looks first. One process, user and namespace for each right, several at a
// time; each sees its own namespace only, with Roles there instead of a ClusterRole.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startControlPlane } from "../../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { applyOn, manifests, prometheusRuleCrd } from "../../support/installed-plane.ts";
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

let workspace: Workspace;
let plane: ControlPlane;

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-rights-needed-");
  plane = await startControlPlane();
  await applyOn(plane, manifests);
  await applyObjects(plane, [prometheusRuleCrd]);
});

afterAll(async () => {
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

async function launchWithout(
  missing: Right | undefined,
  namespace: string,
): Promise<OperatorProcess> {
  const user = { kind: "User", name: namespace } as const;
  const others = rights.filter((right) => right !== missing);
  await applyObjects(plane, [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    ...buildGrant(namespace, rightsIn(namespace, others), [user]),
    ...workloadAndPolicy(missing, namespace),
  ]);
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

async function findingsIn(namespace: string): Promise<string> {
  const path = "jsonpath={.status.findings[?(@.reason=='Forbidden')].message}";
  const args = ["get", "poolpolicy", "orders", "-n", namespace, "-o", path];
  return (await plane.kubectl(args)).stdout;
}

describe.concurrent("an operator that lacks one right says so", () => {
  const cases = rights.map((right, index) => ({
    right,
    what: describeRight(right),
    where: whereSaid(right),
    namespace: `lacks-${index}`,
  }));

  it.each(cases)("$what: in a $where", async ({ right, where, namespace, what }) => {
    await using operator = await launchWithout(right, namespace);
    const { verb, resource, apiGroup } = right;
    const refusal = `cannot ${verb} resource "${resource}" in API group "${apiGroup}"`;

    if (where === "log") await operator.waitForLine(JSON.stringify(refusal).slice(1, -1));
    else
      await waitUntil(`finding Forbidden of ${what}`, async () =>
        (await findingsIn(namespace)).includes(refusal),
      );

    if (verb === "list") expect((await operator.get("/readyz")).body).toContain(refusal);
    expect((await operator.get("/livez")).status).toBe(200);
  });

  it("nothing is refused to one that has them all", async () => {
    const namespace = "lacks-nothing";
    await using operator = await launchWithout(undefined, namespace);
    await operator.waitUntilReady();

    const path =
      "jsonpath={.spec.template.spec.containers[0].env[?(@.name=='DB_POOL_MAX_SIZE')].value}";
    await waitUntil("a smaller size in the template", async () => {
      const args = ["get", "deployment", "web", "-n", namespace, "-o", path];
      return Number((await plane.kubectl(args)).stdout) < 50;
    });

    expect(operator.linesWith("cannot ")).toEqual([]);
  });
});
