// What is remembered of a policy for the first reading after a start.

import { expect, test } from "vitest";
import type { ObservedPolicy } from "../../src/observed.ts";
import { resolvePolicy } from "../../src/reconcile/resolve/resolve-policy.ts";
import type { ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { seniorityOf } from "../../src/reconcile/resolve/seniority.ts";
import { MemoryWorld } from "../support/memory-world/world.ts";
import { policyOf } from "../support/tenants.ts";

const server = "db.shop.svc:5432";
const createdAtMs = 1_000;

function stored(status: unknown, more: Partial<ObservedPolicy> = {}): ObservedPolicy {
  return policyOf("shop", "orders", { createdAtMs, status, ...more });
}

test.each([
  { name: "its login worked", status: { server, loginWorked: true }, hadRead: server },
  { name: "its login did not work", status: { server, loginWorked: false }, hadRead: undefined },
  { name: "nothing of a login", status: { server }, hadRead: undefined },
  { name: "nothing", status: undefined, hadRead: undefined },
  { name: "what no operator wrote", status: { server: 7, loginWorked: true }, hadRead: undefined },
  { name: "what is no status", status: "server", hadRead: undefined },
])("of a policy whose status says $name", ({ status, hadRead }) => {
  expect(seniorityOf(stored(status))).toEqual({ createdAtMs, hadRead });
});

test("what its status says later changes nothing, a policy made anew does", async () => {
  const world = new MemoryWorld();
  world.cluster.data.set("Secret/shop/orders", { uri: "postgresql://app@db.shop.svc/orders" });
  const look = async (
    policy: ObservedPolicy,
    before?: ResolvedPolicy,
  ): Promise<ResolvedPolicy | undefined> => {
    const resolution = await resolvePolicy(policy, before, { cluster: world.cluster });
    return resolution.kind === "resolved" ? resolution.policy : undefined;
  };
  const first = await look(stored({}));
  const later = stored({ server, loginWorked: true });
  expect((await look(later, first))?.seniority).toEqual({ createdAtMs, hadRead: undefined });
  const anew = { ...later, uid: "another", createdAtMs: 2_000 };
  expect((await look(anew, first))?.seniority).toEqual({ createdAtMs: 2_000, hadRead: server });
});
