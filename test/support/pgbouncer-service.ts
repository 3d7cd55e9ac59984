// PgBouncer as a pod of its own, told by the variables of the image edoburu/pgbouncer. All pods
// share one machine here: their poolers listen on one port of one address, as behind a Service, and
// the kernel spreads the clients over them. PgBouncer cannot choose the address that it comes from,
// so a relay in the pod takes its connections on to the server from the pod's own address.
import { findPgBouncer, noPgBouncer, settingsOfImage, startPgBouncer } from "./pgbouncer.ts";
import { openRelay } from "./pod-relay.ts";

const drainMs = 5_000;
const { POD_IP: localAddress = "127.0.0.1", DB_NAME = "", DB_USER = "" } = process.env;
/** Settings of pgbouncer.ini that the image takes from variables. */
const settingNames = [
  ...["POOL_MODE", "MAX_CLIENT_CONN", "STATS_USERS", "QUERY_WAIT_TIMEOUT"],
  ...["DEFAULT_POOL_SIZE", "MIN_POOL_SIZE", "RESERVE_POOL_SIZE"],
];

const program = await findPgBouncer();
if (program === undefined) throw new Error(noPgBouncer);
const pooler = await startPgBouncer(program, {
  port: Number(process.env["LISTEN_PORT"]),
  databases: [
    `${DB_NAME} = host=127.0.0.1 port=${await openRelay(localAddress, Number(process.env["DB_PORT"]))}`,
  ],
  users: { [DB_USER]: DB_USER, poolwarden: "secret" },
  settings: { so_reuseport: "1", ...settingsOfImage(settingNames) },
  onOutput: (text) => process.stdout.write(text),
});
process.once("SIGTERM", () => void drain());
console.log("ready");

/** Its clients go to the pods that are left. */
async function drain(): Promise<void> {
  await pooler.drain(drainMs);
  process.exit(0);
}
