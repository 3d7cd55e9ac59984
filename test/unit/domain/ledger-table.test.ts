// A table that can be added up, whatever the numbers and the names are.

import { engines } from "../../../src/api/engines.ts";
import { expect, test } from "vitest";
import { tableOf } from "../../../src/domain/explain/ledger-table.ts";

test("numbers stand below each other, and their sum below a rule", () => {
  const lines = [
    { slots: 3, text: "reserved" },
    { slots: 1510, text: "Deployment/web", notes: ["smaller with less", "or none"] },
    { slots: -1313, text: "missing" },
  ];
  expect(tableOf(lines, { maxConnections: 200, engine: engines.PostgreSQL })).toEqual([
    "    3  reserved",
    " 1510  Deployment/web",
    "       (smaller with less)",
    "       (or none)",
    "-1313  missing",
    "-----",
    "  200  max_connections",
  ]);
});

test("a role or a program cannot forge a line by its name", () => {
  const lines = [{ slots: 1, text: "foreign: psql by x\n 99\tfree\u001b[2K" }];
  expect(tableOf(lines, { maxConnections: 1, engine: engines.PostgreSQL })[0]).toBe(
    "1  foreign: psql by x  99 free [2K",
  );
});
