// Many workloads of one owner, and many autoscalers that scale it: a decision, which is one turn of
// the only thread, looks at each of them a few times, and not at all of one for each of the other.
import { expect, test } from "vitest";
import type { ObservedObject } from "../../src/observed.ts";
import type { Store } from "../../src/ports.ts";
import type { Caches } from "../../src/reconcile/caches.ts";
import { MemoryOperator } from "../support/memory-world/operator.ts";
import { MemoryWorld } from "../support/memory-world/world.ts";

const many = 300;
const numbers = Array.from({ length: many }, (_, place) => place);

/** How many objects indexes gave to whoever asked. */
class Given {
  count = 0;

  by<T extends ObservedObject>(store: Store<T>): Store<T> {
    return {
      synced: true,
      get: (key) => store.get(key),
      values: () => store.values(),
      countOf: (index, key) => store.countOf(index, key),
      byIndex: (index, key) => {
        const found = store.byIndex(index, key);
        this.count += found.length;
        return found;
      },
    };
  }
}

function worldOf(owners: readonly { group: string; kind: string; name: string }[]): MemoryWorld {
  const world = new MemoryWorld();
  const workloads = [{ selector: { matchLabels: { team: "shop" } } }];
  world.policy("orders", { workloads });
  for (const place of numbers) {
    const owner = owners[place % owners.length];
    world.deployment(`w${place}`, { labels: { team: "shop" }, ...(owner && { owner }) });
    const resourceVersion = world.stores.nextVersion();
    const identity = { key: `shop/h${place}`, uid: `h${place}`, resourceVersion };
    const target = { targetKind: "Identity", targetName: "sso", maxReplicas: place };
    world.stores.autoscalers.set({ ...identity, namespace: "shop", ...target });
  }
  return world;
}

const owner = { group: "a.io", kind: "Identity", name: "sso" };

test.each([
  { name: "one owner", owners: [owner] },
  {
    name: "owners that differ in their group",
    owners: numbers.map((place) => ({ ...owner, group: `${place}.io` })),
  },
])("a decision looks at each of many workloads and autoscalers: $name", async ({ owners }) => {
  const world = worldOf(owners);
  const given = new Given();
  const { caches } = world.stores;
  const { Deployment, autoscalers } = caches;
  const counted: Caches = {
    ...caches,
    ...{ Deployment: given.by(Deployment), autoscalers: given.by(autoscalers) },
  };
  const { cluster, clock } = world;
  world.operator = new MemoryOperator({ caches: counted, cluster, clock, admissionWarmUpMs: 0 });
  world.read({});

  await world.look();

  const planned = world.status("orders").workloads?.map(({ plannedPods }) => plannedPods) ?? [];
  expect(planned).toHaveLength(many);
  // Each is given for its namespace or its target, as often as the server is looked at.
  expect(given.count).toBeLessThan(20 * many);
});
