// The ground the other tests stand on: is this the real thing, and does it behave as we counted on?
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { AUTOSCALER_CONTROLLER } from "../support/control-plane/server-arguments.ts";
import { runKubectl } from "../support/control-plane/kubectl.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import { KUBERNETES_VERSION } from "../support/control-plane/versions.ts";

const shared = inject("controlPlane");

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
  test("keeps its data and its address when the API server is killed and comes back", async () => {
    await using plane = await startControlPlane({ controllers: [] });
    await plane.kubectl(["create", "configmap", "kept"]);
    await plane.stopApiServer();
    const refused = await plane.kubectl(["get", "configmap", "kept"]);
    expect(refused.stderr).toContain("refused");
    await plane.startApiServer();
    expect(await plane.kubectl(["get", "configmap", "kept"])).toMatchObject({ code: 0 });
  });

  test("knows other identities by name and group, and gives them no rights", async () => {
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
