// A pool that is more than one variable, and a pod that is more than one container.
import { describe, expect, it } from "vitest";
import { deploy, env, expectOf, findingsOf, play } from "../support/situation.ts";
import { minuteMs } from "../support/memory-world/world.ts";

describe("the container that holds the pool", () => {
  const size = { name: "DB_POOL_MAX_SIZE", value: "40" };
  const isEdge = { "kubectl.kubernetes.io/default-container": "edge" };

  it("is the one that sets the variable, and not a proxy that kubectl shows", async () => {
    const podSpec = { containers: [{ name: "edge" }, { name: "app", env: [size] }] };
    const situation = { name: "proxy", replicas: 4, annotations: isEdge, podSpec };
    await expectOf(situation, { container: "app", grant: 10, rolls: 1 });
  });

  it("is the default container where both set it", async () => {
    const podSpec = {
      containers: [
        { name: "edge", env: [size] },
        { name: "app", env: [size] },
      ],
    };
    const situation = { name: "both", annotations: isEdge, podSpec, maxConnections: 500 };
    await expectOf(situation, { container: "edge" });
  });

  it("may be a sidecar that is an init container", async () => {
    const pooler = { env: [{ name: "DEFAULT_POOL_SIZE", value: "25" }], restartPolicy: "Always" };
    const podSpec = {
      initContainers: [
        { name: "migrate", env: [size] },
        { name: "pooler", ...pooler },
      ],
      containers: [{ name: "api", env: [{ name: "DATABASE_HOST", value: "127.0.0.1" }] }],
    };
    const entry = { env: { maxSize: "DEFAULT_POOL_SIZE" } };
    const situation = { name: "sidecar", entry, replicas: 5, maxConnections: 200, podSpec };
    await expectOf(situation, { container: "pooler", grant: 18 });
    const named = { ...situation, entry: { ...entry, container: "pooler" } };
    await expectOf(named, { container: "pooler", grant: 18 });
  });

  it("has others beside it, whose pools are counted", async () => {
    const second = { name: "jobs", env: [{ name: "DB_POOL_MAX_SIZE", value: "20" }] };
    const podSpec = { containers: [{ name: "web", env: [size] }, second] };
    const entry = { container: "web" };
    const situation = { name: "second", entry, replicas: 4, maxConnections: 300, podSpec };
    await expectOf(situation, {
      finding: ["PoolBesideSize", "container jobs sets DB_POOL_MAX_SIZE too", "20 connections"],
      // 287 slots / 8 pods (4 planned, 4 in a rollout) is 35, of which 20 are not ours.
      ...{ grant: 15, heldSlots: 4 * 35 },
    });
  });

  it("has others beside it that take the same from a Secret", async () => {
    const envFrom = [{ secretRef: { name: "web" } }];
    const podSpec = {
      containers: [
        { name: "web", envFrom },
        { name: "jobs", envFrom },
      ],
    };
    const data = { DB_POOL_MAX_SIZE: "20" };
    const situation = { name: "shared", entry: { container: "web" }, replicas: 4, podSpec, data };
    await expectOf({ ...situation, maxConnections: 300 }, { grant: 15, heldSlots: 4 * 35 });
  });
});

describe("a whole pool beside the size counts with all that it holds", () => {
  it("in a second container", async () => {
    const sizeOf = (value: string): object => ({ name: "DB_POOL_MAX_SIZE", value });
    const containers = [
      { name: "web", env: [sizeOf("50")] },
      { name: "jobs", env: [sizeOf("3000")] },
    ];
    const situation = { name: "second", entry: { container: "web" }, podSpec: { containers } };
    await expectOf({ ...situation, replicas: 1, maxConnections: 7_000 }, { heldSlots: 3_050 });
  });

  it("as an overflow", async () => {
    const podSpec = env(["APP_DB_POOL_SIZE", "50"], ["APP_DB_MAX_OVERFLOW", "5000"]);
    const entry = { env: { maxSize: "APP_DB_POOL_SIZE" } };
    const situation = { name: "overflow", entry, replicas: 1, maxConnections: 11_000, podSpec };
    await expectOf(situation, { heldSlots: 5_050 });
  });
});

