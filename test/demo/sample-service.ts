// The service of the demo: an ordinary pg pool in a process of its own. It knows nothing of
// Poolwarden: the sizes come from its environment, as in any service. It always has more to do than
// its pool has connections, so the pool fills up to its maximum, and like most services it keeps
// its sessions until it has finished draining, which is why a rollout needs room for both versions.
import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { follow } from "../../examples/apps/node-postgres/follow.mjs";

const QUERY_SECONDS = 0.4;
const RETRY_AFTER_MS = 1_500;
const QUEUED_REQUESTS = 3;
const LIVE_SIZE_MAX = 60;

const maxSize = Number(process.env["DB_POOL_MAX_SIZE"] ?? "10");
const minSize = Number(process.env["DB_POOL_MIN_SIZE"] ?? "0");
const sizeFile = process.env["POOL_SIZE_FILE"];
/** A pool that grows while it runs has to find more to do. */
const mostSize = sizeFile === undefined ? maxSize : LIVE_SIZE_MAX;
const requests = Number(process.env["REQUESTS"] ?? mostSize + QUEUED_REQUESTS);
const drainMs = Number(process.env["DRAIN_MS"] ?? "2000");
const localAddress = process.env["POD_IP"] ?? "127.0.0.1";

// In a cluster a pod's connections come from the pod's address by themselves. Here all pods share
// one machine, so the socket has to be told.
class PodSocket extends Socket {
  override connect(...args: unknown[]): this {
    const [port, host] = args;
    return super.connect({ port: Number(port), host: String(host), localAddress });
  }
}

// Its name in pg_stat_activity comes from PGAPPNAME.
const pool = new pg.Pool({
  connectionString: process.env["DATABASE_URL"],
  max: maxSize,
  min: minSize,
  idleTimeoutMillis: 0,
  stream: () => new PodSocket(),
});
pool.on("error", () => undefined);

if (sizeFile !== undefined) follow(pool, sizeFile);

let isDraining = false;
process.once("SIGTERM", () => void drain());

await warmUp(Math.max(1, minSize));
console.log("ready");
for (let request = 0; request < requests; request++) void serve();

async function warmUp(sessions: number): Promise<void> {
  const clients = await Promise.all(Array.from({ length: sessions }, connectPatiently));
  for (const client of clients) client.release();
}

async function connectPatiently(): Promise<pg.PoolClient> {
  for (;;) {
    try {
      return await pool.connect();
    } catch {
      await pauseBeforeRetry();
    }
  }
}

async function serve(): Promise<void> {
  while (!isDraining) {
    try {
      await pool.query("SELECT pg_sleep($1)", [QUERY_SECONDS]);
    } catch {
      await pauseBeforeRetry();
    }
  }
}

// Without jitter, everybody who was refused would come back at the same moment.
function pauseBeforeRetry(): Promise<void> {
  return delay(RETRY_AFTER_MS * (0.5 + Math.random()));
}

async function drain(): Promise<void> {
  isDraining = true;
  await delay(drainMs);
  // A pod that never got all it asked for still waits: that must not hold up its end.
  await Promise.race([pool.end(), delay(500)]);
  process.exit(0);
}
