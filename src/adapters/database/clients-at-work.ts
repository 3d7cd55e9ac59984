// The check of what a look at work brings: a list as JSON, the same from every engine.

import { isIP } from "node:net";
import { connectionsMax } from "../../api/database.ts";
import type { ClientsAtWork } from "../../domain/facts/facts.ts";
import { address, count, list, parsed, record, text } from "./answers.ts";

/** Throws Error if it is none; null: nobody is there. Without those of no address. */
export function clientsAtWork(answer: unknown): readonly ClientsAtWork[] {
  if (answer === null) return [];
  const rows = list(parsed(answer)).map(record);
  return rows.filter((row) => isIP(String(row["address"])) !== 0).map(clientIn);
}

function clientIn(row: Readonly<Record<string, unknown>>): ClientsAtWork {
  const sessions = count(row["sessions"], connectionsMax);
  return {
    user: text(row["user"]),
    address: address(row["address"]),
    sessions,
    atWork: count(row["atWork"], sessions),
  };
}
