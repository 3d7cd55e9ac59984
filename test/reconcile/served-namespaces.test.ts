// Turns of namespaces outlive the workloads that they were for.

import { expect, test } from "vitest";
import type { Applied } from "../../src/reconcile/apply/apply.ts";
import { ServedNamespaces } from "../../src/reconcile/memory/served-namespaces.ts";

const server = "db:5432";

function actOn(namespace: string): NonNullable<Applied["roll"]> {
  return {
    position: { workload: { namespace, key: `${namespace}/Deployment/web` } },
  } as NonNullable<Applied["roll"]>;
}

test("the latest roll and the latest eviction of each namespace are remembered by server", () => {
  const served = new ServedNamespaces();
  expect(served.on(server)).toBeUndefined();
  served.note(server, { roll: actOn("shop"), eviction: undefined }, 1);
  served.note(server, { roll: actOn("guest"), eviction: undefined }, 2);
  const eviction = { wish: actOn("shop") } as Applied["eviction"];
  served.note(server, { roll: undefined, eviction }, 3);
  served.note("other:5432", { roll: actOn("shop"), eviction: undefined }, 4);
  expect(served.on(server)).toEqual({
    shop: { rolledAtMs: 1, evictedAtMs: 3, evictedOf: "shop/Deployment/web" },
    guest: { rolledAtMs: 2 },
  });
  served.forget(server);
  expect(served.on(server)).toBeUndefined();
});
