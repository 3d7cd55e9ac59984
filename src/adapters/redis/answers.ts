// What the answers of a server of Redis mean: who it is (HELLO), what it allows and how many it has
// (INFO), and with CLIENT LIST the reading that comes of them.

import { engines } from "../../api/engines.ts";
import type { SessionGroup } from "../../domain/facts/facts.ts";
import { count } from "../database/answers.ts";
import { BrokenProtocol, plain } from "../database/failures.ts";
import type { Answer, Question } from "../database/reader.ts";
import { nobody } from "../database/session-kinds.ts";
import type { Info } from "./info.ts";
import type { Reply } from "./replies.ts";

const { connectionsMax } = engines.Redis;

export interface Hello {
  /** By which CLIENT LIST shows the session. */
  readonly id: number;
  readonly mode: string;
}

/** A list of names and values, one after the other. Throws BrokenProtocol for what is none. */
export function readHello(reply: Reply): Hello {
  if (!Array.isArray(reply)) throw new BrokenProtocol("no answer to HELLO");
  const values = reply as readonly Reply[];
  const valueOf = (name: string): Reply | undefined => {
    const place = values.findIndex((one, index) => index % 2 === 0 && one === name);
    return place < 0 ? undefined : values[place + 1];
  };
  const [id, mode] = [valueOf("id"), valueOf("mode")];
  if (typeof id === "number") return { id, mode: typeof mode === "string" ? mode : "" };
  throw new BrokenProtocol("an answer to HELLO without an id");
}

function numberIn(info: Info, name: string): number {
  const value = info.get(name) ?? "0";
  return count(/^\d{1,10}$/.test(value) ? Number(value) : value, connectionsMax);
}

/** Whatever holds a slot and is shown: clients, and replicas, which are not counted among them. */
export function clientsIn(info: Info): number {
  return numberIn(info, "connected_clients") + numberIn(info, "connected_slaves");
}

/** What was listed of them. */
export interface Seen {
  readonly groups: readonly SessionGroup[];
  /** There is more than is read. */
  readonly isInPart?: boolean;
}

/** Brings it to the form of a reading. `seen`: undefined where the login may not list clients. */
export function readAnswer(
  info: Info,
  seen: Seen | undefined,
  { question, user }: { readonly question: Question; readonly user: string },
): Answer {
  const shown = [...(seen?.groups ?? [])].sort(byName);
  const hidden = clientsIn(info) - 1 - shown.reduce((sum, group) => sum + group.count, 0);
  return {
    role: user,
    versionNumber: versionNumber(info.get("valkey_version") ?? info.get("redis_version") ?? ""),
    ...identityIn(info),
    maxConnections: numberIn(info, "maxclients"),
    withheld: [{ by: "cluster_connections", slots: numberIn(info, "cluster_connections") }],
    roleLimits: withoutLimits(question.roles),
    databaseLimits: withoutLimits(question.databases),
    seesAllSessions: seen !== undefined && seen.isInPart !== true,
    ...(seen?.isInPart === true && { isInPart: true as const }),
    ...(info.get("cluster_enabled") === "1" && { isClusterNode: true as const }),
    sessions: hidden > 0 ? [...shown, { ...nobody, count: hidden }] : shown,
  };
}

type Identity = Pick<Answer, "systemIdentifier" | "startedAtMicroseconds" | "isStandby">;

/**
 * No two processes have the same run_id, and one that was started anew has a new one. Replicas of
 * one primary share the id of what they replicate.
 */
function identityIn(info: Info): Identity {
  const isStandby = info.get("role") === "slave";
  const id = info.get(isStandby ? "master_replid" : "run_id");
  const nowSeconds = Math.floor(Number(info.get("server_time_usec")) / 1e6);
  const seconds = nowSeconds - Number(info.get("uptime_in_seconds"));
  return {
    systemIdentifier: id === undefined ? undefined : plain(id).slice(0, 64),
    startedAtMicroseconds: Number.isSafeInteger(seconds * 1e6) ? seconds * 1e6 : undefined,
    isStandby,
  };
}

/** 7.0.15 is 70015. */
function versionNumber(version: string): number {
  const [, major, minor, patch] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})/.exec(version) ?? [];
  return Number(major ?? 0) * 10_000 + Number(minor ?? 0) * 100 + Number(patch ?? 0);
}

/** The server's order is that of their coming. */
function byName(a: SessionGroup, b: SessionGroup): number {
  const key = ({ user, applicationName, address = "" }: SessionGroup): string =>
    `${user}\0${applicationName}\0${address}`;
  return key(a) < key(b) ? -1 : 1;
}

// A user has no limit there. Without a prototype: a role may be called `constructor`.
function withoutLimits(names: readonly string[]): Readonly<Record<string, number>> {
  const found = Object.create(null) as Record<string, number>;
  for (const name of names) found[name] = -1;
  return found;
}
