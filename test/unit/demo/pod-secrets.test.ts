// The demo's manifests refer to a Secret as real ones do; the kubelet that is played must read it.
import { describe, expect, test } from "vitest";
import { resolveSecrets } from "../../demo/pod-secrets.ts";
import type { EnvironmentEntry, Pod } from "../../support/kubelet/pod.ts";

function podWith(secret: string): Pod {
  const entry: object = { name: "URL", valueFrom: { secretKeyRef: { name: secret, key: "uri" } } };
  return {
    metadata: { name: "web-1", namespace: "shop", uid: "1" },
    spec: {
      containers: [{ name: "app", env: [entry as EnvironmentEntry, { name: "SIZE", value: "4" }] }],
    },
  };
}

describe("an entry that refers to a Secret", () => {
  const readSecret = (namespace: string, name: string, key: string): Promise<string | undefined> =>
    Promise.resolve(name === "db" ? `${namespace}/${name}/${key}` : undefined);

  test("becomes its value, and other entries stay", async () => {
    const { spec } = await resolveSecrets(podWith("db"), readSecret);
    expect(spec.containers[0]?.env).toEqual([
      { name: "URL", value: "shop/db/uri" },
      { name: "SIZE", value: "4" },
    ]);
  });

  test("without such a Secret keeps the pod from starting, and says why", async () => {
    await expect(resolveSecrets(podWith("none"), readSecret)).rejects.toThrow(
      "secret shop/none has no key uri",
    );
  });
});
