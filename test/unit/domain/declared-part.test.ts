// A declared part of a server that others use as well: what they hold beside it takes nothing from
// it, and what does not fit beside it does.
import { expect, test } from "vitest";
import { budgetOf, capacityOf } from "../../../src/domain/supply/capacity.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import { ledgerComplaints } from "../../support/ledger-check.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

const web = aPolicy("web", {
  spec: { database: { secretRef: { name: "db" }, maxConnections: 100 } },
});

function snapshotWith(foreignCount: number): ReturnType<typeof aSnapshot> {
  const foreign = sessions(foreignCount, { user: "other_app" });
  const reading = aReading({ ownSessions: 1, sessions: [foreign] });
  const workload = aWorkload("web", { policy: web.key, grant: aGrant(10), pods: pods(4) });
  return aSnapshot({ database: aDatabase({ reading }), policies: [web], workloads: [workload] });
}

test.each([
  { name: "nobody else", foreign: 0, budget: 86 },
  { name: "90 sessions that fit beside it", foreign: 90, budget: 86 },
  { name: "100, which fill what is beside it", foreign: 100, budget: 86 },
  { name: "130, of which 30 do not fit beside it", foreign: 130, budget: 56 },
])("100 of 200 are declared, and there are $name: $budget", ({ foreign, budget }) => {
  const capacity = capacityOf(snapshotWith(foreign));

  expect(capacity && budgetOf(capacity, foreign, 1)).toBe(budget);
});

test("its pods keep their share, the ledger adds up, and the message counts what it charges", () => {
  const decision = plan(snapshotWith(90), startMs);
  const status = statusOf(decision, web);

  expect(decision.pools.map(({ share }) => share)).toEqual([10]);
  expect(ledgerComplaints(status)).toEqual([]);
  expect(status.ledger?.join("\n")).toContain("10  beyond maxConnections of policy shop/web");
  const within = status.conditions?.find(({ type }) => type === "WithinBudget")?.message;
  expect(within).toContain("need 80 slots, 86 are available");
  expect(within).toContain("foreign sessions 0 (of 90: 90 fit outside the declared limit) - own");
});
