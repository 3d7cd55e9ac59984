// The chart with Helm 3 as with Helm 4, and with one after the other; what becomes of the CRD; and
// charts/install.yaml for those who have neither. On a real API server, without the operator.
import { afterAll, beforeAll, expect, it } from "vitest";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { installMonitoringKinds, leftovers, missingFrom } from "../support/helm/cluster-checks.ts";
import { useHelm } from "../support/helm/found-helm.ts";
import { chartPath, type Helm, helmed, renderChart, runHelm } from "../support/helm/helm.ts";
import { installManifestPath } from "../support/helm/install-manifest.ts";
import { objectsOfRelease, onRelease, putRelease, release } from "../support/helm/release.ts";
import { nameOf } from "../support/helm/rendered-chart.ts";
import { together, unusual } from "../support/helm/unusual-values.ts";
import { applyObjects } from "../support/rights.ts";

const found = { 3: useHelm(3), 4: useHelm(4) };
const ofRelease = `app.kubernetes.io/instance=${release.name}`;
const crd = "customresourcedefinition.apiextensions.k8s.io/poolpolicies.poolwarden.dev";

let plane: ControlPlane;

const helm = (major: 3 | 4): Helm => ({
  ...found[major](),
  kubeconfigPath: plane.kubeconfigPath,
});

beforeAll(async () => {
  plane = await startControlPlane();
  const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
  await applyObjects(plane, [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "billing" } },
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: release.namespace, labels: restricted },
    },
  ]);
  await installMonitoringKinds(plane);
});

afterAll(() => plane.stop());

async function expectInstalled(major: 3 | 4, wantCount: number): Promise<void> {
  const objects = await objectsOfRelease(helm(major));
  expect(objects.map(nameOf)).toHaveLength(wantCount);
  expect(await missingFrom(plane, objects)).toBe("");
}

async function expectLeft(...want: readonly string[]): Promise<void> {
  await expect.poll(() => leftovers(plane, ofRelease), { timeout: 60_000 }).toEqual(want);
}

it("a misspelt value is refused before anything is installed", async () => {
  for (const major of [3, 4] as const) {
    const where = ["-n", release.namespace, "--create-namespace"];
    const install = ["install", release.name, chartPath, ...where, "--set", "watchNamespace=shop"];
    const { code, stderr } = await runHelm(helm(major), install);
    expect(code).not.toBe(0);
    expect(stderr).toContain("watchNamespace");
  }
  await expectLeft();
});

it("the API server takes everything that the chart can make, strictly read", async () => {
  const parts = Object.entries(unusual).filter(([name]) => name !== "no election");
  const some = parts.filter(([name]) => name !== "no CRD" && name !== "no rights");
  for (const values of [together(some.map(([, one]) => one)), unusual["admission by force"]]) {
    const items = await renderChart(helm(4), values);
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const apply = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"];
    expect(await plane.kubectl(apply, { stdin: list })).toMatchObject({ code: 0, stderr: "" });
  }
});

it("Helm 3 installs, upgrades and rolls back", async () => {
  await putRelease(helm(3), "install", {});
  await expectInstalled(3, 13);
  await putRelease(helm(3), "upgrade", { watchNamespaces: ["shop"], replicaCount: 2 });
  await expectInstalled(3, 15);
  await onRelease(helm(3), "rollback", "1");
  await expectInstalled(3, 13);
});

it("its pod passes Pod Security restricted, by the API server's own judgement", async () => {
  const get = ["get", "pods", "-n", release.namespace, "-l", ofRelease, "-o", "name"];
  await expect
    .poll(() => plane.kubectl(get), { timeout: 60_000 })
    .toMatchObject({
      stdout: expect.stringContaining("pod/poolwarden-") as string,
    });
});

it("Helm 4 goes on with it: a secret more, by the command of the README", async () => {
  const set = ["--reset-then-reuse-values", "--set", "database.secretNames.shop={orders-db}"];
  await helmed(helm(4), ["upgrade", release.name, chartPath, "-n", release.namespace, ...set]);
  await expectInstalled(4, 15);
  const { stdout } = await plane.kubectl([
    ...["auth", "can-i", "get", "secret/orders-db", "-n", "shop"],
    `--as=system:serviceaccount:${release.namespace}:poolwarden`,
  ]);
  expect(stdout.trim()).toBe("yes");
});

it("uninstalled by the one, the CRD is kept, and taken up again by the other", async () => {
  await onRelease(helm(4), "uninstall");
  await expectLeft(crd);
  await putRelease(helm(3), "install", {});
  await expectInstalled(3, 13);
});

it("with crds.keep=false the CRD goes with the release", async () => {
  await putRelease(helm(4), "upgrade", { crds: { keep: false } });
  await onRelease(helm(4), "uninstall");
  await expectLeft();
});

it("install.yaml is enough for kubectl, strictly read, and goes as it came", async () => {
  const apply = ["apply", "--server-side", "--validate=strict", "-f", installManifestPath];
  expect(await plane.kubectl(apply)).toMatchObject({ code: 0, stderr: "" });
  expect(await leftovers(plane, ofRelease)).toContain(
    "mutatingadmissionpolicy.admissionregistration.k8s.io/poolwarden",
  );
  await plane.kubectl(["delete", "--wait=false", "-f", installManifestPath]);
  await expectLeft();
});
