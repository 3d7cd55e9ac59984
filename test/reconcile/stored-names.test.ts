// Policies that were stored by an older release with a variable that no new policy may name.
import { expect, test } from "vitest";
import { env, play } from "../support/situation.ts";
import { minuteMs, type MemoryWorld } from "../support/memory-world/world.ts";

const server = "db.shop.svc:5432";

/** As an older release has left them: the policy, its grants, the workload and its pods. */
async function storedWith(name: string): Promise<MemoryWorld> {
  const entry = { env: { maxSize: "WEB_CONNS" } };
  const world = await play({ name, entry, podSpec: env(["WEB_CONNS", "50"]) });
  const { policies, Deployment, pods } = world.stores;
  for (const store of [policies, Deployment, pods]) {
    for (const object of [...store.values()]) store.set(renamed(object as never, name));
  }
  world.restartOperator();
  world.read({ maxConnections: 100 });
  await world.pass(5 * minuteMs);
  return world;
}

function renamed<T>(object: T, name: string): T {
  return JSON.parse(JSON.stringify(object).replaceAll("WEB_CONNS", name)) as T;
}

test.each(["WEB_CONN", "DB_CONN", "WEB_POOL_REALTIME", "WEB_POOL_CONN"])(
  "a policy that is stored with %s goes on",
  async (name) => {
    const world = await storedWith(name);

    expect(world.grant("orders", "web")).toBe(14);
    expect(world.operator.planOf(server)?.positions[0]).toMatchObject({ managed: true });
    const ready = world.status("orders").conditions?.find(({ type }) => type === "Ready");
    expect(ready).toMatchObject({ status: "True" });
  },
);

test("a grant with a name that the API server hands out no more is not in force", async () => {
  const world = await storedWith("AIRFLOW_CONN_POOL");

  const position = world.operator.planOf(server)?.positions[0];
  expect(position).toMatchObject({ managed: false, published: 50, inForce: 50 });
});
