// The check of what a server answers, value by value: each throws Error for what is none, and its
// message repeats nothing of it. Whatever passes is bounded in length, number and depth.

import { isIP } from "node:net";
import type { SessionGroup } from "../../domain/facts/facts.ts";

/** Kinds of sessions, or names of limits, in one answer. */
const maxEntries = 10_000;
/** PostgreSQL's own names have 63 bytes, MySQL's 80 characters; nobody builds longer ones. */
const maxNameLength = 128;
/** Objects and lists within each other: the answer, its sessions, one of them; and one to spare. */
const maxDepth = 4;

/** More sessions than there are slots for is what only a liar shows. `beside`: what has none. */
export function expectPossible(
  sessions: readonly Pick<SessionGroup, "count">[],
  maxConnections: number,
  beside: number,
): void {
  const sum = sessions.reduce((total, group) => total + group.count, 0);
  if (sum > maxConnections + beside) {
    throw new Error(
      `the server's answer shows ${sum} sessions, and max_connections is ${maxConnections}`,
    );
  }
}

export function known<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === null ? undefined : read(value);
}

/** It comes as the text that the server sent. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string") throw unexpected("text", value);
  if (isDeep(value)) throw new Error("the server's answer is nested too deeply");
  try {
    return JSON.parse(value);
  } catch {
    throw new Error("the server's answer is no JSON");
  }
}

/** To parse two megabytes of brackets takes half a second. Texts may hold as many as they like. */
function isDeep(json: string): boolean {
  let [depth, isText] = [0, false];
  for (let at = 0; at < json.length && depth <= maxDepth; at++) {
    const code = json.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) isText = !isText;
    else if (!isText) depth += stepOf(code);
  }
  return depth > maxDepth;
}

const [quote, backslash] = [0x22, 0x5c];

/** Of brackets and braces, which differ in one bit. */
function stepOf(code: number): number {
  const bracket = code & ~0x20;
  if (bracket === 0x5b) return 1;
  return bracket === 0x5d ? -1 : 0;
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw unexpected("object", value);
  return value as Record<string, unknown>;
}

export function list(value: unknown): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw unexpected("list", value);
  if (value.length <= maxEntries) return value;
  throw new Error(
    `the server's answer has ${value.length} entries, more than the limit of ${maxEntries}`,
  );
}

export function count(value: unknown, max = Number.MAX_SAFE_INTEGER): number {
  const isCount = typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  if (!isCount) throw unexpected("count", value);
  if (value <= max) return value;
  throw new Error(`the server's answer holds ${value} where the engine's own maximum is ${max}`);
}

export function text(value: unknown): string {
  if (typeof value !== "string") throw unexpected("text", value);
  if (value.length <= maxNameLength) return value;
  throw new Error(`the server's answer holds a name of ${value.length} characters`);
}

/** What somebody calls itself, where the server lets it be longer: cut, and never refused. */
export function textCut(value: unknown, maxLength = maxNameLength): string {
  return text(typeof value === "string" ? value.slice(0, maxLength) : value);
}

/** None of a unix socket. */
export function address(value: unknown): string {
  const written = text(value);
  if (written === "" || isIP(written) !== 0) return written;
  throw new Error("the server's answer holds a client address that is none");
}

export function flag(value: unknown): boolean {
  if (typeof value !== "boolean") throw unexpected("yes or no", value);
  return value;
}

function unexpected(wanted: string, value: unknown): Error {
  return new Error(`the server's answer holds a ${typeof value} where a ${wanted} belongs`);
}
