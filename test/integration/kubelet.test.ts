// Does what plays the kubelet look like one to the controllers, and do the pods' specs decide what
// runs? On the shared control plane, each test in a namespace of its own.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import type { KubectlTarget } from "../support/control-plane/kubectl.ts";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { startKubelet } from "../support/kubelet/kubelet.ts";
import type { Container, Pod } from "../support/kubelet/pod.ts";
import { createProcessRuntime } from "../support/kubelet/process-runtime.ts";
import type { Runtime } from "../support/kubelet/runtime.ts";
import { waitUntil } from "../support/processes.ts";

const shared = inject("controlPlane");

// Starting servers takes seconds, or a minute on a machine that is busy with something else.
const PATIENT = { timeout: 240_000 };

type Kubectl = (...args: string[]) => Promise<string>;

function kubectlIn(namespace: string, target: KubectlTarget = shared): Kubectl {
  return async (...args) => {
    const { code, stdout, stderr } = await runKubectl(target, ["-n", namespace, ...args]);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
}

type LivePod = Pod & { status: Record<string, unknown> & { podIP?: string } };

async function pods(kubectl: Kubectl): Promise<LivePod[]> {
  return (JSON.parse(await kubectl("get", "pods", "-o", "json")) as { items: LivePod[] }).items;
}

async function prepare(runtime: Runtime): Promise<{ namespace: string; kubectl: Kubectl }> {
  const namespace = `kubelet-${randomBytes(4).toString("hex")}`;
  const kubectl = kubectlIn(namespace);
  await kubectl("create", "namespace", namespace);
  const kubeconfig = await readFile(shared.kubeconfigPath, "utf8");
  const kubelet = await startKubelet({ kubeconfig, runtime, namespace, restartDelayMs: 100 });
  onTestFinished(async () => {
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await kubelet.stop();
  });
  return { namespace, kubectl };
}

async function deploy(namespace: string, replicas: number, container: object): Promise<void> {
  const labels = { app: "web" };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "web", image: "none", ...container }] },
      },
    },
  };
  const stdin = JSON.stringify(deployment);
  const { code, stderr } = await runKubectl(shared, ["apply", "-f", "-"], { stdin });
  if (code !== 0) throw new Error(stderr);
}

const AVAILABLE = ["wait", "--for=condition=Available", "deployment/web", "--timeout=50s"];
const READY = ["wait", "--for=jsonpath={.status.readyReplicas}", "deployment/web"];

describe("a Deployment of pods without processes", () => {
  test("becomes available, on addresses of their own, and scales", async () => {
    const { namespace, kubectl } = await prepare(createInstantRuntime());
    await deploy(namespace, 3, {});
    await kubectl(...AVAILABLE);
    const addresses = new Set((await pods(kubectl)).map(({ status }) => status.podIP));
    expect(addresses.size).toBe(3);
    await kubectl("scale", "deployment/web", "--replicas=15");
    await kubectl(READY[0] ?? "", `${READY[1] ?? ""}=15`, READY[2] ?? "", "--timeout=50s");
    await kubectl("scale", "deployment/web", "--replicas=1");
    await waitUntil("one pod to be left", async () => (await pods(kubectl)).length === 1);
  });

  test("keeps a deleted pod Terminating until it has stopped", async () => {
    const stopped = Promise.withResolvers<undefined>();
    const runtime = createInstantRuntime({ stopDelay: () => stopped.promise });
    const { namespace, kubectl } = await prepare(runtime);
    await deploy(namespace, 1, {});
    await kubectl(...AVAILABLE);
    const [first] = await pods(kubectl);
    const name = first?.metadata.name ?? "";
    await kubectl("delete", "pod", name, "--wait=false");
    await waitUntil("a replacement beside it", async () => (await pods(kubectl)).length === 2);
    const terminating = (await pods(kubectl)).find((pod) => pod.metadata.name === name);
    expect(terminating?.metadata.deletionTimestamp).toBeDefined();
    stopped.resolve(undefined);
    await kubectl("wait", "--for=delete", `pod/${name}`, "--timeout=50s");
  });

  test("does not make a pod outlive its grace period", async () => {
    const never = new Promise<undefined>(() => undefined);
    const { namespace, kubectl } = await prepare(createInstantRuntime({ stopDelay: () => never }));
    await deploy(namespace, 1, {});
    await kubectl(...AVAILABLE);
    const name = (await pods(kubectl))[0]?.metadata.name ?? "";
    await kubectl("delete", "pod", name, "--grace-period=1", "--timeout=50s");
    expect((await pods(kubectl)).map((pod) => pod.metadata.name)).not.toContain(name);
  });
});

