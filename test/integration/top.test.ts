// `poolwarden top` as a person calls it, on a real API server: into a pipe, and on a terminal that
// `script` provides.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { statusOf } from "../../src/domain/explain/status.ts";
import { buildPolicy } from "../support/admission.ts";
import * as build from "../support/builders.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { connectRest } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";
import { openWorkspace } from "../support/processes.ts";
import { writeAccountKubeconfig } from "../support/service-account.ts";

const namespace = "top";
const entry = join(import.meta.dirname, "..", "..", "src", "main.ts");
const controlPlane = inject("controlPlane");
const { kubeconfigPath, kubectlPath } = controlPlane;
let rest: KubernetesRest;

beforeAll(async () => {
  rest = await connectRest(kubeconfigPath);
  await rest.createNamespace(namespace);
  const policy = buildPolicy(namespace, "orders", {
    database: { secretRef: { name: "db" } },
    workloads: [{ name: "web" }],
  });
  await rest.create(policy);
  await rest.merge(policy, { status: aStatus() }, { subresource: "status" });
});

afterAll(() => {
  rest.close();
});

function aStatus(): PoolPolicyStatus {
  const web = build.aWorkload("web", {
    autoscalerMaxReplicas: 15,
    pods: build.pods(3, { poolSize: 6 }),
    grant: build.aGrant(6),
  });
  const snapshot = build.aSnapshot({ workloads: [web] });
  const [policy = build.aPolicy()] = snapshot.policies;
  return statusOf(plan(snapshot, build.startMs), policy);
}

async function inShell(line: string): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: process.env["PATH"], KUBECONFIG: kubeconfigPath };
  return await promisify(execFile)("/bin/sh", ["-c", line], { env });
}

const top = `${process.execPath} ${entry} top -n ${namespace}`;

it("into a pipe it writes the servers and the pools once", async () => {
  const { stdout, stderr } = await inShell(`${top} | cat`);

  expect(stderr).toBe("");
  expect(stdout).toMatch(/^db\.shop\.svc:5432 {2}\w+.* {2}\d+ used, \d+ free, 0 foreign/);
  expect(stdout).toMatch(
    /NAMESPACE +POLICY +WORKLOAD +DECISION +PODS +PLANNED +SIZE +LIVE +WANTED +HELD +SLOTS/,
  );
  expect(stdout).toMatch(/top +orders +Deployment\/web +\w+ +3 +15 +6 +- +6 +18 +90 /);
});

it("on a terminal it draws a screen until q ends it", async ({ skip }) => {
  skip(process.platform !== "linux", "script takes other arguments outside of Linux");
  const { stdout } = await inShell(`printf q | script -qec '${top}' /dev/null`);

  expect(stdout).toContain("\u001b[?1049h");
  expect(stdout).toContain("Deployment/web");
  expect(stdout.trimEnd().endsWith("\u001b[?1049l")).toBe(true);
});

it("kubectl runs it as a plugin", async () => {
  const workspace = await openWorkspace("poolwarden-plugin-");
  const plugin = join(workspace.directory, "kubectl-poolwarden");
  const runs = `#!/bin/sh\nexec "${process.execPath}" "${entry}" "$@"\n`;
  await writeFile(plugin, runs, { mode: 0o755 });
  const path = `PATH="${workspace.directory}:$PATH"`;

  const { stdout } = await inShell(`${path} ${kubectlPath} poolwarden top -n ${namespace}`);

  expect(stdout).toContain("Deployment/web");
  await workspace.close();
});

it("a namespace without policies has nothing to show", async () => {
  const { stdout } = await inShell(`${top}-of-nobody`);

  expect(stdout).toBe(`no PoolPolicy found in namespace ${namespace}-of-nobody\n`);
});

it("who may not list policies is told which flag helps", async () => {
  const workspace = await openWorkspace("poolwarden-top-");
  const path = join(workspace.directory, "kubeconfig");
  const kubeconfig = await readFile(kubeconfigPath, "utf8");
  const plane = { kubeconfig, kubectl: (args: string[]) => runKubectl(controlPlane, args) };
  await runKubectl(controlPlane, ["create", "serviceaccount", "nobody", "-n", namespace]);
  await writeAccountKubeconfig(plane, { namespace, name: "nobody" }, path);

  const refused = inShell(`${process.execPath} ${entry} top --kubeconfig ${path}`);

  await expect(refused).rejects.toThrow(/poolpolicies.*--namespace NAME\n$/);
  await workspace.close();
});
