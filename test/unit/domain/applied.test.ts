// Whether pods have their sizes: what is said while they have not, and why.

import { describe, expect, it } from "vitest";
import { applied } from "../../../src/domain/explain/applied.ts";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { findingsOf } from "../../../src/domain/explain/findings.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const web = aWorkload("web", {
  pods: pods(3, { poolSize: 18 }),
  grant: aGrant(18),
  sizing: { ceiling: 18 },
});
const failure = { reason: "AuthenticationFailed" as const, message: "28P01" };
const neverRead = aDatabase({ reading: undefined, failure });

function saidOf(snapshot: Partial<Snapshot>, policy: PolicyFacts = aPolicy()): string {
  const made = plan(aSnapshot({ policies: [policy], workloads: [web], ...snapshot }), startMs);
  const positions = made.positions.filter((position) => position.policy.key === policy.key);
  const findings = findingsOf(made, policy, positions);
  const { status, reason, message } = applied(made, policy, { positions, findings });
  return `${status} ${reason}: ${message}`;
}

describe("applied", () => {
  it("says that all is done", () => {
    expect(saidOf({})).toBe(
      "True Applied: every pod has the assigned pool size, and new pods get it",
    );
  });

  it("does not say so of pods that keep another size, within the tolerance", () => {
    const workloads = [{ ...web, pods: [...pods(2, { poolSize: 18 }), ...pods(1)] }];
    const policy = aPolicy("orders", { spec: { stability: { tolerancePercent: 90 } } });
    expect(saidOf({ workloads }, policy)).toBe(
      "True Applied: new pods get the assigned pool size; 1 of 3 pods keeps another size",
    );
  });

  it("of many that wait the first five are named", () => {
    const workloads = Array.from({ length: 9 }, (_, at) => {
      const facts = {
        pods: pods(1, { poolSize: 4 }),
        grant: aGrant(5),
        rolledAtMs: startMs - 1000,
      };
      return aWorkload(`w${at}`, { ...facts, sizing: { ceiling: 5 } });
    });
    expect(saidOf({ workloads })).toContain("; w4: was rolled less than 5m ago; 4 more wait");
  });

  it("names a workload that does not exist, in Observe as well", () => {
    const workloads = [{ name: "web" }, { name: "wbe" }];
    for (const mode of ["Enforce", "Observe"]) {
      const policy = aPolicy("orders", { spec: { mode, workloads } });
      expect(saidOf({}, policy)).toContain(
        '; spec.workloads[1]: there is no Deployment "wbe" in namespace shop',
      );
    }
  });
});

describe("while the limit of the server is not known", () => {
  const template = "new pods use the value in their own template";

  it.each([
    { name: "at rest", workload: {} },
    { name: "while their owner deploys", workload: { rollingOut: true, updatedReplicas: 1 } },
  ])("nothing was assigned: $name", ({ workload }) => {
    const workloads = [{ ...web, ...workload, grant: undefined }];
    expect(saidOf({ database: neverRead, workloads })).toBe(
      `Unknown BudgetUnknown: no sizes are assigned until the limit of the server is known; ${template}`,
    );
  });

  it("what was assigned is kept", () => {
    expect(saidOf({ database: neverRead })).toBe(
      "True Applied: new pods get the pool size that was assigned last; no size changes until the " +
        "limit of the server is known",
    );
  });

  it("the same of a policy that cannot be used beside one that can", () => {
    const workloads = [{ ...web, grant: undefined }];
    expect(saidOf({ workloads }, aPolicy("orders", { failure }))).toBe(
      "Unknown BudgetUnknown: no sizes are assigned until the policy's connection to the database " +
        `works; ${template}`,
    );
  });
});