function nodeProgram(code: string, env: Container["env"] = []): object {
  return { command: [process.execPath, "-e", code], env };
}

describe("a Deployment of pods that are processes", () => {
  test("gives each process its own spec's environment and nothing else's", async () => {
    let output = "";
    const onOutput = (_: Pod, text: string): void => void (output += text);
    const { namespace, kubectl } = await prepare(await createProcessRuntime({ onOutput }));
    process.env["MUST_NOT_LEAK"] = "1";
    const program = "console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000)";
    const fieldRef = { fieldPath: "status.podIP" };
    const env = [
      { name: "DB_POOL_MAX_SIZE", value: "50" },
      { name: "ADDRESS", valueFrom: { fieldRef } },
    ];
    await deploy(namespace, 1, nodeProgram(program, env));
    await kubectl(...AVAILABLE);
    await waitUntil("the process to print", () => output.includes("\n"));
    const [pod] = await pods(kubectl);
    const { PATH, ...seen } = JSON.parse(output) as Record<string, string>;
    expect(PATH).toBe(process.env["PATH"]);
    expect(seen).toEqual({
      POD_IP: pod?.status.podIP,
      POD_NAME: pod?.metadata.name,
      DB_POOL_MAX_SIZE: "50",
      ADDRESS: pod?.status.podIP,
    });
  });

  test("is ready when the process says so, and not before", async () => {
    const runtime = await createProcessRuntime({ readyWhenPrinted: "serving" });
    const { namespace, kubectl } = await prepare(runtime);
    const program = "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1000)";
    await deploy(namespace, 1, nodeProgram(`${program}; console.log('starting')`));
    const bound = async (): Promise<boolean> =>
      (await pods(kubectl))[0]?.spec.nodeName !== undefined;
    await waitUntil("the pod to be bound", bound);
    await expect(kubectl(...AVAILABLE.slice(0, 3), "--timeout=1s")).rejects.toThrow("timed out");
    await deploy(namespace, 1, nodeProgram(`${program}; console.log('serving')`));
    await kubectl(...AVAILABLE);
  });

  test("ends with SIGTERM, and with SIGKILL after the grace period", async () => {
    let output = "";
    const runtime = await createProcessRuntime({
      readyWhenPrinted: "ready",
      onOutput: (_, text) => void (output += text),
    });
    const { namespace, kubectl } = await prepare(runtime);
    const stubborn = "process.on('SIGTERM', () => console.log('asked')); console.log('ready');";
    await deploy(namespace, 1, nodeProgram(`${stubborn} setInterval(() => {}, 1000)`));
    await kubectl(...AVAILABLE);
    const name = (await pods(kubectl))[0]?.metadata.name ?? "";
    await kubectl("delete", "pod", name, "--grace-period=1", "--timeout=50s");
    expect(output).toContain("asked");
  });

  test("starts a process again that ends by itself, and counts", async () => {
    const { namespace, kubectl } = await prepare(await createProcessRuntime());
    await deploy(namespace, 1, nodeProgram("setTimeout(() => process.exit(3), 100)"));
    type Container = { restartCount: number; lastState?: { terminated?: { exitCode: number } } };
    await waitUntil("two restarts", async () => {
      const [pod] = await pods(kubectl);
      const [container] = (pod?.status["containerStatuses"] ?? []) as Container[];
      const exitCode = container?.lastState?.terminated?.exitCode;
      return (container?.restartCount ?? 0) >= 2 && (exitCode === undefined || exitCode === 3);
    });
  });

  test("says what cannot be started, and still lets go of the pod", async () => {
    let output = "";
    const runtime = await createProcessRuntime({ onOutput: (_, text) => void (output += text) });
    const { namespace, kubectl } = await prepare(runtime);
    await deploy(namespace, 1, { command: ["/no/such/program"] });
    await waitUntil("the failure to be said", () => output.includes("cannot start"));
    await kubectl("scale", "deployment/web", "--replicas=0");
    await waitUntil("the pod to be gone", async () => (await pods(kubectl)).length === 0);
  });

  test("goes from 3 to 15 pods", async () => {
    const { namespace, kubectl } = await prepare(await createProcessRuntime());
    await deploy(namespace, 3, nodeProgram("setInterval(() => {}, 1000)"));
    await kubectl(...AVAILABLE);
    const started = performance.now();
    await kubectl("scale", "deployment/web", "--replicas=15");
    await kubectl(READY[0] ?? "", `${READY[1] ?? ""}=15`, READY[2] ?? "", "--timeout=50s");
    console.log(`3 to 15 process pods in ${Math.round(performance.now() - started)} ms`);
  });
});

