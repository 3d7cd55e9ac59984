// Variables that hold no size: no limit, no number, a reference to another. What they hold is never
// taken away from the process, and never counted as something harmless.
import { describe, expect, it } from "vitest";
import type { EnvEntry } from "../../src/observed.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";
import { app, deploy, env, expectOf, findingsOf, play, url } from "../support/situation.ts";

/** As a mutating webhook behind the admission policy does: every pod, whatever it was given. */
function withEnv({ stores }: MemoryWorld, env: readonly EnvEntry[]): void {
  for (const pod of [...stores.pods.values()]) {
    const containers = pod.containers.map((container) => ({ ...container, env }));
    stores.pods.set({ ...pod, containers, resourceVersion: stores.nextVersion() });
  }
}

describe("a value that is no number", () => {
  it.each([
    ["0", "no limit"],
    ["-1", "no limit"],
  ])("%s is %s, which is replaced first", async (value) => {
    const situation = {
      name: value,
      maxConnections: 78,
      podSpec: env(["DB_POOL_MAX_SIZE", value]),
    };
    await expectOf(situation, { grant: 10, rolls: 1, withoutFinding: "Unlimited", ready: "True" });
  });

  it("while they are there, pods without a limit count as more than any grant", async () => {
    const world = new MemoryWorld();
    world.policy("orders", { rebalance: "Never", workloads: [{ name: "web" }] });
    const containers = [
      { name: "app", env: [{ name: "DB_POOL_MAX_SIZE", value: "0" }], envFrom: [] },
    ];
    world.deployment("web", { containers });
    await world.pass(minuteMs);
    const status = world.status("orders");
    expect(findingsOf(status, "Unlimited")[0]).toContain("3 of 3 pods have a pool without a limit");
    expect(status.workloads?.[0]?.heldSlots).toBe(3 * 51);
  });

  it("a webhook that puts no limit back is no reason to replace pods for ever", async () => {
    const world = new MemoryWorld();
    world.policy("orders");
    const open = [{ name: "DB_POOL_MAX_SIZE", value: "0" }];
    world.deployment("web", { containers: [{ name: "app", env: open, envFrom: [] }], replicas: 6 });
    for (let second = 0; second < 300; second += 1) {
      if (second % 60 === 0) world.read({ maxConnections: 5_000 });
      world.nowMs += 1_000;
      await world.look();
      withEnv(world, open);
    }
    // A few before the grant has settled, then after 1 and 2 minutes more.
    expect(world.rolls.length).toBeGreaterThan(0);
    expect(world.rolls.length).toBeLessThanOrEqual(6);
    expect(world.grant("orders", "web")).toBeGreaterThan(51);
  });

  it("a reference to a number is that number", async () => {
    const podSpec = env(["SIZE", "40"], ["DB_POOL_MAX_SIZE", "$(SIZE)"]);
    const situation = { name: "reference", replicas: 4, podSpec };
    await expectOf(situation, { grant: 10, rolls: 1, ready: "True" });
  });

  it("40.0 counts as 40, and can be written over", async () => {
    const podSpec = env(["DB_POOL_MAX_SIZE", "40.0"]);
    const situation = { name: "fraction", replicas: 4, podSpec };
    await expectOf(situation, { grant: 10, rolls: 1, finding: ["InvalidSize", "40 is assumed"] });
  });

  it.each([
    ["a word", "fifty"],
    ["a reference to nothing", "$(SIZE)"],
    ["a long text", "Host=db;Database=portal;Username=app;Password=x"],
  ])("%s is never written over", async (name, value) => {
    const podSpec = env(["DB_POOL_MAX_SIZE", value]);
    await expectOf(
      { name, podSpec },
      {
        finding: ["NotANumber", "DB_POOL_MAX_SIZE holds something that is not a number"],
        ...{ grant: undefined, rolls: 0, ready: "False" },
      },
    );
  });
});

