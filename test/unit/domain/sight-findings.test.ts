// What people are told to do where not all sessions are seen.

import { expect, test } from "vitest";
import { engines } from "../../../src/api/engines.ts";
import { cannotSeeSessions, showsNames } from "../../../src/domain/explain/sight-findings.ts";
import { aReading } from "../../support/builders.ts";

const told = { isOwn: true, engine: engines.Redis };

test("a right that is missing is named, and a client that says too much is looked for", () => {
  const word = aReading({ role: "watcher", seesAllSessions: false });
  expect(cannotSeeSessions(word, told).message).toContain("ACL SETUSER watcher +client|list");
  const { message } = cannotSeeSessions({ ...word, isInPart: true }, told);
  expect(message).toContain("(CLIENT LIST, then CLIENT KILL ID)");
  expect(message).not.toContain("ACL SETUSER");
});

test("names in place of addresses are the server's setting", () => {
  expect(showsNames().message).toContain("skip_name_resolve=ON");
});
