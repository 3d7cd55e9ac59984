// The plain manifests: that the operator gets no right that it does not need. That they are enough
// is for a run in a cluster with these rights to show.
import { describe, expect, it } from "vitest";
import { buildInstall, rights, secretGrantCommands } from "../../../src/render/install.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";

const objects = buildInstall("registry.example/poolwarden:1.2.3");

function kindOf(kind: string): unknown {
  return objects.find((object) => object.kind === kind);
}

describe("the operator's rights", () => {
  it("name every group, resource and verb", () => {
    expect(JSON.stringify(kindOf("ClusterRole"))).not.toContain("*");
    for (const { why, verbs, resources } of rights) {
      expect(why).not.toBe("");
      expect(verbs.length * resources.length).toBeGreaterThan(0);
    }
  });

  it("contain no secret: those are granted one by one, by who owns them", () => {
    expect(JSON.stringify(kindOf("ClusterRole"))).not.toContain("secrets");
    const commands = secretGrantCommands("shop", "orders-db");
    expect(commands).toContain("--verb=get --resource=secrets --resource-name=orders-db");
    expect(commands).toContain("-n shop");
    expect(commands).toContain("--serviceaccount=poolwarden-system:poolwarden");
  });

  it("reach leases in its own namespace only, and of them one by name", () => {
    expect(JSON.stringify(kindOf("ClusterRole"))).not.toContain("leases");
    const [named, unnamed] = readList(kindOf("Role"), "rules");
    expect(read(kindOf("Role"), "metadata", "namespace")).toBe("poolwarden-system");
    expect(read(named, "resourceNames")).toEqual([read(kindOf("Lease"), "metadata", "name")]);
    expect(read(unnamed, "verbs")).toEqual(["create"]);
  });

  it("include a Lease that is free, so that the first leader need not wait", () => {
    expect(Object.keys(kindOf("Lease") as object)).not.toContain("spec");
    expect(read(kindOf("Lease"), "metadata", "namespace")).toBe("poolwarden-system");
  });

  it("are bound to the account that the pod runs as", () => {
    const account = { kind: "ServiceAccount", name: "poolwarden", namespace: "poolwarden-system" };
    expect(readList(kindOf("ClusterRoleBinding"), "subjects")).toEqual([account]);
    expect(readList(kindOf("RoleBinding"), "subjects")).toEqual([account]);
    const podSpec = read(kindOf("Deployment"), "spec", "template", "spec");
    expect(read(podSpec, "serviceAccountName")).toBe(account.name);
  });
});

describe("the pod", () => {
  const podSpec = read(kindOf("Deployment"), "spec", "template", "spec");
  const [container] = readList(podSpec, "containers");

  it("runs the given image, and knows where its Lease is", () => {
    expect(read(container, "image")).toBe("registry.example/poolwarden:1.2.3");
    const variables = readList(container, "env").map((entry) => read(entry, "name"));
    expect(variables).toEqual(["POD_NAME", "POD_NAMESPACE"]);
  });

  it("may do nothing on its node", () => {
    expect(read(podSpec, "securityContext", "runAsNonRoot")).toBe(true);
    expect(read(container, "securityContext")).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });
});