describe("a variable that held a number when its workload was sized", () => {
  it("and holds a text now counts as what is assumed: its grant reaches no pod", async () => {
    const world = await play({ name: "number", podSpec: env(["DB_POOL_MAX_SIZE", "14"]) });
    expect(world.status("orders").workloads?.[0]?.poolSize).toBe(14);

    const podSpec = env(["DB_POOL_MAX_SIZE", "Host=db;Username=app;Password=x"]);
    await deploy(world, { name: "text", podSpec });

    const { workloads, ...status } = world.status("orders");
    expect(findingsOf(status, "NotANumber")).toHaveLength(1);
    expect(workloads?.[0]).toMatchObject({ poolSize: 10, decision: "Unmanaged" });
  });
});

describe("a value that the variable refers to", () => {
  const refer = (key: string): object =>
    app({
      env: [{ name: "DB_POOL_MAX_SIZE", valueFrom: { secretKeyRef: { name: "web", key } } }],
    });
  const data = { size: "40", uri: `${url}?connection_limit=5` };

  it("is never written over where it is no number", async () => {
    const situation = { name: "reference", podSpec: refer("uri"), data };
    await expectOf(situation, {
      finding: ["NotANumber", "DB_POOL_MAX_SIZE holds something that is not a number"],
      ...{ grant: undefined, rolls: 0, ready: "False" },
    });
  });

  it("is written over where it is one", async () => {
    const situation = { name: "reference", podSpec: refer("size"), data, replicas: 4 };
    await expectOf(situation, { withoutFinding: "NotANumber", grant: 10, rolls: 1 });
  });
});

describe("Template delivery", () => {
  it("writes nothing behind an entry that refers to it", async () => {
    const podSpec = env(["DATABASE_URL", `${url}?connection_limit=$(DB_POOL_MAX_SIZE)`]);
    await expectOf(
      { name: "reference", delivery: "Template", podSpec },
      {
        finding: ["ReferenceBeforeEntry", "DATABASE_URL refers to $(DB_POOL_MAX_SIZE)"],
        ...{ rolls: 0, ready: "False" },
      },
    );
  });

  it("writes where the entry stands before it already", async () => {
    const podSpec = env(
      ["DB_POOL_MIN_SIZE", "1"],
      ["DB_POOL_MAX_SIZE", "40"],
      ["DATABASE_URL", `${url}?connection_limit=$(DB_POOL_MAX_SIZE)`],
    );
    const situation = { name: "in order", delivery: "Template", podSpec };
    await expectOf(situation, { withoutFinding: "ReferenceBeforeEntry", rolls: 1 });
  });
});

describe("the default ceiling is the larger of the profile's and what stands in the template", () => {
  const entry = { env: { maxSize: "MAX_DB_CONNECTIONS" } };
  it.each([
    ["a pooler with 1500", "1500", 415],
    ["a pooler with 300", "300", 300],
    ["a pooler without a limit", "0", 415],
  ])("%s is not cut while slots are free", async (name, value, grant) => {
    const podSpec = env(["MAX_DB_CONNECTIONS", value]);
    const situation = { name, entry, replicas: 6, maxConnections: 5_000, podSpec };
    await expectOf(situation, { grant });
  });

  it("poolSize.max is the last word", async () => {
    const podSpec = env(["MAX_DB_CONNECTIONS", "1500"]);
    const bounded = { ...entry, poolSize: { max: 60 } };
    const situation = { name: "bounded", entry: bounded, replicas: 6, podSpec };
    await expectOf({ ...situation, maxConnections: 5_000 }, { grant: 60 });
  });

  it("what Template delivery has written is not taken for the owner's word", async () => {
    const podSpec = env(["MAX_DB_CONNECTIONS", "300"]);
    const situation = { name: "template", entry, delivery: "Template", replicas: 2, podSpec };
    const world = await play({ ...situation, maxConnections: 500 });
    const sizeNow = (): string | undefined =>
      world.deploymentNow("web").containers[0]?.env.find((e) => e.name === "MAX_DB_CONNECTIONS")
        ?.value;
    // 487 slots / 4 pods (2 planned, 2 in a rollout).
    expect(sizeNow()).toBe("121");
    for (let minute = 0; minute < 20; minute += 1) {
      await world.pass(minuteMs);
      world.read({ maxConnections: 5_000 });
    }
    expect(sizeNow()).toBe("300");
  });
});
