// What the templates of one namespace refer to, or how they name it, keeps nobody else waiting: a
// decision is one turn of the only thread.
import { describe, expect, test } from "vitest";
import { createProjections } from "../../src/adapters/kubernetes/project.ts";
import { expectCpuBelow } from "../support/cpu-time.ts";
import { entrySizing } from "../../src/reconcile/sizes/entry-sizing.ts";
import { withoutOtherServers } from "../../src/reconcile/sizes/other-servers.ts";
import { besideTheSize } from "../../src/reconcile/sizes/beside-the-size.ts";
import { effectiveSize } from "../../src/reconcile/sizes/own-size.ts";
import { parseSpec, type PoolPolicySpec } from "../../src/api/poolpolicy.ts";
import type { ObservedContainer } from "../../src/observed.ts";
import { openBench, said } from "../support/references-bench.ts";
import { rawWorkload } from "../unit/adapters/kubernetes/raw-objects.ts";

const { Deployment: deployment } = createProjections();

const numbers = (count: number): number[] => Array.from({ length: count }, (_, place) => place);

interface Container {
  readonly env?: readonly object[];
  readonly args?: readonly string[];
  readonly envFrom?: readonly object[];
}

function containersOf(...all: readonly Container[]): readonly ObservedContainer[] {
  const containers = all.map((one, place) => ({ name: `c${place}`, ...one }));
  const template = { metadata: {}, spec: { containers } };
  return deployment(rawWorkload({ template }))?.containers ?? [];
}

const sources = numbers(50).map((place) => ({ configMapRef: { name: `c${place}` } }));

function specOf(entry: object): PoolPolicySpec {
  const database = { address: "db:5432", maxConnections: 100 };
  const parsed = parseSpec({ database, workloads: [{ name: "web", ...entry }] });
  if ("problem" in parsed) throw new Error(parsed.problem);
  return parsed.spec;
}

/** As one decision sees 400 workloads with such a template, of which nothing can be looked up. */
function expectCheapWorkloads(mostMs: number, all: readonly Container[], entry: object): void {
  const spec = specOf(entry);
  const [named] = spec.workloads;
  if (!named) throw new Error("the policy has no entry");
  const templates = numbers(400).map((place) =>
    containersOf(...all, { args: [`--other=${place}`] }),
  );
  const sizing = entrySizing(spec, named);
  const { lookups } = openBench().lookUp();
  const resolve = lookups.inTemplate("shop");
  expectCpuBelow(mostMs, () => {
    for (const containers of templates) {
      const [container] = containers;
      if (!container) throw new Error("the template has no container");
      effectiveSize(container, sizing, resolve);
      besideTheSize(containers, container.name, { sizing, resolve });
    }
  });
}

const minimum = (place: number): string =>
  `DB_POOL_${"_".repeat(place % 60)}MIN${"_".repeat(place / 60)}SIZE`;
const chain = numbers(10).map((place) => ({ name: `H${place}`, value: `$(H${place - 1})` }));

test.each<{ name: string; container: Container; entry?: object; mostMs: number }>([
  {
    name: "hundreds of minimums that 50 ConfigMaps may hold",
    container: {
      env: numbers(390).map((place) => ({ name: minimum(place), value: `$(X${place})` })),
      envFrom: sources,
    },
    mostMs: 800,
  },
  {
    name: "hundreds of variables behind a chain of others",
    container: {
      env: [...chain, ...numbers(380).map((k) => ({ name: minimum(k), value: "$(H9)" }))],
    },
    mostMs: 150,
  },
  {
    name: "a variable of sixty words beside twenty arguments",
    container: { args: numbers(20).map((place) => `--x-pool-size-${place}=5`) },
    entry: { env: { maxSize: `${"A_".repeat(59)}POOL_SIZE` } },
    mostMs: 100,
  },
])("a template costs little: $name", ({ container, entry = {}, mostMs }) => {
  expectCheapWorkloads(mostMs, [container], entry);
});

