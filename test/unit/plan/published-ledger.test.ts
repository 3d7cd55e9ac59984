// What a plan over what runs takes from the accounts that the operator has published.

import { describe, expect, test } from "vitest";
import { aFleetOf, stepsIn } from "../../support/plan-fleet.ts";
import {
  answerOn,
  aPolicyOn,
  aWorkloadNamed,
  bySecret,
  manifests,
} from "../../support/plan-setup.ts";
import { limitsInLedger } from "../../../src/plan/published-ledger.ts";

const uri = "postgres://app@db.shop.svc/shop";
const running = manifests(aPolicyOn(bySecret), aWorkloadNamed("web"));
const against = ["--against-cluster"];

test("a ledger says what its server keeps, and the limit that all share", () => {
  const ledger = [
    " 2  superuser_reserved_connections",
    " 5  reserved_connections",
    "20  cut off by CONNECTION LIMIT 40 of role orders_app",
    "    (a note of 7  reserved_connections)",
  ];
  expect(limitsInLedger(ledger, "PostgreSQL")).toEqual({
    withheld: [
      { by: "superuser_reserved_connections", slots: 2 },
      { by: "reserved_connections", slots: 5 },
    ],
    login: { kind: "role", name: "orders_app", limit: 40 },
    behind: [],
  });
});

test("a ledger of a pooler says what it may open to the servers behind it", () => {
  const ledger = [
    "  (behind it: it may open 1 connection to db:5432 (0 open), which has 97 for applications)",
    "  (behind it: it may open any number of connections to db2:5432 (12 open), whose limit is not known: set database.serverBehind; session mode: a client holds one until it leaves)",
  ];
  const part = { processes: 1, entries: 1 };
  expect(limitsInLedger(ledger, "PgBouncer").behind).toEqual([
    { ...part, server: "db:5432", slots: 97, maySlots: 1, openSlots: 0, isSession: false },
    { ...part, server: "db2:5432", slots: undefined, maySlots: -1, openSlots: 12, isSession: true },
  ]);
});

describe("a plan over what runs begins where the operator is", () => {
  test.each([
    ["with what the server keeps", ["--reserved-connections", "9"], 77],
    ["with the limit of the role of all", ["--role-limit", "app=40"], 29],
  ])("%s", async (_, args, budget) => {
    const fleet = await aFleetOf(running, { uri, args });
    const answer = await answerOn(running, against, { fleet });
    expect(answer).toMatchObject({ exitStatus: 0, notes: [], servers: [{ budget }] });
    expect(stepsIn(answer)).toEqual([]);
  });

  test("and where it does not, it is said what differs", async () => {
    const fleet = await aFleetOf(running, { uri, args: ["--namespace-quotas", "shop=20"] });
    const answer = await answerOn(running, against, { fleet });
    expect(answer.notes.join()).toContain(
      "db.shop.svc:5432: before anything is applied, the operator has published a pool size of",
    );
    const flags = [...against, "--namespace-quotas", "shop=20"];
    expect((await answerOn(running, flags, { fleet })).notes).toEqual([]);
  });
});
