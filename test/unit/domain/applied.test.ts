// Whether pods have their sizes: what is said while they have not, and why.

import { describe, expect, it } from "vitest";
import { applied } from "../../../src/domain/applied.ts";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts.ts";
import { findingsOf } from "../../../src/domain/findings.ts";
import { plan } from "../../../src/domain/plan.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const web = aWorkload("web", {
  pods: pods(3, { poolSize: 18 }),
  grant: aGrant(18),
  sizing: { ceiling: 18 },
});

function saidOf(snapshot: Partial<Snapshot>, policy: PolicyFacts = aPolicy()): string {
  const made = plan(aSnapshot({ policies: [policy], workloads: [web], ...snapshot }), startMs);
  const positions = made.positions.filter((position) => position.policy.key === policy.key);
  const findings = findingsOf(made, policy, positions);
  const { status, reason, message } = applied(made, policy, { positions, findings });
  return `${status} ${reason}: ${message}`;
}

describe("applied", () => {
  it("says that all is done", () => {
    expect(saidOf({})).toBe("True Applied: every new pod gets its share");
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
