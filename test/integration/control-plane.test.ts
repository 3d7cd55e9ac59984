// The ground the other tests stand on: is this the real thing, and does it behave as we counted on?
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { createInstantRuntime } from "../support/kubelet/instant-runtime.ts";
import { startKubelet } from "../support/kubelet/kubelet.ts";
import { waitUntil } from "../support/processes.ts";
import {
  AUTOSCALER_CONTROLLER,
  CONTROLLERS_FOR_PEOPLE,
} from "../support/control-plane/server-arguments.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import { KUBERNETES_VERSION } from "../support/control-plane/versions.ts";

const shared = inject("controlPlane");

// Starting servers takes seconds, or a minute on a machine that is busy with something else.
const PATIENT = { timeout: 240_000 };

describe("the shared control plane", () => {
  test("says the version that is pinned", async () => {
    const { stdout } = await runKubectl(shared, ["version", "--output=json"]);
    const version = JSON.parse(stdout) as { serverVersion: { gitVersion: string } };
    expect(version.serverVersion.gitVersion).toBe(KUBERNETES_VERSION);
  });

  test("serves mutating admission policies", async () => {
    const { stdout } = await runKubectl(shared, ["api-resources", "--output=name"]);
    expect(stdout).toContain("mutatingadmissionpolicies.admissionregistration.k8s.io");
  });
});

describe("a control plane of one's own", () => {
  test(
    "keeps its data and its address when the API server is killed and comes back",
    PATIENT,
    async () => {
      await using plane = await startControlPlane({ controllers: [] });
      await plane.kubectl(["create", "configmap", "kept"]);
      await plane.stopApiServer();
      const refused = await plane.kubectl(["get", "configmap", "kept"]);
      expect(refused.stderr).toContain("refused");
      await plane.startApiServer();
      expect(await plane.kubectl(["get", "configmap", "kept"])).toMatchObject({ code: 0 });
    },
  );

  test("knows other identities by name and group, and gives them no rights", PATIENT, async () => {
    await using plane = await startControlPlane({ controllers: [AUTOSCALER_CONTROLLER] });
    const kubeconfig = await plane.addUser({ name: "reader", groups: ["readers"] });
    const kubeconfigPath = join(dirname(plane.kubeconfigPath), "reader");
    await writeFile(kubeconfigPath, kubeconfig);
    const reader = { kubectlPath: plane.binaries.kubectl, kubeconfigPath };
    const { stdout } = await runKubectl(reader, ["auth", "whoami", "--output=json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      status: { userInfo: { username: "reader", groups: ["readers", "system:authenticated"] } },
    });
    expect((await runKubectl(reader, ["get", "pods"])).stderr).toContain("Forbidden");
  });
});

test("for a person it makes the pods of Jobs and CronJobs too", PATIENT, async () => {
  await using plane = await startControlPlane({ controllers: CONTROLLERS_FOR_PEOPLE });
  await plane.kubectl(["create", "cronjob", "nightly", "--image=one", "--schedule=0 0 1 1 *"]);
  await plane.kubectl(["create", "job", "now", "--from=cronjob/nightly"]);
  const podOf = async (job: string): Promise<string> => {
    const args = ["get", "pods", `--selector=job-name=${job}`, "--output=name"];
    return (await plane.kubectl(args)).stdout;
  };
  await waitUntil("the pod of the Job", async () => (await podOf("now")).startsWith("pod/now-"));
});

test(
  "a default rollout of 10 replicas peaks at 20 pods while pods stop slowly",
  PATIENT,
  async () => {
    await using plane = await startControlPlane();
    const kubectl = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await plane.kubectl(args);
      if (code !== 0) throw new Error(stderr);
      return stdout;
    };
    // No pod goes before the new ones are all there: that is what a long grace period amounts to.
    const mayStop = Promise.withResolvers<undefined>();
    const runtime = createInstantRuntime({ stopDelay: () => mayStop.promise });
    await using kubelet = await startKubelet({ kubeconfig: plane.kubeconfig, runtime });
    const countPods = async (): Promise<number> =>
      (await kubectl("get", "pods", "--output=name")).trim().split("\n").length;

    await kubectl("create", "deployment", "web", "--image=one", "--replicas=10");
    await kubectl("rollout", "status", "deployment/web", "--timeout=50s");
    await kubectl("set", "image", "deployment/web", "*=two");
    await kubectl("rollout", "status", "deployment/web", "--timeout=50s");
    expect(await countPods()).toBe(20);
    mayStop.resolve(undefined);
    await waitUntil("the old pods to be gone", async () => (await countPods()) === 10);
    expect(kubelet.podCount()).toBe(10);
  },
);
