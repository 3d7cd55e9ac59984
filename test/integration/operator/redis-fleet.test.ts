// A fleet on a real Redis, through adoption, a scaling and a new version.
import { inject, test } from "vitest";
import { describeEngineFleet, type EngineServer, type Looker } from "../../support/engine-fleet.ts";
import { findRedis, noRedis, openRedis, startRedis } from "../../support/redis.ts";

const users = { app: "~* &* +@all", poolwarden: "-@all +info +client|list" };

async function start(program: string, maxClients: number): Promise<EngineServer> {
  const server = await startRedis(program, { maxClients, users });
  return {
    uri: server.uri("poolwarden"),
    env: [{ name: "REDIS_URL", value: server.uri("app") }],
    look: () => look(server.uri()),
    stop: () => server.stop(),
  };
}

async function look(uri: string): Promise<Looker> {
  const client = await openRedis(uri);
  return {
    count: async () => {
      const all = await client.send("CLIENT", "LIST");
      return all.split("\n").filter((line) => line.includes(" user=app ")).length;
    },
    end: () => client.end(),
  };
}

const kubectl = inject("controlPlane");
const program = await findRedis();
if (program === undefined) {
  test("a fleet on Redis", (context) => {
    context.skip(noRedis);
  });
} else {
  describeEngineFleet({
    ...{ engine: "Redis", namespace: "redis-fleet", kubectl, service: "redis-service.ts" },
    ...{ maxSizeName: "REDIS_POOL_SIZE", connectionsSetting: "maxclients" },
    entry: { env: { maxSize: "REDIS_POOL_SIZE" } },
    start: (maxConnections) => start(program, maxConnections),
  });
}
