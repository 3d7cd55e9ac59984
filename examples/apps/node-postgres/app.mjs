// A node-postgres pool that takes its size from the environment, and follows it in a live pool. Its
// name in pg_stat_activity comes from PGAPPNAME.
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { follow } from "./follow.mjs";

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  // `min` keeps so many from being closed when they are idle; it opens none in advance.
  min: Number(process.env.DB_POOL_MIN_SIZE ?? "0"),
  max: Number(process.env.DB_POOL_MAX_SIZE ?? "10"),
  idleTimeoutMillis: 10_000,
  maxLifetimeSeconds: 1_500,
});
// An idle connection that breaks must not end the process.
pool.on("error", (error) => console.error(error.message));
follow(pool, process.env.POOL_SIZE_FILE); // Does nothing where the pool is not live.

let queries = Number(process.env.QUERIES ?? "60");
async function work() {
  while (queries-- > 0) await pool.query("SELECT pg_sleep(0.5)");
}

console.log("open");
await delay(2_000); // Nobody asks for anything.
console.log("busy");
await Promise.all(Array.from({ length: 60 }, work));
console.log("done");
await delay(1_000 * Number(process.env.LINGER_SECONDS ?? "0")); // Nor here.
await pool.end();
