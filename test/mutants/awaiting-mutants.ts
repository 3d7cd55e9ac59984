// Defects in what waits for a policy that was just made, or made anew, and for a grant to settle.

import type { Mutant } from "./mutant.ts";

export const awaitingMutants: readonly Mutant[] = [
  {
    name: "a policy made anew has its place before its secret is read",
    file: "src/reconcile/observe/newcomers.ts",
    from: "return isPlaced || book.get(key)?.failure",
    to: "return isPlaced || book.get(key)?.server !== undefined || book.get(key)?.failure",
  },
  {
    name: "a policy that was made anew is not waited for",
    file: "src/domain/decide/decisions.ts",
    from: "return areRead && areLoginsKnown && holdingUp(namespace, snapshot) === undefined;",
    to: "return areRead && areLoginsKnown;",
  },
  {
    name: "a policy is not waited for until its replicas were asked",
    file: "src/domain/decide/decisions.ts",
    from: "return failure?.isReplicaUnread === true;",
    to: 'return failure?.reason === "AuthenticationFailed";',
  },
  {
    name: "a neighbour rolled for pods of a policy whose secret is not read yet",
    file: "src/domain/decide/obstacles.ts",
    from: "  policyIsAwaited,\n  serverIsUnknown,",
    to: "  serverIsUnknown,",
  },
  {
    name: "who makes policies without end holds up the rolls of others without end",
    file: "src/domain/supply/awaited-policies.ts",
    from: "isHold &&",
    to: "(isHold || true) &&",
  },
  {
    name: "of shrinks in a row only the last one is waited for",
    file: "src/reconcile/memory/grant-settlement.ts",
    from: "this.#sights.set(key, [latest, ...open]);",
    to: "this.#sights.set(key, [latest]);",
  },
  {
    name: "grown into what a shrink has yet to free",
    file: "src/domain/decide/limit-accounts.ts",
    from: "const unsettled = larger ? new Exposure(larger, limit.rolloutsMax, limit.ghostSlots) : exposure;",
    to: "const unsettled = exposure;",
  },
  {
    name: "a roll whose policy is not written keeps others from starting and growing without end",
    file: "src/reconcile/apply/attempts.ts",
    from: "if (isBlocked) this.#contested.note(write.key, this.nowMs);",
    to: "",
  },
  {
    name: "rolled to a size that is in force by the clock of who wrote it alone",
    file: "src/domain/decide/obstacles.ts",
    from: "inForce === poolSize && unsettledSize === undefined;",
    to: "inForce === poolSize;",
  },
];
