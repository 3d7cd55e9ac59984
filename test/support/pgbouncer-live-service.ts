// PgBouncer as a pod at an address of its own, told by the variables of the image
// edoburu/pgbouncer, with clients in the pod that keep its pool full. PgBouncer cannot choose the
// address that it comes from, so a relay takes its connections on to the server from the pod's.
import pg from "pg";
import { findPgBouncer, noPgBouncer, settingsOfImage, startPgBouncer } from "./pgbouncer.ts";
import { openRelay } from "./pod-relay.ts";

const { POD_IP: address = "127.0.0.1", DB_NAME = "", DB_USER = "", CLIENTS = "0" } = process.env;
const drainMs = 2_000;
/** Settings of pgbouncer.ini that the image takes from variables. */
const settingNames = [
  ...["POOL_MODE", "MAX_CLIENT_CONN"],
  ...["DEFAULT_POOL_SIZE", "MIN_POOL_SIZE", "RESERVE_POOL_SIZE"],
];

const program = await findPgBouncer();
if (program === undefined) throw new Error(noPgBouncer);
const port = await openRelay(address, Number(process.env["DB_PORT"]));
const pooler = await startPgBouncer(program, {
  ...{ address, port: Number(process.env["LISTEN_PORT"]) },
  databases: [`${DB_NAME} = host=127.0.0.1 port=${port}`],
  users: { [DB_USER]: DB_USER },
  settings: settingsOfImage(settingNames),
  onOutput: (text) => process.stdout.write(text),
});
let isEnding = false;
process.once("SIGTERM", () => {
  isEnding = true;
  void pooler.drain(drainMs).then(() => process.exit(0));
});
for (let each = 0; each < Number(CLIENTS); each++) void work();
console.log("ready");

/** One transaction after the other, as long as the pod runs. */
async function work(): Promise<void> {
  const client = new pg.Client({ connectionString: pooler.uri(DB_USER, DB_NAME, DB_USER) });
  client.on("error", () => undefined);
  await client.connect();
  while (!isEnding) {
    await client.query("SELECT pg_sleep(0.05)").catch((error: unknown) => {
      if (!isEnding) console.log(`a query failed: ${String(error)}`);
    });
  }
}