test("the pods of a StatefulSet and of a DaemonSet become ready too", PATIENT, async () => {
  await using plane = await startControlPlane();
  const target = { kubectlPath: plane.binaries.kubectl, kubeconfigPath: plane.kubeconfigPath };
  const kubectl = kubectlIn("default", target);
  const runtime = createInstantRuntime();
  await using kubelet = await startKubelet({ kubeconfig: plane.kubeconfig, runtime });
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "none" }] } };
  const spec = { selector: { matchLabels: labels }, template };
  const apiVersion = "apps/v1";
  const items = [
    { apiVersion, kind: "StatefulSet", metadata: { name: "set" }, spec: { ...spec, replicas: 2 } },
    { apiVersion, kind: "DaemonSet", metadata: { name: "each" }, spec },
  ];
  for (const item of items) {
    await plane.kubectl(["create", "-f", "-"], { stdin: JSON.stringify(item) });
  }
  await kubectl("wait", "--for=jsonpath={.status.readyReplicas}=2", "statefulset/set");
  await kubectl("wait", "--for=jsonpath={.status.numberReady}=1", "daemonset/each");
  expect(kubelet.podCount()).toBe(3);
});

test(
  "a killed API server loses neither pods nor what happened to them meanwhile",
  PATIENT,
  async () => {
    await using plane = await startControlPlane();
    const target = { kubectlPath: plane.binaries.kubectl, kubeconfigPath: plane.kubeconfigPath };
    const kubectl = kubectlIn("default", target);
    const gate = Promise.withResolvers<undefined>();
    const runtime = createInstantRuntime({ stopDelay: () => gate.promise });
    await using kubelet = await startKubelet({ kubeconfig: plane.kubeconfig, runtime });
    await kubectl("create", "deployment", "web", "--image=none", "--replicas=3");
    await kubectl(...AVAILABLE);
    await kubectl("delete", "pod", "--all", "--wait=false");
    await plane.stopApiServer();
    // They stop while there is nobody to tell.
    gate.resolve(undefined);
    await plane.startApiServer();
    await waitUntil("three new pods and no old one", async () => {
      const found = await pods(kubectl);
      const isSettled = found.every(({ metadata }) => metadata.deletionTimestamp === undefined);
      return isSettled && found.length === 3 && kubelet.podCount() === 3;
    });
    await kubectl(...AVAILABLE);
  },
);
