// A service with an ordinary mysql2 pool, as a process of its own. It knows nothing of Poolwarden:
// its size comes from its environment. It has more to do than its pool has connections, keeps its
// sessions until it has finished draining, and says each login that the server refused.
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createPool } from "mysql2/promise";

const maxSize = Number(process.env["DB_POOL_MAX_SIZE"] ?? "10");
const drainMs = Number(process.env["DRAIN_MS"] ?? "1000");
const localAddress = process.env["POD_IP"] ?? "127.0.0.1";
const url = new URL(process.env["DATABASE_URL"] ?? "");

const pool = createPool({
  uri: url.href,
  connectionLimit: maxSize,
  // All pods share one machine here, so the socket has to be told its address.
  stream: () => connect({ port: Number(url.port), host: url.hostname, localAddress }),
});

let isDraining = false;
process.once("SIGTERM", () => void drain());

await work();
console.log("ready");
for (let request = 0; request < maxSize + 3; request++) void serve();

async function serve(): Promise<void> {
  while (!isDraining) await work();
}

async function work(): Promise<void> {
  try {
    await pool.query("SELECT SLEEP(0.2)");
  } catch (error) {
    if (!isDraining) console.log(`refused: ${String(error)}`);
    await delay(1_000 * (0.5 + Math.random()));
  }
}

async function drain(): Promise<void> {
  isDraining = true;
  await delay(drainMs);
  await Promise.race([pool.end(), delay(500)]);
  process.exit(0);
}
