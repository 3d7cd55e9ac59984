// What a ledger in a status says of its server's limits beyond max_connections: slots that the
// server keeps from applications, and a limit of the login that all policies share. The lines are
// those of src/domain/explain/ledger.ts.

import { type EngineName, engines } from "../api/engines.ts";
import { type LimitedLogin, pairNameOf } from "../domain/supply/connection-limits.ts";
import type { ServerBehind } from "../domain/facts/facts.ts";
import type { Withheld } from "../domain/supply/withheld.ts";

export interface PublishedLimits {
  /** Of a pooler: the servers that it connects to. */
  readonly behind: readonly PublishedBehind[];
  /** As the server said it; what is not named is 0. */
  readonly withheld: readonly Withheld[];
  readonly login: LoginLimit | undefined;
}

export type LoginLimit = Pick<LimitedLogin, "kind" | "name" | "limit">;

/** `ledger`: not empty. */
export function limitsInLedger(ledger: readonly string[], engine: EngineName): PublishedLimits {
  const lines = ledger.flatMap((line) => {
    const [, slots, text] = /^ *(\d+) {2}(.*)$/.exec(line) ?? [];
    return slots === undefined || text === undefined ? [] : [{ slots: Number(slots), text }];
  });
  const withheld = engines[engine].withheld.map(({ by }) => {
    return { by, slots: lines.find(({ text }) => text === by)?.slots ?? 0 };
  });
  const [login] = lines.flatMap(({ text }) => loginLimitIn(text) ?? []);
  return { withheld, login, behind: ledger.flatMap(behindIn) };
}

export interface PublishedBehind extends ServerBehind {
  /** What it has for applications, where that is known. */
  readonly slots: number | undefined;
}

const behindForm = new RegExp(
  "^ *\\(behind it: it may open (any number of|\\d+) connections? to (\\S+) \\((\\d+) open\\), " +
    "(?:which has (\\d+) for applications|[^;]*)(; session mode: .*)?\\)$",
);

/** A line of src/domain/explain/tier-rows.ts. */
function behindIn(line: string): PublishedBehind[] {
  const found = behindForm.exec(line);
  if (!found) return [];
  const [, may = "", server = "", open = "", has, mode] = found;
  const maySlots = may === "any number of" ? -1 : Number(may);
  const isSession = mode !== undefined;
  const slots = has === undefined ? undefined : Number(has);
  const one = { processes: 1, entries: 1, maySlots, openSlots: Number(open), isSession };
  return [{ server, slots, ...one }];
}

/** `cut off by CONNECTION LIMIT 40 of role shop_app` */
function loginLimitIn(text: string): LoginLimit | undefined {
  const found = /^cut off by \D* (\d+) of (role|database) (.+)$/.exec(text);
  if (!found) return undefined;
  const [, limit, kind, name = ""] = found;
  const [role = "", database] = name.split(" on database ");
  if (kind === "role" && database !== undefined) {
    return { kind: "pair", name: pairNameOf({ role, database }), limit: Number(limit) };
  }
  return { kind: kind === "role" ? "role" : "database", name, limit: Number(limit) };
}
