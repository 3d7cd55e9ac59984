// The Consoles port on PgBouncer: the size of a pod's pools is made what is wanted, over a session
// that lasts no longer than that. One that stays open would keep a PgBouncer of 1.23 or newer from
// ending, which waits for its last client. SET alone lies: what it says is shown at once, and a
// pool whose connections are all busy stays as large as it was, because they are handed on. So a
// pool that is too large at a later look as well gets a RECONNECT, by which each connection is
// closed when it is given back. Nothing is cut, and nothing is believed that was only sent.

import { randomBytes } from "node:crypto";
import { isIP, type LookupFunction } from "node:net";
import { fieldManager } from "../../api/group.ts";
import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import { parsePoolerUri } from "../../domain/supply/pooler-uri.ts";
import type { ConsoleAnswer, ConsoleOutcome, Consoles, ConsoleTarget } from "../../console-port.ts";
import { BusyTime } from "../database/busy-time.ts";
import { AddressNotAllowed, messageOf, plain, UnusableCa } from "../database/failures.ts";
import { SharedRoom } from "../database/frames.ts";
import type { Limits } from "../database/line.ts";
import type { SessionSettings } from "../database/reader.ts";
import { type Trusted, Trusts } from "../database/trust.ts";
import { type Command, type Console, openConsole } from "./console.ts";
import { failureOf } from "./failures.ts";
import {
  openByDatabase,
  ownSizeIn,
  poolSizeIn,
  reserveIn,
  sessionModeIn,
  usualSizeIn,
} from "./pool-sizes.ts";
import { type Rows, rowsIn, settingsIn } from "./rows.ts";
import { consoleName } from "./server-side.ts";

export interface ConsolesOptions {
  /** For all of it, from the first packet to the last answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** Whether a pod may be contacted at this address. Default: at any. */
  readonly mayConnect?: (address: string, port: number) => boolean;
}

/** Of all answers of one look: a thousand pools are 200 KiB. */
const lookRoom = { bytes: 2 * 1024 * 1024, messages: 12_000 };

export function createConsoles(options: ConsolesOptions = {}): Consoles {
  const trusts = new Trusts();
  const applicationName = `${fieldManager}-${randomBytes(4).toString("hex")}`;
  const tools = { timeoutMs: 5_000, mayConnect: () => true, ...options, trusts, applicationName };
  return { follow: (target) => follow(target, tools) };
}

type Tools = Required<ConsolesOptions> & {
  readonly trusts: Trusts;
  readonly applicationName: string;
};

async function follow(target: ConsoleTarget, tools: Tools): Promise<ConsoleOutcome> {
  const busy = new BusyTime();
  const { uri: text, ca } = target;
  const parsed = busy.run(() => parsePoolerUri(text, { ca }));
  if (parsed.kind === "problem") return { kind: "failed", message: parsed.message, busyMs: 0 };
  const uri = atPod(parsed.uri, target);
  const named = { ...uri, host: target.address };
  try {
    if (!tools.mayConnect(target.address, uri.port)) throw new AddressNotAllowed();
    const answer = await withTrust(ca, tools.trusts, (trusted) =>
      followWith({ ...settingsFor(uri, target, { tools, busy }), trusted }, target, tools),
    );
    return { ...answer, busyMs: busy.takeMs() };
  } catch (error) {
    return { kind: "failed", message: sayFailure(error, named), busyMs: busy.takeMs() };
  }
}

/** A name stays, for the certificate; where it leads to is told by the look-up. */
function atPod(uri: ConnectionUri, { address }: ConsoleTarget): ConnectionUri {
  const host = isIP(uri.host) === 0 ? uri.host : address;
  const named = address.includes(":") ? `[${address}]` : address;
  return { ...uri, host, server: `${named}:${uri.port}`, database: consoleName };
}

type Settings = SessionSettings<ConnectionUri>;

