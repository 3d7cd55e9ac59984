// Whose slots they are: names of other policies' workloads stay theirs, their policies do not.
import { expect, test } from "vitest";
import { sayHeldOnly, sayOwner } from "../../../src/domain/words/say-owner.ts";
import { positionOf, type Position } from "../../../src/domain/demand/position.ts";
import { aPolicy, aWorkload, pods, startMs } from "../../support/builders.ts";

function guest(name: string, podCount: number, heldOnly = true): Position {
  const policy = aPolicy("guests", { namespace: "bank" });
  const own = { namespace: "bank", policy: policy.key, pods: pods(podCount, { poolSize: 30 }) };
  return positionOf(aWorkload(name, own), policy, startMs, heldOnly);
}

test("a workload has its name for its own policy, and its policy's for others", () => {
  const position = guest("ledger", 1);

  expect(sayOwner(position, "bank/guests")).toBe("Deployment/ledger");
  expect(sayOwner(position, "shop/orders")).toBe("a workload of policy bank/guests");
});

test("what is held only: the largest first, with its slots, and nothing of those in force", () => {
  const positions = [guest("idle", 0), guest("api", 2), guest("web", 4), guest("old", 3, false)];

  expect(sayHeldOnly(positions, "bank/guests")).toBe("Deployment/web (120), Deployment/api (60)");
  expect(sayHeldOnly([guest("idle", 0)], "bank/guests")).toBe("");
});
