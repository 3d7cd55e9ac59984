// From a policy's secret to its connection: nothing that it names may be missing without a word.
import { expect, it } from "vitest";
import { type PolicyResolution, resolvePolicy } from "../../src/reconcile/resolve-policy.ts";
import { MemoryWorld } from "../support/memory-world/world.ts";

async function resolve(data: Readonly<Record<string, string>>): Promise<PolicyResolution> {
  const world = new MemoryWorld();
  world.cluster.data.set("Secret/shop/db", data);
  world.policy("orders", { database: { secretRef: { name: "db", key: "uri", caKey: "ca.crt" } } });
  const [policy] = world.stores.policies.values();
  if (!policy) throw new Error("there is no policy");
  return await resolvePolicy(policy, undefined, { cluster: world.cluster });
}

const uri = "postgresql://app:hunter2@db.shop.svc/orders";

it("takes the CA that the policy names", async () => {
  const resolution = await resolve({ uri, "ca.crt": "PEM" });
  expect(resolution).toMatchObject({ policy: { connection: { uri, ca: "PEM" } } });
});

it.each([
  { name: "the CA", data: { uri: `${uri}?sslmode=require` }, want: "has no key ca.crt" },
  { name: "the URI", data: { "ca.crt": "PEM" }, want: "has no key uri" },
])("makes no connection without $name", async ({ data, want }) => {
  const { kind, ...rest } = await resolve(data);
  expect(kind).toBe("resolved");
  expect(rest).toMatchObject({
    policy: { connection: undefined, failure: { reason: "SecretKeyMissing" } },
  });
  expect(JSON.stringify(rest)).toContain(want);
  expect(JSON.stringify(rest)).not.toContain("hunter2");
});
