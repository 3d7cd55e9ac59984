// Defects in the order and the damping of what is written: grants, rolls, and what changes hands.

import type { Mutant } from "./mutant.ts";

export const orderMutants: readonly Mutant[] = [
  {
    name: "one pod that is not of our size lifts the rule for all",
    file: "src/domain/obstacles.ts",
    from: "return pods.every(({ sizedByOthers",
    to: "return pods.some(({ sizedByOthers",
  },
  {
    name: "growth that waits for ever for less than the tolerance",
    file: "src/domain/grants.ts",
    from: 'isWorthIt ? "Wait" : "Unchanged"',
    to: 'isWorthIt || share > 0 ? "Wait" : "Unchanged"',
  },
  {
    name: "a grant for another pool's variable taken for ours",
    file: "src/reconcile/hand-over.ts",
    from: "grant.env.some(({ name }) => name === maxSizeName);",
    to: 'grant.env.some(({ name }) => name !== maxSizeName || name !== "");',
  },
  {
    name: "what others hold beside a declared part taken from it",
    file: "src/domain/capacity.ts",
    from: "const beside = Math.max(0, foreignSlots - undeclaredSlots);",
    to: "const beside = Math.max(0, foreignSlots - Math.min(0, undeclaredSlots));",
  },
  {
    name: "a policy that joins planned for before it is known",
    file: "src/domain/standing.ts",
    from: "const placed = policies.filter(hasPlace);",
    to: "const placed = policies.filter((policy) => hasPlace(policy) || policies.length > 1);",
  },
  {
    name: "a neighbour shrunk for what an observing policy's pods hold",
    file: "src/domain/share-claims.ts",
    from: "Math.max(published, most[index] ?? 0)",
    to: "most[index] ?? 0",
  },
  {
    name: "a policy that was in force forgotten with its password",
    file: "src/domain/standing.ts",
    from: "(isUsable(policy) || wasInForce(policy))",
    to: "isUsable(policy)",
  },
  {
    name: "grown before it is free",
    file: "src/domain/position.ts",
    from: "grant && nowMs < grant.settledAtMs ? grant.settlingPoolSize : 0",
    to: "grant && nowMs < 0 ? grant.settlingPoolSize : 0",
  },
  {
    name: "no settle time",
    file: "src/domain/grants.ts",
    from: "settledAtMs: terms.nowMs + terms.settleTimeMs,",
    to: "settledAtMs: terms.nowMs,",
  },
  {
    name: "settle time counted from the decision, not from its sight",
    file: "src/reconcile/first-sights.ts",
    from: "unsettledUntilMs: seenMs + settleTimeMs",
    to: "unsettledUntilMs: Math.min(0, seenMs + settleTimeMs)",
  },
  {
    name: "grown whether it fits or not",
    file: "src/domain/limit-accounts.ts",
    from: "return exposure.slotsWithGrant(place, poolSize) <= limit.slots;",
    to: "return exposure.slotsWithGrant(place, poolSize) <= limit.slots + poolSize;",
  },
  {
    name: "grown as if the server were its only limit",
    file: "src/domain/limit-accounts.ts",
    from: "return this.#placesOf(index).every(({ account: { limit, exposure }, place }) => {",
    to: "return this.#placesOf(index).slice(0, 1).every(({ account: { limit, exposure }, place }) => {",
  },
  {
    name: "the grant of another policy ignored",
    file: "src/domain/position.ts",
    from: "const others = workload.otherGrantPoolSize ?? 0;",
    to: "const others = 0;",
  },
  {
    name: "a new admission policy trusted at once",
    file: "src/domain/position.ts",
    from: "return nowMs < (policy.admissionReadyAtMs ?? 0) ? workload.template.poolSize : 0;",
    to: "return nowMs < (policy.admissionReadyAtMs ?? 0) ? 0 : 0;",
  },
  {
    name: "two rolls at once",
    file: "src/domain/obstacles.ts",
    from: "if (inTheWay.length < Math.max(1, terms.limits.server.limit.rolloutsMax)) return undefined;",
    to: "if (inTheWay.length < Math.max(1, terms.limits.server.limit.rolloutsMax) + 1) return undefined;",
  },
  {
    name: "rolled although exposure rises",
    file: "src/domain/obstacles.ts",
    from: "if (!broken) return undefined;",
    to: "if (!broken || toShrink) return undefined;",
  },
  {
    name: "repaired although what really runs leaves no room for it",
    file: "src/domain/running.ts",
    from: "return fits(running, addedSlots) || running.stayingSlots > running.limitSlots;",
    to: "return fits(running, addedSlots) || running.stayingSlots > 0;",
  },
  {
    name: "repaired although a CONNECTION LIMIT leaves no room for it",
    file: "src/domain/refusing-limits.ts",
    from: "return [server, ...ofLogins];",
    to: "return [server, ...ofLogins.slice(0, 0)];",
  },
  {
    name: "a repair looks at the server's line alone",
    file: "src/domain/obstacles.ts",
    from: "if (isAllKnown && terms.limits.holdWhileRolling(index, poolSize)) return undefined;",
    to: "if (isAllKnown && terms.limits.server.exposure.slotsWhileRolling(index, poolSize) <= terms.limits.server.limit.slots) return undefined;",
  },
  {
    name: "sessions of others held against a declared part",
    file: "src/domain/refusing-limits.ts",
    from: "const { maxConnections, superuserReservedSlots, reservedSlots } = capacity;",
    to: "const { slots: maxConnections } = capacity as unknown as Capacity;\n  const [superuserReservedSlots, reservedSlots] = [0, 0];",
  },
  {
    name: "cooldown ignored",
    file: "src/domain/obstacles.ts",
    from: "if (toShrink || untilMs <= terms.nowMs) return undefined;",
    to: "if (toShrink || untilMs < Infinity) return undefined;",
  },
  {
    name: "no back-off before what others put back",
    file: "src/domain/cooldown.ts",
    from: "cooldownMs * 2 ** Math.min(reverts, 20)",
    to: "cooldownMs * Math.min(reverts, 1)",
  },
  {
    name: "tolerance ignored",
    file: "src/domain/wishes.ts",
    from: "const isWorth = lackSlots * 100 > heldSlots(position) * tolerancePercent;",
    to: "const isWorth = lackSlots * 100 > 0 * tolerancePercent;",
  },
  {
    name: "rolled again while it rolls",
    file: "src/domain/obstacles.ts",
    from: "if (!position.rolling) return undefined;",
    to: "if (!position.rolling || position.plannedPods > 0) return undefined;",
  },
  {
    name: "fewer planned pods counted at once",
    file: "src/domain/planned-pods.ts",
    from: "if (nowMs - fewerSinceMs >= cooldownMs) return none;",
    to: "if (nowMs - fewerSinceMs >= 0) return none;",
  },
  {
    name: "statuses written after the roll",
    file: "src/reconcile/apply.ts",
    from: "const attempts = new Attempts(applier, plan);",
    to:
      "const attempts = new Attempts(applier, plan);\n" +
      "  if (plan.rolls.roll) await rollOut(applier, plan.rolls.roll, attempts);",
  },
  {
    name: "rolled although a status did not go through",
    file: "src/reconcile/apply.ts",
    from: "if (attempts.keepFrom(policy)) return false;\n  const attempt = { policy, write: rollOf(workload) };",
    to: "const attempt = { policy, write: rollOf(workload) };",
  },
  {
    name: "rolled although the workload has changed since",
    file: "src/reconcile/start-roll.ts",
    from: "if (changed) return changed;",
    to: "",
  },
  {
    name: "grant withdrawn at once when its workload is deleted",
    file: "src/reconcile/hand-over.ts",
    from: "untilMs: hasPods ? Number.POSITIVE_INFINITY : sinceMs + cooldownMs }",
    to: "untilMs: hasPods ? 0 : 0 * (sinceMs + cooldownMs) }",
  },
  {
    name: "grant withdrawn before the heir's is in force",
    file: "src/reconcile/hand-over.ts",
    from: "return timeMs(successor.settledAt) ?? 0;",
    to: "return 0;",
  },
  {
    name: "a field that is not ours",
    file: "src/render/template-apply.ts",
    from: 'unlessEmpty("spec", unlessEmpty("template", template))',
    to: 'unlessEmpty("spec", { paused: false, ...unlessEmpty("template", template) })',
  },
  {
    name: "written although nothing changed",
    file: "src/reconcile/written-statuses.ts",
    from: "return isSameStatus(policy.status, status) || (isOurs && isSameStatus(last.status, status));",
    to: "return isOurs && policy.status === status;",
  },
  {
    name: "a rule that somebody deletes stays away",
    file: "src/reconcile/alert-rules.ts",
    from: `if (state === "inPlace") return Infinity;`,
    to: `if (state === "inPlace" || !store.get("")) return Infinity;`,
  },
  {
    name: "a rule written again although it stands",
    file: "src/reconcile/alert-rules.ts",
    from: `return cached.ownFields === written.ownFields ? "inPlace" : "changed";`,
    to: `return cached.resourceVersion === resourceVersion ? "inPlace" : "changed";`,
  },
  {
    name: "a roll said to have failed for ever although it was seen",
    file: "src/reconcile/report.ts",
    from: "wanted?.position.policy.key === key ? isDone : !isRefused;",
    to: "wanted?.position.policy.key === key && isDone && !isRefused;",
  },
];
