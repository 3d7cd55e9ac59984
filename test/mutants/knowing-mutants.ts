// Defects in knowing and not knowing: what is decided on, by whom, and from which moment.

import type { Mutant } from "./mutant.ts";

export const knowingMutants: readonly Mutant[] = [
  {
    name: "a status built from the spec before the latest edit is written on top of it",
    file: "src/reconcile/server-reconciler.ts",
    from: "return known !== undefined && isCurrent(known, caches.policies.get(key));",
    to: "return known !== undefined;",
  },
  {
    name: "workloads released by the spec before the latest edit",
    file: "src/reconcile/release-reconciler.ts",
    from: "resolved && !isCurrent(resolved, policy)",
    to: "resolved && !isCurrent(resolved, policy) && !policy.key",
  },
  {
    name: "on the way to Template the grant of a deleted workload is dropped",
    file: "src/reconcile/observe.ts",
    from: "untilMs > nowMs).map(",
    to: "untilMs > nowMs && false).map(",
  },
  {
    name: "grown on caches that are not filled",
    file: "src/domain/plan.ts",
    from: "mayAct && isAllTold &&",
    to: "isAllTold &&",
  },
  {
    name: "grown while it is in doubt whose sessions are",
    file: "src/domain/plan.ts",
    from: "areAllKnown(snapshot) && foreign.doubtedForMs === undefined;",
    to: "areAllKnown(snapshot);",
  },
  {
    name: "sessions in doubt at an address that was there before",
    file: "src/domain/doubted-sessions.ts",
    from: 'doubted.delete(address ?? "");',
    to: 'void (address ?? "");',
  },
  {
    name: "sessions in doubt for as long as their reading is the latest",
    file: "src/reconcile/readings.ts",
    from: "const newForMs = atMs + newMs - monotonicMs;",
    to: "const newForMs = Math.max(1, atMs + newMs - monotonicMs);",
  },
  {
    name: "grown although the last reading failed",
    file: "src/domain/plan.ts",
    from: "if (database.failure) return false;",
    to: "",
  },
  {
    name: "a silent watch taken for fresh",
    file: "src/runtime/freshness.ts",
    from: "return ageMs(this.#caughtUpAt, this.#clock) < freshForMs;",
    to: "return this.#caughtUpAt !== longAgo;",
  },
  {
    name: "what a watch brings first taken for a sign that nothing is missing",
    file: "src/runtime/freshness.ts",
    from: "if (this.hasHeld) this.#caughtUpAt",
    to: "this.#caughtUpAt",
  },
  {
    name: "resumed again and again where no watch holds",
    file: "src/runtime/informer.ts",
    from: "if (this.#freshness.isListDue) this.#position = undefined;",
    to: "",
  },
  {
    name: "a lost position never listed anew",
    file: "src/runtime/informer.ts",
    from: "if (this.#isPositionLost(problem)) this.#position = undefined;",
    to: "",
  },
  {
    name: "what went while nobody looked kept in the cache",
    file: "src/runtime/informer.ts",
    from: "if (!seen.has(object.key)) this.#remove(object);",
    to: "if (!seen.has(object.key)) seen.has(object.key);",
  },
  {
    name: "last reading forgotten when one fails",
    file: "src/reconcile/readings.ts",
    from: "memory.failure = { reason, message };",
    to: "memory.failure = { reason, message };\n      memory.samples = [];",
  },
  {
    name: "fence open after the lease is lost",
    file: "src/reconcile/fenced-cluster.ts",
    from: `if (message !== undefined) return { kind: "unavailable", message };`,
    to: "",
  },
  {
    name: "renewal counted from its answer",
    file: "src/runtime/leader-election.ts",
    from: "this.#renewed = sent;",
    to: "this.#renewed = momentOf(this.#options.clock);",
  },
  {
    name: "a dead process that only waited taken for a dead leader",
    file: "src/runtime/rivals.ts",
    from: "holder.startsWith(ownPod) && acquiredAtMs > 0;",
    to: "holder.startsWith(ownPod);",
  },
  {
    name: "a server read as often as decisions wish",
    file: "src/reconcile/rereads.ts",
    from: "Math.max(0, readAtMs + pauseMs - clock.monotonicMs())",
    to: "0",
  },
  {
    name: "rolled beside pods whose login is not known as if they had another one",
    file: "src/domain/refusing-limits.ts",
    from: "return { ...running, slots: running.slots + possibleSlots, possibleSlots };",
    to: "return { ...running, possibleSlots };",
  },
  {
    name: "the line taken for kept although logins are not known",
    file: "src/domain/obstacles.ts",
    from: "if (isAllKnown && terms.limits.holdWhileRolling",
    to: "if (terms.limits.holdWhileRolling",
  },
  {
    name: "the role that the spec says is not known while the secret cannot be read",
    file: "src/reconcile/resolve-policy.ts",
    from: "const { connection, role = spec.database.role, database } =",
    to: "const { connection, role, database } =",
  },
  {
    name: "a repair on sessions that were not looked at again",
    file: "src/domain/reading-wish.ts",
    from: "ghostSlots === 0 || !isOld ||",
    to: "ghostSlots === 0 || isOld ||",
  },
  {
    name: "writes of a dead process not waited for",
    file: "src/runtime/leader-election.ts",
    from: "if (!this.#succeedsDead) return 0;",
    to: "if (this.isLeading) return 0;",
  },
  {
    name: "a decision that stands whatever has changed",
    file: "src/reconcile/settled-decisions.ts",
    from: "if (!isSameSnapshot(settled, snapshot)) return undefined;",
    to: "",
  },
  {
    name: "a new login speaks for the server",
    file: "src/reconcile/logins.ts",
    from: "return [...working.toSorted((a, b) => rank(a) - rank(b)), ...inTurns(waited)];",
    to: "return [...inTurns(waited), ...working];",
  },
  {
    name: "a login without sight speaks beside one with it",
    file: "src/reconcile/database-reconciler.ts",
    from: "if (!known || seesMore) read.set(login.name, reading);",
    to: "read.set(login.name, reading);",
  },
  {
    name: "a role claims the sessions of other namespaces",
    file: "src/domain/unseen.ts",
    from: "const left = this.#leftOf ? (this.#leftOf.get(namespace) ?? 0) : Infinity;",
    to: "const left = Infinity;",
  },
  {
    name: "a policy that was made anew is not waited for",
    file: "src/domain/plan.ts",
    from: "return areLoginsKnown && snapshot.awaitedPolicy === undefined;",
    to: "return areLoginsKnown;",
  },
];
