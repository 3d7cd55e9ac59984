// What a policy is told where sessions are known by their login.

import { describe, expect, test } from "vitest";
import { matchingFindings } from "../../../src/domain/explain/matching-findings.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { heldBy } from "../../../src/domain/supply/held-by.ts";
import * as build from "../../support/builders.ts";

const node = "172.16.0.1";
const quota = [{ namespace: "*", amount: 50, unit: "percent" as const }];

interface Row {
  readonly name: string;
  readonly match: "Auto" | "Address" | "Login";
  readonly from: string;
  readonly isBounded?: true;
  readonly says: readonly string[];
}

describe("a policy with sessions of its role from an address that no pod has", () => {
  test.each<Row>([
    {
      name: "is told that they count by their login",
      ...{ match: "Login", from: "192.0.2.7" },
      says: ["SessionsByLogin: spec.sessions.match is Login"],
    },
    {
      name: "is told what to set where it leaves it to Auto",
      ...{ match: "Auto", from: node },
      says: [
        "SessionsLookTranslated: set spec.sessions.match to Login; if these sessions are somebody",
      ],
    },
    { name: "is told nothing where it says Address", match: "Address", from: node, says: [] },
    {
      name: "is told that Login has no effect without a login of its own, where it is bounded",
      ...{ match: "Login", from: node, isBounded: true },
      says: ["SessionsLookTranslated: spec.sessions.match Login has no effect: namespace shop"],
    },
    {
      name: "is told nothing where it is bounded and leaves it to Auto",
      ...{ match: "Auto", from: node, isBounded: true, says: [] },
    },
  ])("$name", ({ match, from, isBounded, says }) => {
    const pods = build.pods(2, { addresses: ["10.0.0.1"], nodeAddresses: [node] });
    const workloads = [build.aWorkload("web", { pods })];
    const shown = build.sessions(8, { user: "app", address: from });
    const sample = { atMs: build.startMs, sessions: [shown], fleetSlotsBy: heldBy(workloads) };
    const policy = build.aPolicy("orders", { role: "app", spec: { sessions: { match } } });
    const snapshot = build.aSnapshot({
      database: build.aDatabase({ sessionSamples: [sample], sights: [] }),
      ...{ policies: [policy], workloads, ...(isBounded && { namespaceQuotas: quota }) },
    });
    const found = matchingFindings(plan(snapshot, build.startMs), policy);
    const told = found.map(({ reason, message }) => `${reason}: ${message}`);
    expect(told).toHaveLength(says.length);
    for (const [at, said] of says.entries()) {
      const [reason = "", message = ""] = said.split(/: (.*)/);
      expect(found[at]?.reason).toBe(reason);
      expect(told[at]).toContain(message);
    }
  });
});
