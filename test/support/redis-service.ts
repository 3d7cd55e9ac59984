// A service with a pool of connections to Redis, as a process of its own. It knows nothing of
// Poolwarden: its size comes from its environment. It keeps all of its connections at work, until
// it has finished draining, and says each login that the server refused.
import { setTimeout as delay } from "node:timers/promises";
import { openRedis } from "./redis.ts";

const maxSize = Number(process.env["REDIS_POOL_SIZE"] ?? "10");
const drainMs = Number(process.env["DRAIN_MS"] ?? "1000");
const localAddress = process.env["POD_IP"] ?? "127.0.0.1";
const url = process.env["REDIS_URL"] ?? "";

let isDraining = false;
process.once("SIGTERM", () => void drain());

const members = Array.from({ length: maxSize }, () => Promise.withResolvers<undefined>());
for (const { resolve } of members) {
  void serve(() => {
    resolve(undefined);
  });
}
await members[0]?.promise;
console.log("ready");

/** One connection after the other, each as long as the server keeps it. */
async function serve(tellReady: () => void): Promise<void> {
  while (!isDraining) {
    await work(tellReady).catch((error: unknown) => {
      if (!isDraining) console.log(`refused: ${String(error)}`);
    });
    await delay(1_000 * (0.5 + Math.random()));
  }
}

async function work(tellReady: () => void): Promise<void> {
  const client = await openRedis(url, { localAddress });
  for (;;) {
    await client.send("PING");
    tellReady();
    await delay(200);
  }
}

async function drain(): Promise<void> {
  isDraining = true;
  await delay(drainMs);
  process.exit(0);
}