test("what workloads of one template have of other servers' URLs is left out once", () => {
  const env = [
    { name: "DB_POOL_MAX_SIZE", value: "5" },
    { name: "OTHER", value: "postgres://a@other.example.com/x?pool=5" },
  ];
  const containers = containersOf({ env });
  const spec = specOf({ env: { maxSize: "DB_POOL_MAX_SIZE" } });
  const [entry] = spec.workloads;
  if (!entry) throw new Error("the policy has no entry");
  const keptOf = (...servers: readonly string[]): readonly ObservedContainer[] => {
    const workload = { containers } as never;
    const observed: Parameters<typeof withoutOtherServers>[0] = { workload, pods: [], servers };
    return withoutOtherServers(observed, entrySizing(spec, entry)).workload.containers;
  };
  const kept = keptOf("db.example.org:5432");
  expect(kept).not.toBe(containers);
  expect(keptOf("db.example.org:5432")).toBe(kept);
  const unknown = ["other.example.com:5432", "orders-db.secret.invalid:5432"];
  expect(unknown.map((server) => keptOf(server))).toEqual([containers, containers]);
  expect(keptOf()).toBe(containers);
});

test("of arguments that refer to variables ten are followed, the others count as not known", () => {
  const args = numbers(11).map((place) => `--db-pool-max-size=$(A${place})`);
  const env = numbers(11).map((place) => ({ name: `A${place}`, value: String(20 - place) }));
  const spec = specOf({ unmanagedPoolSize: 3 });
  const [entry] = spec.workloads;
  if (!entry) throw new Error("the policy has no entry");
  const sizeOf = (all: readonly string[]): number | undefined => {
    const [container] = containersOf({ args: all, env });
    const sizing = entrySizing(spec, entry);
    return container && effectiveSize(container, sizing, () => undefined)?.poolSize;
  };
  expect([sizeOf(args), sizeOf(args.toReversed()), sizeOf(args.slice(10))]).toEqual([20, 19, 10]);
});

test("of the numbers of one pool ten are looked at", () => {
  const env = numbers(15).map((place) => ({ name: minimum(place), value: String(place + 1) }));
  const [container] = containersOf({ env });
  const spec = specOf({ env: { maxSize: "DB_POOL_MAX_SIZE" } });
  const [entry] = spec.workloads;
  if (!container || !entry) throw new Error("there is no such template");
  const terms = { sizing: entrySizing(spec, entry), resolve: () => undefined };
  expect(besideTheSize([container], "c0", terms).minimum?.number).toBe(10);
});

describe("what a decision looks up", () => {
  test("is two hundred keys of one ConfigMap, and as many of each other one", async () => {
    const bench = openBench();
    const lookUpAll = (name: string): readonly (string | undefined)[] => {
      const { lookups } = bench.lookUp();
      const resolve = lookups.inTemplate("shop");
      const values = numbers(201).map((place) => {
        return resolve({ kind: "ConfigMap", name, key: `k${place}` });
      });
      void bench.references.refresh(lookups);
      expect([...lookups.wanted.sources()].map(({ keys }) => keys.size)).toEqual([200]);
      return values;
    };
    const data = Object.fromEntries(numbers(201).map((place) => [`k${place}`, "7"]));
    for (const name of ["sizes", "others"]) {
      lookUpAll(name);
      await bench.answerAll({ kind: "ok", value: { resourceVersion: "1", data } });
      expect(lookUpAll(name).filter((value) => value === "7")).toHaveLength(200);
    }
  });

  test("ends after 300,000 look-ups of a namespace, and others go on", async () => {
    const bench = openBench();
    void bench.references.refresh(bench.lookUp("sizes").lookups);
    await bench.answerAll(said("7"));
    const { lookups } = bench.lookUp();
    const resolve = lookups.inTemplate("shop");
    const reference = { kind: "ConfigMap", name: "sizes", key: "web" } as const;
    for (let count = 1; count < 300_000; count++) resolve(reference);
    expect([resolve(reference), resolve(reference)]).toEqual(["7", undefined]);
    lookups.inTemplate("bank")(reference);
    expect([...lookups.wanted.sources()].map(({ namespace }) => namespace)).toEqual([
      "shop",
      "bank",
    ]);
  });
});
