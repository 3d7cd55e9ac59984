// What the chart allows, and whom: the operator's rights in all namespaces or in some, the secrets
// that are named, what people may do, where the admission policy reaches. And that Helm 3 and
// charts/install.yaml say the same.
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { buildCrd } from "../../src/api/crd.ts";
import {
  buildAdmissionPolicy,
  buildAdmissionPolicyBinding,
} from "../../src/render/admission-policy.ts";
import { rights } from "../../src/render/rights.ts";
import { useHelm } from "../support/helm/found-helm.ts";
import { renderChart } from "../support/helm/helm.ts";
import { installManifestPath, renderInstallManifest } from "../support/helm/install-manifest.ts";
import { findObject, nameOf } from "../support/helm/rendered-chart.ts";
import { together, unusual } from "../support/helm/unusual-values.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";

const helm = useHelm(4);
const served = ["--api-versions", "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy"];

const render = (
  values: object = {},
  more: readonly string[] = [],
): Promise<readonly KubernetesObject[]> => renderChart(helm(), values, more);

describe("rights", () => {
  const watched = rights.filter(({ reach, onlyIf }) => reach === "watched" && !onlyIf).length;
  const ofCluster = rights.filter(({ reach }) => reach === "cluster").length;

  it("of all namespaces are a ClusterRole, with every right of the source", async () => {
    const objects = await render();
    const role = findObject(objects, "ClusterRole", "poolwarden");
    expect(readList(role, "rules")).toHaveLength(watched + ofCluster);
    expect(JSON.stringify(objects)).not.toContain('"*"');
  });

  it("of some namespaces are a Role in each, and nothing namespaced stays cluster-wide", async () => {
    const objects = await render(unusual["two namespaces"]);
    for (const namespace of ["shop", "billing"]) {
      const role = objects.find((one) => nameOf(one) === `Role/${namespace}/poolwarden`);
      expect(readList(role, "rules")).toHaveLength(watched);
    }
    const rules = readList(findObject(objects, "ClusterRole", "poolwarden"), "rules");
    expect(rules.map((rule) => read(rule, "apiGroups"))).toEqual([
      ["admissionregistration.k8s.io"],
    ]);
  });

  it("on secrets are those that are named, one Role for each namespace", async () => {
    const objects = await render(unusual["secrets"]);
    const roles = objects.filter(({ metadata }) => metadata.name === "poolwarden-secrets");
    const [inBilling, bindingInBilling, inShop] = [
      "Role/billing",
      "RoleBinding/billing",
      "Role/shop",
    ].map((start) => roles.find((role) => nameOf(role).startsWith(start)));
    const rule = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
    expect(roles).toHaveLength(4);
    expect(read(inBilling, "rules")).toEqual([{ ...rule, resourceNames: ["db"] }]);
    expect(read(inShop, "rules")).toEqual([{ ...rule, resourceNames: ["orders-db", "stock-db"] }]);
    expect(read(bindingInBilling, "subjects")).toEqual([
      { kind: "ServiceAccount", name: "poolwarden", namespace: "poolwarden-system" },
    ]);
    expect(JSON.stringify(await render())).not.toContain('"secrets"');
  });

  it("of people never reach the status, by which the environment of pods is set", async () => {
    const objects = await render();
    for (const name of ["poolwarden-view", "poolwarden-edit"]) {
      const [rule] = readList(findObject(objects, "ClusterRole", name), "rules");
      expect(read(rule, "resources")).toEqual(["poolpolicies"]);
    }
  });
});

describe("the admission policy", () => {
  it("and the CRD are those that the operator was built with", async () => {
    const objects = await render({}, served);
    const specOf = (kind: string): unknown => read(findObject(objects, kind), "spec");
    expect(specOf("CustomResourceDefinition")).toEqual(buildCrd().spec);
    expect(specOf("MutatingAdmissionPolicy")).toEqual(buildAdmissionPolicy()["spec"]);
    expect(specOf("MutatingAdmissionPolicyBinding")).toEqual(buildAdmissionPolicyBinding()["spec"]);
  });

  it("comes where the cluster serves it, or where it is forced", async () => {
    const isThere = async (enabled: unknown, more: readonly string[]): Promise<boolean> => {
      const objects = await render({ delivery: { admission: { enabled } } }, more);
      return findObject(objects, "MutatingAdmissionPolicy") !== undefined;
    };
    expect(await isThere("auto", [])).toBe(false);
    expect(await isThere("auto", served)).toBe(true);
    expect(await isThere(null, served)).toBe(true);
    expect(await isThere(true, [])).toBe(true);
    expect(await isThere(false, served)).toBe(false);
  });

  it("can stop no pod, and reaches only the namespaces that are watched", async () => {
    const objects = await render(unusual["two namespaces"], served);
    const policy = findObject(objects, "MutatingAdmissionPolicy", "poolwarden");
    const binding = findObject(objects, "MutatingAdmissionPolicyBinding", "poolwarden");
    expect(read(policy, "spec", "failurePolicy")).toBe("Ignore");
    expect(read(binding, "spec", "matchResources", "namespaceSelector")).toEqual({
      matchExpressions: [
        { key: "kubernetes.io/metadata.name", operator: "In", values: ["shop", "billing"] },
      ],
    });
    // And the operator understands that: else it believed in grants that reach no pod.
    expect(createProjections().presence(binding)?.namespaces).toEqual(["shop", "billing"]);
  });
});

describe("beside the chart", () => {
  const helm3 = useHelm(3);

  it("Helm 3 makes the same of it", async () => {
    const some = together([unusual["two namespaces"] ?? {}, unusual["monitoring"] ?? {}]);
    expect(await renderChart(helm3(), some, served)).toEqual(await render(some, served));
  });

  it("charts/install.yaml is what the chart makes now: else run `make install-manifest`", async () => {
    const committed = await readFile(installManifestPath, "utf8");
    expect(committed).toBe(await renderInstallManifest(helm()));
  });
});
