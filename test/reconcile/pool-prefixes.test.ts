// A further pool of a preset, bound under a prefix of its own: its size is read in every spelling
// that the framework binds, what wins over it is found there, and two spellings are one variable.

import { describe, expect, it } from "vitest";
import { app, env, findingsOf, hikari, hikariProperty, play } from "../support/situation.ts";
import type { Situation } from "../support/situation.ts";
import type { MemoryWorld } from "../support/memory-world/world.ts";

const reports = { pool: "reports", preset: "hikari", prefix: "spring.second-datasource.hikari" };
const name = "SPRING_SECONDDATASOURCE_HIKARI_MAXIMUMPOOLSIZE";
const property = "spring.second-datasource.hikari.maximum-pool-size";
const main = ["SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "10"] as const;

function worldOf(podSpec: object, further: readonly object[] = [reports]): Promise<MemoryWorld> {
  const situation: Situation = { name: "web", entry: hikari, further, podSpec };
  return play({ ...situation, maxConnections: 200, replicas: 2 });
}

/** By pool: reason, what pods hold, and the grant. */
function rowsOf(world: MemoryWorld): readonly (readonly [string, number, number | undefined])[] {
  const { workloads = [], grants = {} } = world.status("orders");
  return workloads.map(({ workload, reason, heldSlots }) => {
    return [reason, heldSlots, grants[workload]?.poolSize];
  });
}

describe("a pool under a prefix of its own", () => {
  it.each([
    name,
    property,
    "SPRING_SECOND_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE",
    "SPRING_SECOND-DATASOURCE_HIKARI_MAXIMUM-POOL-SIZE",
    "spring.secondDatasource.hikari.maximumPoolSize",
  ])("has the size that %s says", async (spelled) => {
    const world = await worldOf(env(main, [spelled, "70"]));
    const sizes = world.plan().pools.map(({ position }) => position.pool.template.poolSize);
    expect(sizes).toEqual([10, 70]);
    expect(world.status("orders").grants?.["Deployment/web/reports"]?.env).toEqual([
      expect.objectContaining({ name: name.replace("MAXIMUMPOOLSIZE", "MINIMUMIDLE") }),
      expect.objectContaining({ name }),
    ]);
    expect(world.status("orders").workloads?.[1]?.maxSizeName).toBe(name);
    expect(world.status("orders").findings ?? []).toEqual([]);
  });

  it.each<{ place: string; podSpec: object }>([
    { place: "JAVA_TOOL_OPTIONS", podSpec: env(main, ["JAVA_TOOL_OPTIONS", `-D${property}=40`]) },
    {
      place: "SPRING_APPLICATION_JSON",
      podSpec: env(main, [
        "SPRING_APPLICATION_JSON",
        '{"spring":{"second-datasource":{"hikari":{"maximumPoolSize":40}}}}',
      ]),
    },
    {
      place: "args",
      podSpec: app({
        args: ["-jar", "app.jar", `--${property}=40`],
        env: [{ name: main[0], value: main[1] }],
      }),
    },
  ])("has the size that wins over it in $place, and the main pool its own", async (one) => {
    const world = await worldOf(one.podSpec);
    const [own, second] = rowsOf(world);
    expect([own?.[0], second]).toEqual(["Applied", ["SizeOverridden", 80, undefined]]);
    const [finding] = findingsOf(world.status("orders"), "SizeOverridden");
    expect(finding).toContain(`${one.place} sets`);
    expect(finding).toContain(`which wins over ${name}: it is counted as 40`);
  });

  it("is not set by what sets the main one", async () => {
    const world = await worldOf(env(["JAVA_TOOL_OPTIONS", `-D${hikariProperty}=40`], [name, "7"]));
    expect(rowsOf(world).map(([reason]) => reason)).toEqual(["SizeOverridden", "Applied"]);
  });

  it("is not set by the end of its name: Spring Boot binds whole ones", async () => {
    const args = ["-jar", "app.jar", "--maximumPoolSize=40", "--hikari.maximumPoolSize=40"];
    const world = await worldOf(app({ args, env: [{ name, value: "7" }] }));
    expect(findingsOf(world.status("orders"), "SizeOverridden")).toEqual([]);
  });

  it("says no size of another library's, whose name says nothing of a pool", async () => {
    const spec = env(["JAVA_TOOL_OPTIONS", "-Dapp.reports.max-active=40"]);
    const world = await worldOf(spec, [
      { pool: "reports", preset: "tomcat", prefix: "app.reports" },
    ]);
    expect(rowsOf(world)[1]).toEqual(["SizeOverridden", 80, undefined]);
  });
});

describe("two spellings of one variable are one pool", () => {
  it.each([
    ["SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", { pool: "reports" }],
    ["spring_datasource_hikari_maximumpoolsize", { pool: "reports" }],
  ])("%s beside the preset's", async (maxSize, entry) => {
    const world = await worldOf(env([main[0], "40"]), [{ ...entry, env: { maxSize } }]);
    expect(rowsOf(world)).toEqual([
      ["ClaimedTwice", 80, undefined],
      ["ClaimedTwice", 0, undefined],
    ]);
    const [finding] = findingsOf(world.status("orders"), "ClaimedTwice");
    expect(finding).toContain(`${main[0]} (or ${maxSize}, which is the same variable)`);
  });

  it("a prefix that is the usual one in another spelling", async () => {
    const twin = { pool: "reports", preset: "hikari", prefix: "SPRING_DATA-SOURCE_HIKARI" };
    const world = await worldOf(env([main[0], "40"]), [twin]);
    expect(rowsOf(world).map(([reason]) => reason)).toEqual(["ClaimedTwice", "ClaimedTwice"]);
  });
});
