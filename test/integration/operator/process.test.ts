// The process as the one who runs it sees it: flags, what is missing when it starts, permissions
// that it lacks. Whatever it is, one clear line, a retry, and no crash. A control plane of its own,
// on which nothing is installed at first.
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import {
  buildAdmissionPolicy,
  buildAdmissionPolicyBinding,
} from "../../../src/render/admission-policy.ts";
import { startControlPlane } from "../../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { kubeconfigOfNobody } from "../../support/kubeconfig-of-nobody.ts";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { applyOn, kubectlOf, manifests } from "../../support/installed-plane.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { launchOperator, runPoolwarden } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { openWorkspace, waitUntil } from "../../support/processes.ts";
import type { Workspace } from "../../support/processes.ts";
import { buildWorkload } from "../../support/workloads.ts";

const repository = join(import.meta.dirname, "..", "..", "..");
const crd = join(manifests, "poolpolicies.poolwarden.dev.yaml");

describe("the command line", () => {
  it.concurrent.each([
    { args: ["--help"], wantCode: 0, wantSays: ["Usage: poolwarden run", "--database-interval"] },
    { args: [], wantCode: 0, wantSays: ["Usage: poolwarden run"] },
    { args: ["--version"], wantCode: 0, wantSays: [/^\d+\.\d+\.\d+$/m] },
    { args: ["walk"], wantCode: 2, wantSays: ['unknown command "walk"', "run, plan and top"] },
    { args: ["run", "--colour", "red"], wantCode: 2, wantSays: ["--colour", "poolwarden --help"] },
    {
      args: ["run", "--settle-time", "soon"],
      wantCode: 2,
      wantSays: ['--settle-time "soon"', "5m"],
    },
    { args: ["run", "--listen", "80"], wantCode: 2, wantSays: ['--listen "80"', "host:port"] },
    {
      args: ["run", "--kubeconfig", "/nowhere"],
      wantCode: 2,
      wantSays: ['--kubeconfig "/nowhere" cannot be read', "no such file"],
    },
    {
      args: ["run", "--log-level", "loud"],
      wantCode: 2,
      wantSays: ['--log-level "loud"', "debug"],
    },
  ])("$args: exit code $wantCode", async ({ args, wantCode, wantSays }) => {
    await using command = await runPoolwarden(args);

    const { code } = await command.exited;

    expect(code).toBe(wantCode);
    for (const words of wantSays) expect(command.otherOutput()).toMatch(words);
  });

  it("an environment variable serves as its flag, and is named when it is wrong", async () => {
    const environment = { POOLWARDEN_DATABASE_INTERVAL: "often" };
    await using command = await runPoolwarden(["run"], environment);

    expect((await command.exited).code).toBe(2);
    expect(command.otherOutput()).toContain('POOLWARDEN_DATABASE_INTERVAL "often"');
  });

  it("an address that is taken is named, and ends the process", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `127.0.0.1:${(server.address() as { port: number }).port}`;
    const workspace = await openWorkspace("poolwarden-listen-");
    const path = join(workspace.directory, "kubeconfig");
    await writeFile(path, JSON.stringify(kubeconfigOfNobody));
    await using command = await runPoolwarden(["run", `--listen=${address}`], { KUBECONFIG: path });

    expect((await command.exited).code).toBe(1);
    await command.waitForLine(`listening on ${address}`, "EADDRINUSE");
    server.close();
    await workspace.close();
  });

  it("without a kubeconfig and outside of a pod it ends at once", async () => {
    await using command = await runPoolwarden(["run", "--listen=127.0.0.1:0"]);

    expect((await command.exited).code).toBe(2);
    expect(command.otherOutput()).toContain("no kubeconfig found and not running in a pod");
  });
});

type Rule = { readonly resources: readonly string[]; readonly verbs: readonly string[] };

