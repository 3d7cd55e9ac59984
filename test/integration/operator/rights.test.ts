// The operator on a real API server as the ServiceAccount of the install manifest, with RBAC on:
// everything that it can do is made to happen, and the API server's audit log must show every right
// of the manifest in use, nothing beyond them, and nothing refused.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { join } from "node:path";
import { type Audit, type AuditEntry, prepareAudit } from "../../support/audit.ts";
import { startControlPlane } from "../../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { DEFAULT_CONTROLLERS } from "../../support/control-plane/server-arguments.ts";
import { type Fleet, openFleet } from "../../support/fleet.ts";
import { applyOn, kubectlOf, manifests, prometheusRuleCrd } from "../../support/installed-plane.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { launchOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { openWorkspace, waitUntil, type Workspace } from "../../support/processes.ts";
import {
  applyObjects,
  describeRight,
  installRights,
  readInstall,
  rightsOf,
} from "../../support/rights.ts";
import type { Right } from "../../support/rights.ts";
import { inShell } from "../../support/shell.ts";
import { writeAccountKubeconfig } from "../../support/service-account.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";

const namespace = "rights";
const account = { name: "poolwarden", namespace: "poolwarden-system" };
const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];

let workspace: Workspace;
let audit: Audit;
let plane: ControlPlane;
let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-rights-");
  audit = await prepareAudit(workspace.directory, {
    userGroup: `system:serviceaccounts:${account.namespace}`,
  });
  plane = await startControlPlane({
    apiServerFlags: audit.apiServerFlags,
    controllers: [...DEFAULT_CONTROLLERS, "clusterrole-aggregation-controller"],
  });
  await applyOn(plane, manifests);
  await applyObjects(plane, [prometheusRuleCrd]);
  await installRights(plane);
  await ensureAdmissionWorks(plane);
  postgres = await startPostgres({ maxConnections: 120 });
  fleet = await openFleet({ kubectl: kubectlOf(plane), namespace });
  await fleet.apply(
    buildWorkload("Deployment", namespace, "web", { replicas: 2, env }),
    buildAutoscaler(namespace, "web", 3),
    buildWorkload("StatefulSet", namespace, "store", { replicas: 1, env }),
  );
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  operator = await startAsAccount();
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
  await plane.stop();
  await workspace.close();
});

async function startAsAccount(): Promise<OperatorProcess> {
  const kubeconfigPath = join(workspace.directory, "kubeconfig");
  await writeAccountKubeconfig(plane, account, kubeconfigPath);
  return launchOperator({
    kubeconfigPath,
    flags: ["--lease-duration=4s", "--renew-deadline=2500ms", "--retry-period=500ms"],
    environment: { POD_NAME: "poolwarden-0", POD_NAMESPACE: account.namespace },
  });
}

async function applyOrders(more: object): Promise<void> {
  await fleet.applyPolicy("orders", {
    database: { secretRef: { name: "orders-db" } },
    stability: { cooldown: "1s" },
    workloads: [{ name: "web" }, { kind: "StatefulSet", name: "store" }],
    ...more,
  });
}

/** What the policy's PrometheusRule says; undefined where there is none. */
async function alertRule(): Promise<string | undefined> {
  const text = await fleet.kubectl("get prometheusrules -o json");
  const [rule] = read(JSON.parse(text), "items") as readonly unknown[];
  return rule === undefined ? undefined : JSON.stringify(read(rule, "spec"));
}

