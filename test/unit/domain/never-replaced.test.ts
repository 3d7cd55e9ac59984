// Pods that an entry picks by labels keep their size; what a person reads of it is their number.
import { expect, it } from "vitest";
import { isEverReplaced, nobodyReplacesThem } from "../../../src/domain/decide/never-replaced.ts";
import type { Wish } from "../../../src/domain/decide/wishes.ts";
import type { PodFacts } from "../../../src/domain/facts/facts.ts";
import { aPosition, aWorkload, pods } from "../../support/builders.ts";

function wishFor(kind: "Deployment" | "Pods", running: readonly PodFacts[]): Wish {
  const position = aPosition(aWorkload("web", { kind, pods: running }));
  return { position, index: 0, poolSize: 5, toShrink: true, slots: 10, addedSlots: 0 };
}

it("pods of a workload are replaced by its rollout", () => {
  expect(isEverReplaced({ kind: "Deployment" })).toBe(true);
  expect(nobodyReplacesThem(wishFor("Deployment", pods(2)))).toBeUndefined();
});

it.each([
  { pods: pods(2), says: "2 pods keep larger pools until they end" },
  {
    pods: [...pods(1), ...pods(3, { poolSize: 5 })],
    says: "1 pod keeps a larger pool until it ends",
  },
  {
    pods: pods(1, { own: { poolSize: 5, source: "literal", unlimited: true } }),
    says: "1 pod keeps a larger pool",
  },
])("pods that are picked by labels are not: $says", ({ pods: running, says }) => {
  expect(nobodyReplacesThem(wishFor("Pods", running))).toMatchObject({
    reason: "NeverReplaced",
  });
  expect(nobodyReplacesThem(wishFor("Pods", running))?.message).toContain(says);
});