describe("on a cluster where something is missing", () => {
  let plane: ControlPlane;
  let workspace: Workspace;
  let postgres: Postgres;
  let fleet: Fleet;
  let operator: OperatorProcess;
  const namespace = "rights";

  beforeAll(async () => {
    plane = await startControlPlane();
    workspace = await openWorkspace("poolwarden-rights-");
    postgres = await startPostgres({ maxConnections: 200 });
    fleet = await openFleet({ kubectl: kubectlOf(plane), namespace });
    await grant({ verb: "list", resource: "pods" });
    const kubeconfigPath = join(workspace.directory, "kubeconfig");
    await writeFile(kubeconfigPath, await plane.addUser({ name: "operator" }));
    operator = await launchOperator({ kubeconfigPath });
  });

  afterAll(async () => {
    await operator[Symbol.asyncDispose]();
    await fleet[Symbol.asyncDispose]();
    await postgres.stop();
    await workspace.close();
    await plane.stop();
  });

  /** The rights of the install manifest for user `operator`, less these, and no others. */
  async function grant(less?: { readonly verb: string; readonly resource: string }): Promise<void> {
    const text = await readFile(join(repository, "charts", "install.yaml"), "utf8");
    const role = parseAllDocuments(text)
      .map((document) => document.toJS() as unknown)
      .find((object) => read(object, "kind") === "ClusterRole") as { rules: Rule[] };
    const rules = role.rules.map((rule) => {
      const verbs = rule.verbs.filter((verb) => verb !== less?.verb);
      return less && rule.resources.includes(less.resource) ? { ...rule, verbs } : rule;
    });
    const subjects = [{ kind: "User", name: "operator", apiGroup: "rbac.authorization.k8s.io" }];
    const roleRef = {
      kind: "ClusterRole",
      name: "poolwarden",
      apiGroup: "rbac.authorization.k8s.io",
    };
    await fleet.apply(
      { ...role, rules },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "poolwarden" },
        roleRef,
        subjects,
      },
    );
  }

  it("each thing is said in one line, and nothing is decided without it", async () => {
    const kind = await operator.waitForLine("does not know this kind of object", "PoolPolicy");
    expect(kind).toMatchObject({ level: "warn", code: "K8S_NOT_FOUND" });
    const permission = await operator.waitForLine("a permission is missing", "pods");
    expect(permission).toMatchObject({ level: "warn", code: "K8S_FORBIDDEN" });
    const { status, body } = await operator.get("/readyz");
    expect(status).toBe(503);
    expect(body).toMatch(/PoolPolicy: .*404/);
    expect(body).toMatch(/Pod: .*cannot list resource "pods"/);
    expect((await operator.get("/livez")).status).toBe(200);
  });

  it("it begins as soon as all is there, in the same process", async () => {
    await applyOn(plane, crd);
    await grant();

    await operator.waitUntilReady();

    const warnings = (words: string, kind: string): number =>
      operator.linesWith('"level":"warn"', words, `"kind":"${kind}"`).length;
    expect(warnings("does not know this kind of object", "PoolPolicy")).toBe(1);
    expect(warnings("a permission is missing", "Pod")).toBe(1);
  });

  it("a secret that it may not read: the condition gives the command that allows it", async () => {
    const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];
    await fleet.apply(buildWorkload("Deployment", namespace, "web", { replicas: 4, env }));
    await fleet.applySecret("orders-db", { uri: postgres.uri() });
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" } },
      workloads: [{ name: "web" }],
    });

    const message = await fleet.waitForCondition("orders", "DatabaseReachable", {
      status: "False",
      reason: "SecretForbidden",
      says: ["may not read secret rights/orders-db"],
    });

    const [, command = ""] = /kubectl (create role .*?--resource-name=\S+)/.exec(message) ?? [];
    await fleet.kubectl(command);
    const role = command.split(" ")[2] ?? "";
    await fleet.kubectl(`create rolebinding ${role} --role=${role} --user=operator`);
    await fleet.waitForCondition("orders", "DatabaseReachable", { status: "True" });
  });

  it("the rights of the install manifest are enough: nothing is refused", async () => {
    await fleet.waitForReady("orders");
    expect(operator.linesWith("a write did not go through")).toEqual([]);
    expect(JSON.stringify(await fleet.statusOf("orders"))).not.toContain("Forbidden");
  });

  it("without the admission policy the template delivery does the job, and says why", async () => {
    await fleet.waitForPods("web", 4, 23);
    const status = await fleet.statusOf("orders");
    expect(read(status, "delivery")).toBe("Template");
    expect(read(status, "deliveryMessage")).toMatch(/poolwarden or its binding is not installed/);
  });

  it("a write that it is not allowed is said, and made once it is", async () => {
    await grant({ verb: "patch", resource: "deployments" });
    // A smaller budget on the same server: the roll fits beside what runs.
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" } },
      reserve: { connections: 72 },
      workloads: [{ name: "web" }],
    });

    await waitUntil("finding Forbidden", async () => {
      const findings = JSON.stringify(read(await fleet.statusOf("orders"), "findings"));
      return findings.includes('"Forbidden"') && findings.includes("cannot patch resource");
    });

    await grant();
    await fleet.waitForPods("web", 4, 15);
    await fleet.waitForReady("orders");
    const findings = JSON.stringify(read(await fleet.statusOf("orders"), "findings"));
    expect(findings).not.toContain("Forbidden");
  });

  it("with delivery Admission it says that the admission policy is missing", async () => {
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" } },
      delivery: "Admission",
      workloads: [{ name: "web", poolSize: { max: 5 } }],
    });

    await fleet.waitForCondition("orders", "Applied", {
      status: "False",
      reason: "AdmissionMissing",
      says: ["poolwarden or its binding is not installed: install it"],
    });
    await fleet.kubectl("scale deployment/web --replicas=7");
    await fleet.waitForPods("web", 7, 15);
  });

  it("a binding that is limited to other namespaces is as good as none, and is named", async () => {
    const { spec, ...binding } = buildAdmissionPolicyBinding();
    const key = "kubernetes.io/metadata.name";
    const namespaceSelector = {
      matchExpressions: [{ key, operator: "In", values: ["elsewhere"] }],
    };
    const limited = { ...(spec as object), matchResources: { namespaceSelector } };
    await fleet.apply(buildAdmissionPolicy(), { ...binding, spec: limited });

    await fleet.waitForCondition("orders", "Applied", {
      status: "False",
      reason: "AdmissionMissing",
      says: [
        `not installed for namespace ${namespace}`,
        "PolicyBinding poolwarden reaches only elsewhere",
      ],
    });
    await fleet.kubectl("scale deployment/web --replicas=8");
    await fleet.waitForPods("web", 8, 15);
  });
});