describe("with the rights of the install manifest", () => {
  it("a Lease that somebody deleted is made anew, and the operator leads", async () => {
    const { code } = await plane.kubectl(["delete", "lease", "--all", "-n", account.namespace]);
    expect(code).toBe(0);
    await operator.waitForLine("this operator leads");
    await operator.waitUntilReady();
  });

  it("a secret is read once the command in the condition was run as it stands", async () => {
    await applyOrders({});
    const message = await fleet.waitForCondition("orders", "DatabaseReachable", {
      status: "False",
      reason: "SecretForbidden",
    });

    await inShell(plane, message.slice(message.indexOf("kubectl ")));

    await fleet.waitForReady("orders");
  });

  it("through admission: Deployment and StatefulSet are rolled to their size", async () => {
    const sizes = async (): Promise<readonly number[]> => [
      ...(await fleet.sizesOf("web")),
      ...(await fleet.sizesOf("store")),
    ];
    await waitUntil("3 pods of a size of ours", async () => {
      const now = await sizes();
      return now.length === 3 && !now.includes(50);
    });
    expect(read(await fleet.statusOf("orders"), "delivery")).toBe("Admission");
    expect(await fleet.kubectl("get events.events.k8s.io")).toMatch(
      /RollStarted.*statefulset\/store/i,
    );
  });

  it("through the template: the entries are written, and given up with the policy", async () => {
    await fleet.apply(buildWorkload("Deployment", namespace, "api", { replicas: 1, env }));
    await fleet.applyPolicy("template", {
      database: { secretRef: { name: "orders-db" } },
      delivery: "Template",
      workloads: [{ name: "api", poolSize: { max: 7 } }],
    });
    await fleet.waitForPods("api", 1, 7);
    const managers = async (): Promise<string> =>
      fleet.kubectl(
        "get deployment api --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}",
      );
    expect(await managers()).toContain("poolwarden");

    await fleet.kubectl("delete poolpolicy template");

    await waitUntil(
      "nothing of it to be ours",
      async () => !(await managers()).includes("poolwarden"),
    );
    await fleet.waitForPods("api", 1, 7);
  });

  it("a repair whose rollout does not fit evicts one pod at a time", async () => {
    const size = [{ name: "DB_POOL_MAX_SIZE", value: "3" }];
    await fleet.apply(
      buildWorkload("Deployment", namespace, "crowd", { replicas: 3, env: size }),
      buildWorkload("Deployment", namespace, "beside", { replicas: 4, env: size }),
    );
    await fleet.applyPolicy("crowded", {
      database: { address: "crowded.db.invalid:5432", maxConnections: 200 },
      stability: { cooldown: "1s" },
      alerts: { enabled: false },
      workloads: [{ name: "crowd" }, { name: "beside" }],
    });
    await fleet.waitForPods("crowd", 3, 21);
    await fleet.waitForPods("beside", 4, 15);
    await fleet.waitForReady("crowded");

    await fleet.kubectl("scale deployment/crowd --replicas=5");

    await fleet.waitForPods("crowd", 5, 12);
    expect(await fleet.kubectl("get events.events.k8s.io")).toMatch(/PodEvicted/);
    await fleet.kubectl("delete poolpolicy crowded");
  });

  it("the alert rules are written, changed, and taken away", async () => {
    await waitUntil("the rule", async () => (await alertRule()) !== undefined);
    await applyOrders({ alerts: { usedPercent: 71 } });
    await waitUntil("the new limit", async () => (await alertRule())?.includes("71") === true);

    await applyOrders({ alerts: { enabled: false } });

    await waitUntil("no rule", async () => (await alertRule()) === undefined);
  });

  it("each right was used, nothing beyond them was asked for, and nothing else was refused", async () => {
    await fleet.waitForReady("orders");
    await operator.stop();
    const objects = await readInstall();
    const entries = (await audit.entries()).filter(
      ({ user }) => user === `system:serviceaccount:${account.namespace}:${account.name}`,
    );

    const refused = entries.filter(({ status }) => status === 403).map(describeEntry);
    expect([...new Set(refused)]).toEqual(["get secrets/orders-db"]);
    const granted = new Set(rightsOf(objects, account).map(describeRight));
    const used = new Set(
      entries
        .filter(({ status }) => status < 400)
        .flatMap(rightsUsedBy)
        .map(describeRight),
    );
    expect([...used].sort()).toEqual([...granted, `get secrets orders-db in ${namespace}`].sort());
  });
});

describe("people, by the roles that a cluster has for them anyway", () => {
  const may = async (user: string, words: string): Promise<boolean> => {
    const args = ["auth", "can-i", ...words.split(" "), "-n", namespace, "--as", user];
    return (await plane.kubectl(args)).stdout.trim() === "yes";
  };

  beforeAll(async () => {
    await fleet.kubectl("create rolebinding ann --clusterrole=view --user=ann");
    await fleet.kubectl("create rolebinding bob --clusterrole=edit --user=bob");
  });

  it.each<{ who: string; user: string; wantMay: readonly string[]; wantMayNot: readonly string[] }>(
    [
      {
        who: "whoever may view",
        user: "ann",
        wantMay: ["get poolpolicies", "list poolpolicies", "watch poolpolicies"],
        wantMayNot: ["create poolpolicies", "patch poolpolicies", "delete poolpolicies"],
      },
      {
        who: "whoever may edit",
        user: "bob",
        wantMay: ["get", "create", "update", "patch", "delete"].map(
          (verb) => `${verb} poolpolicies`,
        ),
        wantMayNot: ["update poolpolicies --subresource=status"],
      },
      {
        who: "anybody else",
        user: "eve",
        wantMay: [],
        wantMayNot: ["get poolpolicies", "create poolpolicies"],
      },
    ],
  )("$who may do no more, and no less, than that with policies", async (people) => {
    const { user, wantMay, wantMayNot } = people;
    for (const words of wantMay) await waitUntil(`${user} may ${words}`, () => may(user, words));
    for (const words of wantMayNot) expect([words, await may(user, words)]).toEqual([words, false]);
  });
});

function describeEntry({ verb, object }: AuditEntry): string {
  return `${verb} ${object}`;
}

/** In the words of the manifest: what it gives everywhere is used anywhere. */
function rightsUsedBy(entry: AuditEntry): readonly Right[] {
  const { verb, apiGroup, resource = "no resource", status, object } = entry;
  const isNamed = resource === "secrets" || (resource === "leases" && verb !== "create");
  const namespace = resource === "secrets" || resource === "leases" ? entry.namespace : undefined;
  const name = isNamed ? object.slice(object.indexOf("/") + 1) : undefined;
  const right = { verb, apiGroup, resource, namespace, name };
  // An apply that makes a new object needs both.
  return verb === "patch" && status === 201 ? [right, { ...right, verb: "create" }] : [right];
}
