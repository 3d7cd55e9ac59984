// What the console of each pod says, checked, and what the pooler is by that. Columns are taken by
// their names, since every version has others.

import { isIP } from "node:net";
import { engines } from "../../api/engines.ts";
import type { SessionGroup } from "../../domain/facts/facts.ts";
import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import { address, expectPossible, record, text } from "../database/answers.ts";
import type { BusyTime } from "../database/busy-time.ts";
import type { Limits } from "../database/line.ts";
import type { Answer, Question } from "../database/reader.ts";
import type { Console } from "./console.ts";
import { TooLongAnswer } from "../database/failures.ts";
import { NotAPooler, TooOld } from "./failures.ts";
import { sum } from "./bounds.ts";
import { behindPods, limitsOfPods } from "./login-bounds.ts";
import { numberIn, type Rows, settingsIn } from "./rows.ts";
import { ServerSide } from "./server-side.ts";

const { connectionsMax } = engines.PgBouncer;

/** Kinds of clients, by user, database, name and address. */
const groupsMax = 10_000;

/** Whoever may use the console gets in when it is full. */
const besideTheLimit = 1_024;

/** What one process has. */
export interface PodReading {
  readonly versionNumber: number;
  /** Where the line leads, as it was dialed. */
  readonly dialed: string;
  /** At which the process itself has taken the line; undefined where it does not say. */
  readonly ownAddress: string | undefined;
  readonly sharesPort: boolean;
  readonly maxClients: number;
  readonly side: ServerSide;
  /** Without the one that reads. */
  readonly clients: readonly SessionGroup[];
}

interface Asking extends Pick<Question, "roles" | "databases" | "pairs"> {
  readonly uri: ConnectionUri;
  readonly applicationName: string;
  readonly busy: BusyTime;
}

/** One command after the other: the console takes no two at once. */
export async function readPod(
  console: Console,
  asking: Asking,
  limits: Limits,
): Promise<PodReading> {
  const { busy } = asking;
  const untilMs = performance.now() + limits.timeoutMs;
  const run = async (command: Parameters<Console["run"]>[0]): Promise<Rows> => {
    const timeoutMs = Math.max(1, untilMs - performance.now());
    return rowsOf(await console.run(command, { ...limits, timeoutMs }));
  };
  const version = await run("SHOW VERSION");
  const settings = settingsIn(await run("SHOW CONFIG"));
  const lists = await run("SHOW LISTS");
  const clients = await run("SHOW CLIENTS");
  const users = await run("SHOW USERS");
  const entries = await run("SHOW DATABASES");
  const pools = await run("SHOW POOLS");
  return busy.run(() => {
    const versionNumber = versionIn(version);
    const said = { versionNumber, settings, users, entries, pools };
    const ownRow = clients.findIndex((row) => isOwn(row, asking));
    return {
      versionNumber,
      dialed: console.remoteAddress,
      ownAddress: ownRow < 0 ? undefined : addressIn(clients[ownRow]?.["local_addr"]),
      sharesPort: settings.get("so_reuseport") === "1",
      maxClients: Math.min(numberIn(settings.get("max_client_conn")), connectionsMax),
      side: new ServerSide(said, asking.pairs ?? []),
      clients: groupsIn(
        clients.filter((_, place) => place !== ownRow),
        inLogin(lists),
      ),
    };
  });
}

function rowsOf(value: unknown): Rows {
  if (!Array.isArray(value)) throw new NotAPooler("an answer of several parts");
  return value.map(record);
}

type Reader = Omit<Asking, "busy">;

/** The pooler of these pods; there is at least one. */
export function answerOf(pods: readonly PodReading[], reader: Reader): Answer {
  const { user, database, port } = reader.uri;
  const { applicationName } = reader;
  const maxConnections = sum(pods.map(({ maxClients }) => maxClients));
  // On each pod there is one that reads, and only the first is no session beside the one that asks.
  const readers = pods.slice(1).map((): SessionGroup => {
    return { user, database, applicationName, address: "", count: 1 };
  });
  const sessions = mergedGroups([...pods.flatMap(({ clients }) => clients), ...readers]);
  expectPossible(sessions, maxConnections, besideTheLimit * pods.length);
  const part = partOf(pods);
  const sides = pods.map(({ side }) => side);
  return {
    role: user,
    versionNumber: Math.min(...pods.map(({ versionNumber }) => versionNumber)),
    // Nobody else can be at an address at the same time, and PgBouncer has no name of its own.
    systemIdentifier: pods.map(({ dialed }) => `${dialed}:${port}`).join(" "),
    startedAtMicroseconds: 0,
    isStandby: false,
    maxConnections,
    withheld: [],
    ...limitsOfPods(sides, reader),
    behind: behindPods(sides),
    seesAllSessions: true,
    ...(part !== undefined && { mayBePart: part }),
    sessions,
  };
}

/** A line that the process has taken elsewhere than it was dialed was led there by a Service. */
function partOf(pods: readonly PodReading[]): Answer["mayBePart"] {
  const isLed = ({ ownAddress, dialed }: PodReading): boolean =>
    ownAddress !== undefined && ownAddress !== dialed;
  if (pods.some(isLed)) return "OnePod";
  return pods.some(({ sharesPort }) => sharesPort) ? "OneProcess" : undefined;
}

/** `PgBouncer 1.18.0` is 11800. */
const oldestRead = 11_800;

function versionIn([row]: Rows): number {
  const [, major, minor, patch] =
    /^PgBouncer (\d{1,3})\.(\d{1,3})\.(\d{1,3})/.exec(text(row?.["version"])) ?? [];
  if (major === undefined) throw new NotAPooler("a version that is no PgBouncer's");
  const number = Number(major) * 10_000 + Number(minor) * 100 + Number(patch);
  if (number < oldestRead) throw new TooOld(`PgBouncer ${major}.${minor}.${patch}`);
  return number;
}

/** Clients that hold a slot and are not shown yet. */
function inLogin(lists: Rows): number {
  const row = lists.find(({ list }) => list === "login_clients");
  return row === undefined ? 0 : numberIn(row["items"], connectionsMax);
}

function isOwn(row: Rows[number], { uri, applicationName }: Asking): boolean {
  return (
    row["application_name"] === applicationName &&
    row["user"] === uri.user &&
    row["database"] === uri.database
  );
}

function groupsIn(rows: Rows, inLogin: number): readonly SessionGroup[] {
  const groups = rows.map((row): SessionGroup => {
    const from = addressIn(row["addr"]);
    return {
      user: text(row["user"]),
      database: text(row["database"]),
      applicationName: text(row["application_name"] ?? ""),
      address: from,
      count: 1,
    };
  });
  const nobody = { user: "", database: "", applicationName: "", address: "" };
  return mergedGroups(inLogin === 0 ? groups : [...groups, { ...nobody, count: inLogin }]);
}

/** Of a socket of the pod itself: empty. */
function addressIn(value: unknown): string {
  const said = text(value);
  return isIP(said) === 0 && said.startsWith("unix") ? "" : address(said);
}

function mergedGroups(groups: readonly SessionGroup[]): readonly SessionGroup[] {
  const byKey = new Map<string, SessionGroup>();
  for (const group of groups) {
    const key = keyOf(group);
    const known = byKey.get(key);
    byKey.set(key, known ? { ...known, count: known.count + group.count } : group);
    if (byKey.size > groupsMax) throw new TooLongAnswer(`${groupsMax} kinds of clients`);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function keyOf({ user, database, applicationName, address: from = "" }: SessionGroup): string {
  return [user, database, applicationName, from].join("\0");
}
