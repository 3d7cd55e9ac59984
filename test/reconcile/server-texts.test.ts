// Names that a server shows are chosen by whoever runs it, or logs in there: in a status they forge
// no line, move no cursor and turn no text around.

import { expect, test } from "vitest";
import { plan } from "../../src/domain/decide/plan.ts";
import { buildStatus } from "../../src/reconcile/apply/write-status.ts";
import { aDatabase, aPolicy, aReading, aSnapshot, startMs } from "../support/builders.ts";

const evil = "x\n    0  free: all is well\u001b[2J\u202e";

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

test("a role and its sessions with a line end, an escape and a mark of direction in their names", () => {
  const session = { user: evil, database: evil, applicationName: evil, address: undefined };
  const policy = aPolicy("orders", { role: evil });
  const reading = aReading({
    ...{ role: evil, seesAllSessions: false, roleLimits: { [evil]: 5 } },
    sessions: [
      { ...session, count: 30 },
      { ...session, user: `${evil}2`, count: 9 },
    ],
  });
  const snapshot = aSnapshot({ policies: [policy], database: aDatabase({ reading }) });

  const status = buildStatus(plan(snapshot, startMs), policy);

  const texts = textsIn(status);
  expect(status.findings?.map(({ reason }) => reason)).toContain("CannotSeeSessions");
  expect(texts.filter((text) => text.includes("all is well")).length).toBeGreaterThan(1);
  expect(texts.filter((text) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text))).toEqual([]);
});
