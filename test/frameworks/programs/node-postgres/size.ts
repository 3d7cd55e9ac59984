// Prints how many connections a node-postgres pool opens for sixty requests at once.
import process from "node:process";
import pg from "pg";

const pool = new pg.Pool({
  connectionString: process.env["DATABASE_URL"],
  min: Number(process.env["DB_POOL_MIN_SIZE"] ?? "0"),
  max: Number(process.env["SIZE_IN_CODE"] ?? process.env["DB_POOL_MAX_SIZE"] ?? "10"),
  connectionTimeoutMillis: 5_000,
});
const [first, ...others] = Array.from({ length: 60 }, () => pool.connect());
for (const other of others) other.catch(() => undefined);
await first;
console.log(`pool size ${pool.totalCount}`);
process.exit(0);
