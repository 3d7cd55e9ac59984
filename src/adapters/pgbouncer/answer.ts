// What the console of each pod says, checked, and what the pooler is by that. Columns are taken by
// their names, since every version has others.

import { isIP } from "node:net";
import { engines } from "../../api/engines.ts";
import type { SessionGroup } from "../../domain/facts/facts.ts";
import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import { address, expectPossible, text, textCut } from "../database/answers.ts";
import type { BusyTime } from "../database/busy-time.ts";
import type { Limits } from "../database/line.ts";
import type { LongAnswers } from "../database/long-answers.ts";
import type { Answer, Question } from "../database/reader.ts";
import { nobody, SessionKinds } from "../database/session-kinds.ts";
import type { Console } from "./console.ts";
import { TooLongAnswer } from "../database/failures.ts";
import { NotAPooler, TooOld } from "./failures.ts";
import { sum } from "./bounds.ts";
import { behindPods, limitsOfPods } from "./login-bounds.ts";
import { numberIfAny, numberIn, type Rows, rowsIn, settingsIn } from "./rows.ts";
import { consoleName, ServerSide } from "./server-side.ts";

const { connectionsMax } = engines.PgBouncer;

/** As much as PostgreSQL keeps; PgBouncer keeps what comes in one packet. */
const nameMax = 64;

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
  /** They are counted, and not listed: the list is too long. */
  readonly isInPart: boolean;
}

interface Asking extends Pick<Question, "roles" | "databases" | "pairs"> {
  readonly uri: ConnectionUri;
  readonly applicationName: string;
  readonly busy: BusyTime;
  readonly long: LongAnswers;
}

/** One command after the other: the console takes no two at once. */
export async function readPod(
  console: Console,
  asking: Asking,
  limits: Limits,
): Promise<PodReading> {
  const { busy, long } = asking;
  const { server } = asking.uri;
  const untilMs = performance.now() + limits.timeoutMs;
  const run = async (command: Parameters<Console["run"]>[0]): Promise<Rows> => {
    const timeoutMs = Math.max(1, untilMs - performance.now());
    const rows = await console.run(command, { ...limits, timeoutMs }).catch((error: unknown) => {
      if (error instanceof TooLongAnswer) long.note(server, command);
      throw error;
    });
    return rowsIn(rows);
  };
  const version = await run("SHOW VERSION");
  const settings = settingsIn(await run("SHOW CONFIG"));
  const lists = await run("SHOW LISTS");
  const clients = long.has(server, "SHOW CLIENTS") ? undefined : await run("SHOW CLIENTS");
  const users = await run("SHOW USERS");
  const entries = await run("SHOW DATABASES");
  const pools = long.has(server, "SHOW POOLS") ? undefined : await run("SHOW POOLS");
  return busy.run(() => {
    const versionNumber = versionIn(version);
    const said = { versionNumber, settings, users, entries, pools };
    const maxClients = Math.min(numberIn(settings.get("max_client_conn")), connectionsMax);
    const ownRow = clients?.findIndex((row) => isOwn(row, asking)) ?? -1;
    return {
      versionNumber,
      dialed: console.remoteAddress,
      ownAddress: ownRow < 0 ? undefined : addressIn(clients?.[ownRow]?.["local_addr"]),
      sharesPort: settings.get("so_reuseport") === "1",
      maxClients,
      side: new ServerSide(said, asking.pairs ?? []),
      isInPart: clients === undefined,
      clients: clients
        ? groupsIn(
            clients.filter((_, place) => place !== ownRow),
            Math.min(inLogin(lists), maxClients),
          )
        : countedIn(lists, pools ?? []),
    };
  });
}

type Reader = Omit<Asking, "busy" | "long">;

/** The pooler of these pods; there is at least one. */
export function answerOf(pods: readonly PodReading[], reader: Reader): Answer {
  const { user, database, port } = reader.uri;
  const { applicationName } = reader;
  const maxConnections = sum(pods.map(({ maxClients }) => maxClients));
  // On each pod there is one that reads, and only the first is no session beside the one that asks.
  const readers = pods.slice(1).map((): SessionGroup => {
    return { user, database, applicationName, address: "", count: 1 };
  });
  const kinds = mergedGroups([...pods.flatMap(({ clients }) => clients), ...readers]);
  const sessions = [...kinds.groups].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const isInPart = kinds.isInPart || pods.some((pod) => pod.isInPart);
  expectPossible(sessions, 2 * maxConnections, besideTheLimit * pods.length);
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
    seesAllSessions: !isInPart,
    ...(isInPart && { isInPart: true as const }),
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

/**
 * Clients that hold a slot and are not shown yet. PgBouncer looks at its limit once they have said
 * who they are, so whoever reaches its port may have more of them than it lets in.
 */
function inLogin(lists: Rows): number {
  return countIn(lists, "login_clients");
}

function countIn(lists: Rows, name: string): number {
  const row = lists.find(({ list }) => list === name);
  return row === undefined ? 0 : numberIn(row["items"], connectionsMax);
}

/** Where the list of clients is too long: of each pool, as many as it has, and the rest. */
function countedIn(lists: Rows, pools: Rows): readonly SessionGroup[] {
  const ofPools = pools.flatMap((row): readonly SessionGroup[] => {
    const [user, database] = [textCut(row["user"]), textCut(row["database"])];
    const count = (numberIfAny(row["cl_active"]) ?? 0) + (numberIfAny(row["cl_waiting"]) ?? 0);
    if (count === 0 || database === consoleName) return [];
    return [{ ...nobody, user, database, count }];
  });
  const shown = sum(ofPools.map(({ count }) => count));
  // The console's own clients are among the rest, but for the one that reads.
  const rest = countIn(lists, "used_clients") - 1 - shown;
  return rest > 0 ? [...ofPools, { ...nobody, count: rest }] : ofPools;
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
      user: textCut(row["user"]),
      database: textCut(row["database"]),
      applicationName: textCut(row["application_name"] ?? "", nameMax),
      address: from,
      count: 1,
    };
  });
  return inLogin === 0 ? groups : [...groups, { ...nobody, address: "", count: inLogin }];
}

/** Of a socket of the pod itself: empty. */
function addressIn(value: unknown): string {
  const said = text(value);
  return isIP(said) === 0 && said.startsWith("unix") ? "" : address(said);
}

function mergedGroups(groups: readonly SessionGroup[]): SessionKinds {
  const kinds = new SessionKinds();
  for (const group of groups) kinds.add(group);
  return kinds;
}

function keyOf({ user, database, applicationName, address: from = "" }: SessionGroup): string {
  return [user, database, applicationName, from].join("\0");
}
