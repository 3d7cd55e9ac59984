// In which order the statuses of a decision are written.
import { expect, test } from "vitest";
import type { GrantDecision } from "../../../src/domain/decide/grants.ts";
import type { PoolPlan } from "../../../src/domain/decide/pool-plan.ts";
import { writePhases } from "../../../src/domain/decide/write-order.ts";
import { aPolicy, aPosition, aWorkload } from "../../support/builders.ts";

/** One workload for each pair of a policy's name and what is decided on it. */
function decisionOn(
  ...pairs: readonly (readonly [string, GrantDecision["decision"]])[]
): Pick<PoolPlan, "position" | "grant">[] {
  return pairs.map(([name, decision], index) => ({
    position: aPosition(aWorkload(`w${index}`, { policy: `shop/${name}` }), aPolicy(name)),
    grant: { poolSize: 5, settlingPoolSize: 0, settledAtMs: 0, decision },
  }));
}

function namesOf(phases: ReturnType<typeof writePhases>): string[][] {
  return phases.map((phase) => phase.map(({ policy }) => policy.key));
}

const never = (): number => 0;

test("what shrinks comes first, also where it grows as well, and what grows last", () => {
  const decision = decisionOn(
    ...([["grows", "Grow"] as const, ["waits", "Wait"] as const] as const),
    ...([["both", "Grow"] as const, ["both", "Shrink"] as const] as const),
    ["shrinks", "Shrink"],
  );
  const writes = ["grows", "waits", "both", "shrinks"].map((name) => ({ policy: aPolicy(name) }));

  const phases = writePhases(writes, decision, never);

  expect(namesOf(phases)).toEqual([["shop/both", "shop/shrinks"], ["shop/waits"], ["shop/grows"]]);
});

test("within a phase the status that was tried longest ago comes first", () => {
  const writes = ["a", "b", "c"].map((name) => ({ policy: aPolicy(name) }));
  const triedAtMs: Record<string, number> = { "shop/a": 3, "shop/b": 0, "shop/c": 2 };

  const phases = writePhases(writes, decisionOn(), (policy) => triedAtMs[policy] ?? 0);

  expect(namesOf(phases)).toEqual([[], ["shop/b", "shop/c", "shop/a"], []]);
});
