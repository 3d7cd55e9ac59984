// What writes do to an object, to its version and to who owns its fields. The operator's own writes
// go through its port; other people's through their tools.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ObservedWorkload } from "../../../src/observed.ts";
import type { Manifest, Outcome } from "../../../src/ports.ts";
import { buildRoll, buildTemplateApply } from "../../../src/render/template-apply.ts";
import type { Plane } from "./plane.ts";

const sizes = [
  { name: "DB_POOL_MAX_SIZE", value: "50" },
  { name: "LOG_LEVEL", value: "info" },
];

export function testWrites(openPlane: () => Promise<Plane>): void {
  let plane: Plane;

  beforeAll(async () => {
    plane = await openPlane();
  });

  afterAll(() => plane.close());

  async function read(name: string): Promise<ObservedWorkload> {
    return valueOf(await plane.cluster.readWorkload(`${plane.namespace}/Deployment/${name}`));
  }

  async function created(name: string, env = sizes): Promise<ObservedWorkload> {
    await plane.create({ name, replicas: 0, env });
    // Its controller has written what it had to: nothing else changes the version from here on.
    await plane.until(`${name} to be seen`, async () => {
      const { observedGeneration, stuck } = await read(name);
      return observedGeneration === 1 && stuck === undefined;
    });
    await plane.pass(3);
    return await read(name);
  }

  function wish(live: ObservedWorkload, poolSize: number): Manifest {
    const entries = [
      { name: "DB_POOL_MIN_SIZE", value: "1" },
      { name: "DB_POOL_MAX_SIZE", value: String(poolSize) },
    ];
    const common = { container: "app", rolledAt: undefined, reverts: undefined };
    return buildTemplateApply(live, { ...common, entries, poolSize });
  }

  /** Reads, builds, applies; again where the controller wrote in between. */
  async function apply(
    name: string,
    build: (live: ObservedWorkload) => Manifest,
    force = true,
  ): ReturnType<Plane["cluster"]["apply"]> {
    for (;;) {
      const outcome = await plane.cluster.apply(build(await read(name)), { force });
      if (outcome.kind !== "conflict" || outcome.managers.length > 0) return outcome;
    }
  }

  function envOf({ containers }: ObservedWorkload): Record<string, string | undefined> {
    return Object.fromEntries((containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
  }

  describe("server-side apply", () => {
    test("without force another's value is a conflict that names the manager", async () => {
      await created("conflict");
      const outcome = await apply("conflict", (live) => wish(live, 12), false);
      expect(outcome).toMatchObject({ kind: "conflict", managers: ["owner"] });
      expect(envOf(await read("conflict"))).toEqual({ DB_POOL_MAX_SIZE: "50", LOG_LEVEL: "info" });
    });

    test("the same value is no conflict: both own it", async () => {
      await created("shared");
      expect(await apply("shared", (live) => wish(live, 50), false)).toMatchObject({ kind: "ok" });
      const { envManagers } = await read("shared");
      expect(envManagers["app/DB_POOL_MAX_SIZE"]?.toSorted()).toEqual(["owner", "poolwarden"]);
    });

    test("with force the value is ours, a new entry too, and the rest stays", async () => {
      const before = await created("forced");
      valueOf(await apply("forced", (live) => wish(live, 12)));
      const after = await read("forced");
      expect(envOf(after)).toEqual({
        DB_POOL_MIN_SIZE: "1",
        DB_POOL_MAX_SIZE: "12",
        LOG_LEVEL: "info",
      });
      expect(after.generation).toBe(before.generation + 1);
      expect(after.templateAnnotations).toEqual({ "poolwarden.dev/pool-size": "12" });
      expect(after.envManagers["app/DB_POOL_MIN_SIZE"]).toEqual(["poolwarden"]);
      expect(after.envManagers["app/DB_POOL_MAX_SIZE"]?.toSorted()).toEqual([
        "owner",
        "poolwarden",
      ]);
      expect(after.envManagers["app/LOG_LEVEL"]).toEqual(["owner"]);
    });

    test("the same once more changes neither version nor generation", async () => {
      await created("same");
      valueOf(await apply("same", (live) => wish(live, 12)));
      await plane.until("it to be seen", async () => {
        const { generation, observedGeneration } = await read("same");
        return generation === observedGeneration;
      });
      await plane.pass(3);
      const before = await read("same");
      const outcome = await plane.cluster.apply(wish(before, 12), { force: true });
      expect(valueOf(outcome).resourceVersion).toBe(before.resourceVersion);
      expect(await read("same")).toEqual(before);
    });

    test("what we no longer state goes if nobody else has it", async () => {
      await created("released");
      valueOf(await apply("released", (live) => wish(live, 12)));
      valueOf(await apply("released", (live) => nothingOf(live)));
      const after = await read("released");
      expect(after.templateAnnotations).toEqual({});
      // That there is such an entry its owner still says; of its value nobody says anything.
      expect(envOf(after)).toEqual({ DB_POOL_MAX_SIZE: "", LOG_LEVEL: "info" });
    });

    test("a roll adds an annotation and nothing else, and is a new generation", async () => {
      const before = await created("rolled");
      valueOf(await apply("rolled", (live) => buildRoll(live, "2026-09-01T00:00:00Z")));
      const after = await read("rolled");
      expect(after.templateAnnotations).toEqual({
        "poolwarden.dev/rolled-at": "2026-09-01T00:00:00Z",
      });
      expect(after.containers).toEqual(before.containers);
      expect(after.generation).toBe(before.generation + 1);
    });

    test("an object that has changed since it was read is a conflict without managers", async () => {
      const before = await created("changed");
      await plane.setEnv("changed", "LOG_LEVEL", "debug");
      const outcome = await plane.cluster.apply(wish(before, 12), { force: true });
      expect(outcome).toMatchObject({ kind: "conflict", managers: [] });
      expect(envOf(await read("changed"))).toEqual({ DB_POOL_MAX_SIZE: "50", LOG_LEVEL: "debug" });
    });

    test("an object that is gone is a conflict too: it is not made anew", async () => {
      const before = await created("gone");
      await plane.remove("Deployment", "gone");
      const outcome = await plane.cluster.apply(wish(before, 12), { force: true });
      expect(outcome).toMatchObject({ kind: "conflict", managers: [] });
      const key = `${plane.namespace}/Deployment/gone`;
      expect((await plane.cluster.readWorkload(key)).kind).toBe("absent");
    });

    test("a value beside a reference is refused", async () => {
      const from = { kind: "ConfigMap", name: "pool", key: "max" } as const;
      await plane.create({
        name: "reference",
        replicas: 0,
        env: [{ name: "DB_POOL_MAX_SIZE", from }],
      });
      const outcome = await apply("reference", (live) => wish(live, 12));
      expect(outcome.kind).toBe("invalid");
    });

    test("a container that is not there is refused", async () => {
      await created("no-container");
      const outcome = await apply("no-container", (live) => {
        const entries = [{ name: "DB_POOL_MAX_SIZE", value: "1" }];
        const common = { container: "other", rolledAt: undefined, reverts: undefined };
        return buildTemplateApply(live, { ...common, entries, poolSize: 1 });
      });
      expect(outcome.kind).toBe("invalid");
    });
  });

  describe("giving up what we own", () => {
    test("changes no value and no generation, and leaves it to nobody", async () => {
      await created("given-up");
      valueOf(await apply("given-up", (live) => wish(live, 12)));
      const before = await read("given-up");
      const key = `${plane.namespace}/Deployment/given-up`;
      await plane.until("nobody to write in between", async () => {
        const outcome = await plane.cluster.release(key);
        return outcome.kind === "ok" && outcome.value;
      });
      const after = await read("given-up");
      expect(envOf(after)).toEqual(envOf(before));
      expect(after.templateAnnotations).toEqual(before.templateAnnotations);
      expect(after.generation).toBe(before.generation);
      expect(after.envManagers["app/DB_POOL_MAX_SIZE"]).toEqual(["owner"]);
      expect(valueOf(await plane.cluster.release(key))).toBe(false);
    });

    test("of a workload that is not there: there is nothing", async () => {
      expect(valueOf(await plane.cluster.release(`${plane.namespace}/Deployment/none`))).toBe(
        false,
      );
    });
  });

  describe("other writers", () => {
    test("kubectl set env takes a value over, and takes an entry away", async () => {
      await created("set-env");
      valueOf(await apply("set-env", (live) => wish(live, 12)));
      await plane.setEnv("set-env", "DB_POOL_MAX_SIZE", "30");
      const after = await read("set-env");
      expect(envOf(after)["DB_POOL_MAX_SIZE"]).toBe("30");
      expect(await apply("set-env", (live) => wish(live, 12), false)).toMatchObject({
        kind: "conflict",
        managers: ["kubectl-set"],
      });
      await plane.setEnv("set-env", "DB_POOL_MIN_SIZE", undefined);
      expect(envOf(await read("set-env"))).not.toHaveProperty("DB_POOL_MIN_SIZE");
    });

    test("undo puts the old template back whole: our entries and annotations go", async () => {
      await plane.create({ name: "undone", replicas: 1, env: sizes });
      await plane.until("it to be seen", async () => (await read("undone")).updatedReplicas === 1);
      valueOf(await apply("undone", (live) => wish(live, 12)));
      await plane.until("it to be seen", async () => {
        const { observedGeneration, generation } = await read("undone");
        return observedGeneration === generation;
      });
      await plane.undo("undone");
      const after = await read("undone");
      expect(envOf(after)).toEqual({ DB_POOL_MAX_SIZE: "50", LOG_LEVEL: "info" });
      expect(after.templateAnnotations).toEqual({});
      expect(after.envManagers["app/DB_POOL_MAX_SIZE"]).toContain("kubectl");
    });

    test("a label makes a new version and no new generation", async () => {
      const before = await created("labelled");
      await plane.relabel("labelled", { team: "orders" });
      const after = await read("labelled");
      expect(after.labels).toMatchObject({ team: "orders" });
      expect(after.generation).toBe(before.generation);
      expect(Number(after.resourceVersion)).toBeGreaterThan(Number(before.resourceVersion));
    });

    test("replicas and a pause are a new generation, the same replicas are not", async () => {
      const before = await created("counted");
      await plane.scale("Deployment", "counted", 1);
      expect((await read("counted")).generation).toBe(before.generation + 1);
      await plane.scale("Deployment", "counted", 1);
      expect((await read("counted")).generation).toBe(before.generation + 1);
      await plane.pause("counted");
      expect((await read("counted")).generation).toBe(before.generation + 2);
    });
  });
}

/** An apply that states no field. */
function nothingOf({ kind, namespace, name, uid, resourceVersion }: ObservedWorkload): Manifest {
  return { apiVersion: "apps/v1", kind, metadata: { namespace, name, uid, resourceVersion } };
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === "ok") return outcome.value;
  throw new Error(`${outcome.kind}: ${outcome.message}`);
}
