// Counts the logins that PostgreSQL refused for want of a slot, in PostgreSQL's own log: what the
// server says itself is better evidence than what its clients report. Every such line has SQLSTATE
// 53300, whatever the wording ("too many clients already", "remaining connection slots …").
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Postgres } from "../support/postgres.ts";

/** Settings of a server whose log can be counted. */
export const REFUSAL_LOG_FLAGS: Readonly<Record<string, string>> = {
  logging_collector: "on",
  log_destination: "jsonlog",
  log_directory: "log",
  log_filename: "server",
  log_rotation_age: "0",
  log_rotation_size: "0",
};

export type RefusalLog = {
  /** Logins refused since the log was opened. */
  count(): Promise<number>;
  close(): Promise<void>;
};

/** Opens the log of a server that was started with REFUSAL_LOG_FLAGS. */
export async function openRefusalLog(postgres: Postgres): Promise<RefusalLog> {
  const [row] = await postgres.query("SHOW data_directory");
  const file = await open(join(String(row?.["data_directory"]), "log", "server.json"));
  let position = (await file.stat()).size;
  let partialLine = "";
  let refused = 0;
  return {
    count: async () => {
      const bytes = await readFrom(file, position);
      position += bytes.length;
      const lines = (partialLine + bytes.toString("latin1")).split("\n");
      partialLine = lines.pop() ?? "";
      refused += countRefusals(lines);
      return refused;
    },
    close: () => file.close(),
  };
}

/** How many lines of a JSON log tell of a login that was refused for want of a slot. */
export function countRefusals(lines: readonly string[]): number {
  return lines.filter((line) => line.includes('"state_code":"53300"')).length;
}

async function readFrom(file: FileHandle, position: number): Promise<Buffer> {
  const length = (await file.stat()).size - position;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