function settingsFor(
  uri: ConnectionUri,
  { address }: ConsoleTarget,
  { tools, busy }: { readonly tools: Tools; readonly busy: BusyTime },
): Omit<Settings, "trusted"> {
  const lookup: LookupFunction = (_host, { all }, answer) => {
    const family = isIP(address);
    if (all === true) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
  const { applicationName, timeoutMs } = tools;
  return {
    ...{ uri, busy, applicationName, statementTimeoutMs: timeoutMs },
    mayConnect: (_server, found) => found === address,
    lookupFor: () => lookup,
    noteConnection: () => ({ end: () => undefined, fail: () => undefined }),
  };
}

async function withTrust<T>(
  ca: string | undefined,
  trusts: Trusts,
  work: (trusted: Trusted) => Promise<T>,
): Promise<T> {
  const trusted = trusts.use(ca);
  try {
    if (trusted.kind === "problem") throw new UnusableCa(trusted.message);
    return await work(trusted);
  } finally {
    trusts.release(ca);
  }
}

async function followWith(
  settings: Settings,
  target: ConsoleTarget,
  { timeoutMs }: Tools,
): Promise<ConsoleAnswer> {
  const untilMs = performance.now() + timeoutMs;
  const limits = (): Limits => {
    const leftMs = Math.max(1, untilMs - performance.now());
    return { timeoutMs: leftMs, signal: new AbortController().signal };
  };
  const console = await openConsole(settings, new SharedRoom(lookRoom), limits());
  try {
    return await followOn({ console, limits, settings }, target);
  } finally {
    await console.close();
  }
}

interface Session {
  readonly console: Console;
  readonly limits: () => Limits;
  readonly settings: Pick<Settings, "busy">;
}

/** One command after the other: the console takes no two at once. */
async function followOn(session: Session, target: ConsoleTarget): Promise<ConsoleAnswer> {
  const before = settingsIn(await rowsOf(session, "SHOW CONFIG"));
  if (before.get("so_reuseport") === "1") throw new SharedPort();
  const entries = await rowsOf(session, "SHOW DATABASES");
  const users = await rowsOf(session, "SHOW USERS");
  const { busy } = session.settings;
  const said = { settings: before, entries, users };
  const [sessionMode, ownSize] = busy.run(() => [sessionModeIn(said), ownSizeIn(said)] as const);
  const wanted = sessionMode === undefined ? target.poolSize : undefined;
  const isSet = await setSizes(session, before, { ...target, poolSize: wanted });
  const open = openByDatabase(await rowsOf(session, "SHOW POOLS"));
  const above = [...open].filter(([, count]) => wanted !== undefined && count > wanted);
  const isDue = !isSet && above.length > 0 && target.mayReconnect && target.mayChange();
  if (isDue)
    await reconnect(
      session,
      above.map(([name]) => name),
    );
  const after = isSet ? settingsIn(await rowsOf(session, "SHOW CONFIG")) : before;
  return {
    kind: "answered",
    ...{ foundSize: usualSizeIn(before), poolSize: usualSizeIn(after) },
    openMost: Math.max(0, ...open.values()),
    ...(ownSize && { ownSize: { ...ownSize, where: plain(ownSize.where) } }),
    ...(sessionMode !== undefined && { sessionMode: plain(sessionMode) }),
    reconnected: isDue,
  };
}

/** Whether anything was set. What a SET has come to is read back. */
async function setSizes(
  session: Session,
  settings: ReadonlyMap<string, string>,
  { poolSize, mayChange }: Pick<ConsoleTarget, "poolSize" | "mayChange">,
): Promise<boolean> {
  if (poolSize === undefined) return false;
  const orders: Command[] = [];
  if (poolSizeIn(settings) !== poolSize) orders.push(`SET default_pool_size = ${poolSize}`);
  if (reserveIn(settings) !== 0) orders.push("SET reserve_pool_size = 0");
  let isSet = false;
  for (const order of orders) {
    if (!mayChange()) break;
    await rowsOf(session, order);
    isSet = true;
  }
  return isSet;
}

/** By name, so that others keep their connections; what a name may be is the console's matter. */
async function reconnect(session: Session, databases: readonly string[]): Promise<void> {
  const arePlain = databases.every((name) => /^[a-z_][a-z0-9_]{0,62}$/.test(name));
  const orders: readonly Command[] = arePlain
    ? databases.map((name): Command => `RECONNECT ${name}`)
    : ["RECONNECT"];
  for (const order of orders) await rowsOf(session, order);
}

async function rowsOf({ console, limits }: Session, command: Command): Promise<Rows> {
  return rowsIn(await console.run(command, limits()));
}

/** A login reaches any of the processes there, and the others are told nothing. */
class SharedPort extends Error {}

const needsAdmin = /^(not allowed|admin access needed)/;

function sayFailure(error: unknown, uri: ConnectionUri): string {
  if (error instanceof SharedPort) {
    return `${uri.server} may be one of several processes on its port (so_reuseport = 1), and only one of them would be told: set so_reuseport = 0`;
  }
  const said = messageOf(error);
  if (!needsAdmin.test(said)) return failureOf(error, uri).message;
  const user = plain(uri.user);
  return `${uri.server} lets user ${user} change nothing (${plain(said)}): add ${user} to admin_users in pgbouncer.ini`;
}