describe("variables that are part of the pool", () => {
  const names = { maxSize: "AIR_SQL_ALCHEMY_POOL_SIZE" };
  const podSpec = env(["AIR_SQL_ALCHEMY_POOL_SIZE", "5"], ["AIR_SQL_ALCHEMY_MAX_OVERFLOW", "10"]);

  it("an overflow that the policy does not name is counted beside the size", async () => {
    await expectOf(
      { name: "overflow", entry: { env: names }, replicas: 2, podSpec },
      {
        finding: ["PoolBesideSize", "AIR_SQL_ALCHEMY_MAX_OVERFLOW=10"],
        // 87 slots / 4 pods is 21, of which 10 are the overflow's.
        ...{ grant: 11, heldSlots: 42 },
      },
    );
  });

  it("an overflow without a limit leaves the workload as it is, and counts", async () => {
    const open = env(["AIR_SQL_ALCHEMY_POOL_SIZE", "5"], ["AIR_SQL_ALCHEMY_MAX_OVERFLOW", "-1"]);
    await expectOf(
      { name: "no limit", entry: { env: names }, replicas: 2, podSpec: open },
      { finding: ["Unlimited", "MAX_OVERFLOW=-1"], grant: undefined, rolls: 0, heldSlots: 2 * 55 },
    );
  });

  it("one that it names is a part of the size, and is written", async () => {
    const entry = { env: { ...names, overflow: "AIR_SQL_ALCHEMY_MAX_OVERFLOW" } };
    const world = await play({ name: "named", entry, replicas: 2, podSpec });
    expect(world.status("orders").grants?.["Deployment/web"]).toMatchObject({
      poolSize: 21,
      env: [
        { name: "AIR_SQL_ALCHEMY_POOL_SIZE", value: "21" },
        { name: "AIR_SQL_ALCHEMY_MAX_OVERFLOW", value: "0" },
      ],
    });
    expect(world.status("orders").workloads?.[0]?.heldSlots).toBe(42);
  });

  it.each([
    ["DATABASE_POOL_SIZE", "DATABASE_POOL_MAX_OVERFLOW"],
    ["SQLALCHEMY_POOL_SIZE", "SQLALCHEMY_MAX_OVERFLOW"],
    ["DB_POOL_SIZE", "DB_MAX_OVERFLOW"],
  ])("beside %s stands %s", async (maxSize, overflow) => {
    const pool = env([maxSize, "5"], [overflow, "10"], ["CACHE_MAX_OVERFLOW", "7"]);
    const situation = { name: overflow, entry: { env: { maxSize } }, replicas: 2, podSpec: pool };
    await expectOf(situation, { finding: ["PoolBesideSize", `${overflow}=10`], grant: 11 });
  });

  it.each([
    ["DATABASE_MAX_OPEN_CONNS", "DATABASE_MAX_IDLE_CONNS"],
    ["DATABASE_MAX_OPEN_CONNS", "DATABASE_CONN_MAX_IDLE_TIME"],
    ["DB_MAXPOOLSIZE", "DB_CACHE_MIN_SIZE"],
    ["DB_MAXPOOLSIZE", "DB_ADMIN"],
  ])("beside %s the variable %s is no minimum", async (maxSize, other) => {
    const situation = { name: other, entry: { env: { maxSize } }, podSpec: env([other, "40"]) };
    await expectOf(situation, { withoutFinding: "MinimumInTemplate", grant: 14 });
  });

  it("a minimum in another spelling is one", async () => {
    const entry = { env: { maxSize: "DB_MAXPOOLSIZE" } };
    const podSpecOf = env(["DB_MINPOOLSIZE", "20"], ["DB_MAXPOOLSIZE", "50"]);
    await expectOf(
      { name: "minimum", entry, podSpec: podSpecOf },
      { finding: ["MinimumInTemplate", "DB_MINPOOLSIZE=20"], grant: 20 },
    );
  });

  it.each(["APP_PG_POOL_MIN_SIZE", "APP_PG_POOL_INITIAL_SIZE"])(
    "no grant is below %s, which would stop the pod",
    async (minimum) => {
      const entry = { env: { maxSize: "APP_PG_POOL_MAX_SIZE" } };
      const pool = env([minimum, "20"], ["APP_PG_POOL_MAX_SIZE", "50"]);
      await expectOf(
        { name: "minimum", entry, podSpec: pool },
        { finding: ["MinimumInTemplate", `${minimum}=20`], grant: 20 },
      );
      const named = { ...entry.env, minSize: minimum };
      await expectOf(
        { name: "named", entry: { env: named }, podSpec: pool },
        { withoutFinding: "MinimumInTemplate", grant: 14 },
      );
    },
  );

  it.each([
    { env: { maxSize: "SPRING_DATASOURCE_DRUID_MAXACTIVE" } },
    { preset: "tomcat", prefix: "spring.datasource.druid" },
    { preset: "tomcat", prefix: "spring.datasource.dynamic.druid.orders" },
  ])("no grant is below the initial size of Druid, which would stop the pod: %j", async (entry) => {
    const prefix = (entry.prefix ?? "spring.datasource.druid").toUpperCase().replaceAll(".", "_");
    const podSpec = env([`${prefix}_MAXACTIVE`, "40"], [`${prefix}_INITIALSIZE`, "20"]);
    const want = { finding: ["MinimumInTemplate", `${prefix}_INITIALSIZE=20`], grant: 20 } as const;
    await expectOf({ name: "initial size", entry, podSpec }, want);
  });

  it("a minimum above the policy's own maximum leaves the workload as it is", async () => {
    const entry = { env: { maxSize: "APP_PG_POOL_MAX_SIZE" }, poolSize: { max: 14 } };
    const pool = env(["APP_PG_POOL_MIN_SIZE", "20"], ["APP_PG_POOL_MAX_SIZE", "50"]);
    const want = { finding: ["MinimumInTemplate", "poolSize.max 14"], rolls: 0 } as const;
    await expectOf({ name: "minimum", entry, podSpec: pool }, { ...want, grant: undefined });
  });

  it.each([
    {
      name: "and its own size counts until a larger grant fits",
      poolSize: {},
      grant: 20,
      says: "",
    },
    { name: "and a workload that is not sized", poolSize: { max: 14 }, says: "poolSize.max 14" },
  ])("raised above a grant withdraws it, $name", async ({ name, poolSize, grant, says }) => {
    const entry = { env: { maxSize: "APP_PG_POOL_MAX_SIZE" }, poolSize };
    const podSpecOf = (minimum: string): object =>
      env(["APP_PG_POOL_MIN_SIZE", minimum], ["APP_PG_POOL_MAX_SIZE", "50"]);
    const world = await play({ name, entry, podSpec: podSpecOf("5") });
    expect(world.grant("orders", "web")).toBe(14);

    await deploy(world, { name, podSpec: podSpecOf("20") });

    expect(world.grant("orders", "web")).toBe(grant);
    const [finding] = findingsOf(world.status("orders"), "MinimumInTemplate");
    expect(finding).toContain(says);
  });

  it("below its own template's minimum no size is given, and nothing is written again", async () => {
    const entry = { env: { maxSize: "APP_PG_POOL_MAX_SIZE" } };
    const podSpec = env(["APP_PG_POOL_MIN_SIZE", "90"], ["APP_PG_POOL_MAX_SIZE", "10"]);
    const world = await play({ name: "minimum", entry, podSpec });
    expect(world.grant("orders", "web")).toBe(undefined);
    world.cluster.writes.length = 0;
    await world.pass(10 * minuteMs);
    expect(world.cluster.writes).toEqual([]);
  });
});
