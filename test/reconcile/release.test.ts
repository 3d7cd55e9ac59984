// Which workloads are let go, and why: told from policies and workloads as they are, whatever
// happened while nobody looked.
import { beforeEach, describe, expect, it } from "vitest";
import { parseSpec } from "../../src/api/poolpolicy.ts";
import type { ObservedWorkload } from "../../src/observed.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { ReleaseReconciler } from "../../src/reconcile/release-reconciler.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { MemoryCluster } from "../support/memory-world/cluster.ts";
import { MemoryStores } from "../support/memory-world/stores.ts";
import { aDeployment } from "../support/memory-world/world.ts";

const key = "shop/Deployment/web";
const selector = { matchLabels: { team: "shop" } };

let stores: MemoryStores;
let cluster: MemoryCluster;
let book: PolicyBook;
let releases: ReleaseReconciler;

beforeEach(() => {
  stores = new MemoryStores();
  cluster = new MemoryCluster(stores, () => 0);
  book = new PolicyBook();
  releases = new ReleaseReconciler({ caches: stores.caches, book, cluster, log: new MemoryLog() });
});

/** The Deployment `web` of team shop, whose maximum we wrote. */
function own(change: Partial<ObservedWorkload> = {}): void {
  const envManagers = { "app/DB_POOL_MAX_SIZE": ["helm", "poolwarden"] };
  const workload = { ...aDeployment("web", 0), ownedByUs: true, envManagers, ...change };
  stores.Deployment.set(workload);
}

/** A policy in the cache and, unless it is `unseen` or cannot be read, in the book. */
function policy(
  name: string,
  spec: object,
  more: { delivery?: string; known?: string } = {},
): void {
  const { delivery = "Template", known = "parsed" } = more;
  const full = { database: { secretRef: { name: "db" } }, workloads: [{ selector }], ...spec };
  stores.policies.set({
    ...{ key: `shop/${name}`, uid: name, resourceVersion: "1", namespace: "shop", name },
    ...{ generation: 1, spec: full, status: { delivery }, deleting: false },
  });
  const parsed = parseSpec(full);
  if ("problem" in parsed) throw new Error(parsed.problem);
  if (known !== "unseen") book.see(`shop/${name}`);
  if (known !== "parsed") return;
  book.set({
    ...{ key: `shop/${name}`, namespace: "shop", source: { uid: name, generation: 1 } },
    ...{ spec: parsed.spec, server: "db:5432" },
    ...{ connection: undefined, role: undefined, database: undefined, failure: undefined },
  });
}

describe("a workload of ours", () => {
  it.each<{ name: string; prepare: () => void; want: string | undefined }>([
    {
      name: "without any policy",
      prepare: () => undefined,
      want: "no PoolPolicy selects it any more",
    },
    {
      name: "that a policy enforces",
      prepare: () => {
        policy("orders", {});
      },
      want: undefined,
    },
    {
      name: "that two policies enforce, so that neither may",
      prepare: () => {
        policy("a", {});
        policy("b", {});
      },
      want: undefined,
    },
    {
      name: "that a policy only observes",
      prepare: () => {
        policy("orders", { mode: "Observe" });
      },
      want: "PoolPolicy shop/orders only observes it",
    },
    {
      name: "that one policy observes and another enforces",
      prepare: () => {
        policy("a", { mode: "Observe" });
        policy("b", {});
      },
      want: undefined,
    },
    {
      name: "whose labels have changed",
      prepare: () => {
        policy("orders", {});
        own({ labels: { team: "bank" } });
      },
      want: "no PoolPolicy selects it any more",
    },
    {
      name: "whose template is no longer how it gets its size",
      prepare: () => {
        policy("orders", { delivery: "Admission" }, { delivery: "Admission" });
      },
      want: "PoolPolicy shop/orders delivers through the API server now",
    },
    {
      name: "of which only a roll's annotation is ours, with admission",
      prepare: () => {
        policy("orders", {}, { delivery: "Admission" });
        own({ envManagers: {} });
      },
      want: undefined,
    },
    {
      name: "on its way to the template",
      prepare: () => {
        policy("orders", { delivery: "Template" }, { delivery: "Admission" });
      },
      want: undefined,
    },
    {
      name: "before every policy was looked at",
      prepare: () => {
        policy("orders", {}, { known: "unseen" });
      },
      want: undefined,
    },
    {
      name: "while a policy cannot be read: it may claim anything",
      prepare: () => {
        policy("broken", {}, { known: "seen" });
      },
      want: undefined,
    },
    {
      name: "while a policy says something newer than what was looked at",
      prepare: () => {
        policy("orders", { mode: "Observe" });
        const stored = stores.policies.get("shop/orders");
        if (stored) stores.policies.set({ ...stored, generation: 2 });
      },
      want: undefined,
    },
    {
      name: "while a cache has a gap",
      prepare: () => {
        stores.gaps.add("policies");
      },
      want: undefined,
    },
  ])("$name", async ({ prepare, want }) => {
    own();
    prepare();

    const due = releases.dueIn("shop");
    await releases.reconcile(key);

    expect(due).toEqual(want === undefined ? [] : [key]);
    expect(stores.Deployment.get("shop/web")?.ownedByUs).toBe(want === undefined);
    const said = cluster.events.map(({ reason, message }) => `${reason}: ${message}`);
    const all = `Released: Deployment/web: ${want ?? ""}: DB_POOL_MAX_SIZE=50 stay in the template`;
    expect(said).toHaveLength(want === undefined ? 0 : 1);
    if (want !== undefined) expect(said[0]).toContain(all);
  });
});

it("a release changes no value and is told once", async () => {
  own();
  const before = stores.Deployment.get("shop/web");

  for (let look = 0; look < 3; look++) await releases.reconcile(key);

  const after = stores.Deployment.get("shop/web");
  expect(after?.containers).toEqual(before?.containers);
  expect(after?.generation).toBe(before?.generation);
  expect(after?.envManagers).toEqual({ "app/DB_POOL_MAX_SIZE": ["helm"] });
  expect(cluster.events).toHaveLength(1);
  expect(cluster.events[0]?.regarding).toMatchObject({ kind: "Deployment", name: "web" });
});

it.each([
  { name: "DB_POOL_MAX_SIZE", value: "50", want: "DB_POOL_MAX_SIZE=50 stay" },
  { name: "DB_ENV", value: "production", want: "DB_ENV=production stay" },
  { name: "DB_POOL_PASS", value: "hunter2", want: ": DB_POOL_PASS stay" },
  { name: "DB_PASSWORD", value: "20231130", want: ": DB_PASSWORD stay" },
])("of $name, which is under our name, a release tells $want", async ({ name, value, want }) => {
  const containers = [{ name: "app", env: [{ name, value }], envFrom: [] }];
  own({ containers, envManagers: { [`app/${name}`]: ["poolwarden"] } });

  await releases.reconcile(key);

  expect(cluster.events.map(({ message }) => message).join()).toContain(want);
});

it("what the API server refuses is tried again, and not told", async () => {
  own();
  const refused = { kind: "conflict", message: "modified", managers: [] } as const;
  cluster.release = () => Promise.resolve(refused);

  const result = await releases.reconcile(key);

  expect(result).toEqual({ kind: "after", delayMs: 5_000 });
  expect(cluster.events).toEqual([]);
});
