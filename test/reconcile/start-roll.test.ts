// A roll is validated against the workload as it is at that moment: what was decided on something
// else is dropped, because it would restart pods for nothing.

import { describe, expect, test } from "vitest";
import { poolKeyOf } from "../../src/api/keys.ts";
import type { PoolPart } from "../../src/domain/decide/pool-parts.ts";
import { rollTime, startRoll } from "../../src/reconcile/apply/start-roll.ts";
import { aPolicy, aPosition, aWorkload } from "../support/builders.ts";
import { aDeployment, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

/** One decision before the roll: it was tried, and the API server did not answer. */
async function aboutToRoll(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  let tries = 0;
  world.cluster.refuse = (what) => {
    if (what !== "read") return undefined;
    tries += 1;
    return { kind: "unavailable", message: "timeout" };
  };
  while (tries === 0) await world.pass(1_000);
  world.cluster.refuse = () => undefined;
  expect(world.rolls).toEqual([]);
  return world;
}

/** What happens to web between the decision and the write. */
function meanwhile(world: MemoryWorld, happens: () => void): void {
  world.cluster.refuse = (what) => {
    if (what !== "read") return undefined;
    world.cluster.refuse = () => undefined;
    happens();
    return undefined;
  };
}

describe("a workload that, between decision and write,", () => {
  test.each<{ name: string; happens: (world: MemoryWorld) => void }>([
    { name: "is scaled", happens: (world) => void world.deployment("web", { replicas: 9 }) },
    { name: "gets another template", happens: (world) => void world.deployment("web", {}) },
    {
      name: "is made anew",
      happens: (world) => {
        const web = world.deploymentNow("web");
        world.stores.Deployment.set({ ...web, uid: "another" });
      },
    },
    {
      name: "is deleted",
      happens: (world) => {
        world.deleteDeployment("web");
      },
    },
  ])("$name is not rolled on that decision", async ({ happens }) => {
    const world = await aboutToRoll();
    meanwhile(world, () => {
      happens(world);
    });

    await world.operator.look();

    expect(world.rolls).toEqual([]);
  });

  test("only reports its status is rolled", async () => {
    const world = await aboutToRoll();
    meanwhile(world, () => {
      const web = world.deploymentNow("web");
      world.stores.Deployment.set({ ...web, resourceVersion: world.stores.nextVersion() });
    });

    await world.operator.look();

    expect(world.rolls).toEqual(["web"]);
  });

  test("changed is decided anew a second later", async () => {
    const world = await aboutToRoll();
    meanwhile(world, () => {
      world.deployment("web", {});
    });
    await world.look();
    expect(world.rolls).toEqual([]);

    await world.pass(minuteMs);

    expect(world.rolls).toEqual(["web"]);
  });
});

test("grants are published before the roll that counts on them, in one run", async () => {
  const world = new MemoryWorld({ admission: false });
  world.policy("orders");
  world.deployment("web");

  await world.look();

  const kinds = world.cluster.writes.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== "rule")).toEqual(["status", "apply"]);
});

describe("the time that a roll writes", () => {
  const second = "2026-01-01T10:00:00Z";
  test.each([
    { name: "is in whole seconds", before: undefined, atMs: 700, want: second },
    {
      name: "is its own, whenever the last one was",
      before: "2025-01-01T00:00:00Z",
      atMs: 700,
      want: second,
    },
    {
      name: "differs from that of a roll of the same second",
      before: second,
      atMs: 700,
      want: "2026-01-01T10:00:00.001Z",
    },
    {
      name: "differs from that of the second one, too",
      before: "2026-01-01T10:00:00.001Z",
      atMs: 900,
      want: "2026-01-01T10:00:00.002Z",
    },
    {
      name: "differs from what is written while the clock stands still",
      before: "2026-01-01T10:00:00.999Z",
      atMs: 999,
      want: "2026-01-01T10:00:01.000Z",
    },
    { name: "takes the place of a text that is no time", before: "soon", atMs: 0, want: second },
  ])("$name", ({ before, atMs, want }) => {
    expect(rollTime(before, Date.parse(second) + atMs)).toBe(want);
  });

  test("always makes another template", async () => {
    const world = await aboutToRoll();
    const rolledAt = new Date(world.nowMs).toISOString().replace(".000Z", "Z");
    meanwhile(world, () => {
      const web = world.deploymentNow("web");
      const templateAnnotations = { "poolwarden.dev/rolled-at": rolledAt };
      world.stores.Deployment.set({ ...web, templateAnnotations });
    });

    await world.operator.look();

    expect(world.rolls).toEqual(["web"]);
    const { templateAnnotations } = world.deploymentNow("web");
    expect(templateAnnotations["poolwarden.dev/rolled-at"]).not.toBe(rolledAt);
  });
});

describe("a roll of two policies takes over entries of others", () => {
  const environment = { main: "DB_POOL_MAX_SIZE", reports: "REPORTS_POOL_SIZE" };
  const partOf = (pool: "main" | "reports", ownership: string): PoolPart => {
    const policy = aPolicy(pool, {
      spec: { ownership, workloads: [{ name: "web", pool, env: { maxSize: environment[pool] } }] },
      delivery: "Template",
    });
    const poolKey = poolKeyOf("shop/Deployment/web", pool);
    const position = aPosition(aWorkload("web", { policy: policy.key, poolKey }), policy);
    return { index: 0, position, poolSize: 5 };
  };
  test.each([
    { name: "where both say so", reports: "Take", argo: ["main", "reports"] as const, want: true },
    {
      name: "where the other one writes only its own",
      reports: "Respect",
      argo: ["main"] as const,
      want: true,
    },
    {
      name: "but not those of a policy that respects them",
      reports: "Respect",
      argo: ["reports"] as const,
      want: false,
    },
  ])("$name: $want", async ({ reports, argo, want }) => {
    const envManagers = Object.fromEntries(
      argo.map((pool) => [`app/${environment[pool]}`, ["argocd-controller"]]),
    );
    const live = { ...aDeployment("web", 0), envManagers };
    const forced: unknown[] = [];
    const cluster = {
      readWorkload: () => Promise.resolve({ kind: "ok", value: live }),
      apply: (_manifest: unknown, { force }: { readonly force: boolean }) => {
        forced.push(force);
        return Promise.resolve({ kind: "unavailable", message: "enough" });
      },
    };
    const wish = { ...partOf("main", "Take"), beside: [partOf("reports", reports)] };
    const before = { uid: live.uid, generation: live.generation, replicas: live.replicas };
    const own = wish.position;
    const roll = { ...wish, position: { ...own, workload: { ...own.workload, ...before } } };
    await startRoll({ cluster } as never, roll as never, 0);
    expect(forced).toEqual([want]);
  });
});
