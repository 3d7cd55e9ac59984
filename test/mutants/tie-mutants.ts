// Defects in sharing a workload among policies: on which servers its pools count, what a rollout of
// them asks of whom, and when servers are decided together.

import type { Mutant } from "./mutant.ts";

export const tieMutants: readonly Mutant[] = [
  {
    name: "servers that share a workload are decided apart",
    file: "src/reconcile/resolve/policy-book.ts",
    from: "this.#ties.note(namespace, sharing);",
    to: "this.#ties.note(namespace, sharing.slice(sharing.length));",
  },
  {
    name: "servers stay tied when a policy is gone",
    file: "src/reconcile/resolve/policy-book.ts",
    from: "const tied = before ? this.#ties.renew(before.namespace) : [];",
    to: 'const tied = before ? this.#ties.renew(" ") : [];',
  },
  {
    name: "a policy that moves leaves its ties where it was",
    file: "src/reconcile/resolve/policy-book.ts",
    from: "const tied = this.#ties.renew(namespace);",
    to: 'const tied = this.#ties.renew(" ");',
  },
  {
    name: "shared workloads tie any number of servers",
    file: "src/reconcile/resolve/server-links.ts",
    from: 'links.around(names.canonical(one.server ?? ""), names).size > tiedMax;',
    to: 'links.around(names.canonical(one.server ?? ""), names).size > Infinity;',
  },
  {
    name: "policies that may not share a workload size it all the same",
    file: "src/reconcile/observe/shared-workloads.ts",
    from: "if (!sharing || book.mayShare(namespace, sharing)) return pools;",
    to: "if (!sharing || namespace.length > 0) return pools;",
  },
  {
    name: "two policies may name one pool beside another",
    file: "src/reconcile/observe/shared-workloads.ts",
    from: "return pools.size === claims.length ? policies : undefined;",
    to: "return pools.size > 0 ? policies : undefined;",
  },
  {
    name: "a decision of before the servers were tied is kept",
    file: "src/reconcile/memory/settled-decisions.ts",
    from: "if (!settled || !isSameValue(unitOf(settled.decision), unit)) return undefined;",
    to: "if (!settled || unitOf(settled.decision).length < 1 || unit.length < 1) return undefined;",
  },
  {
    name: "a rollout asks the server of the pool that wants it alone",
    file: "src/domain/decide/limit-accounts.ts",
    from: "for (const part of [{ index, poolSize }, ...beside]) {",
    to: "for (const part of [{ index, poolSize }, ...beside.slice(beside.length)]) {",
  },
  {
    name: "a rollout leaves out the pools on another server",
    file: "src/domain/decide/rolls-on-server.ts",
    from: "const others = beside.map((part) => ({ ...part, index: places.get(part.index) ?? elsewhere }));",
    to: "const others = beside.flatMap((part) => (places.has(part.index) ? { ...part, index: places.get(part.index) ?? elsewhere } : []));",
  },
  {
    name: "the policies of other pools have no say in a rollout",
    file: "src/domain/decide/policies-of-roll.ts",
    from: "if (heldOnly || seen.has(policy.key)) return false;",
    to: "if (heldOnly || seen.size > 0) return false;",
  },
  {
    name: "a policy without a place keeps others from rolling",
    file: "src/domain/decide/policies-of-roll.ts",
    from: "if (heldOnly || seen.has(policy.key)) return false;",
    to: "if (seen.has(policy.key) || (heldOnly && seen.size > 9)) return false;",
  },
  {
    name: "the shorter cooldown of two policies counts",
    file: "src/domain/decide/cooling-down.ts",
    from: "(endOf(b) > endOf(a) ? b : a), wish);",
    to: "(endOf(b) < endOf(a) ? b : a), wish);",
  },
  {
    name: "pods start on a server of which nobody knows the limit",
    file: "src/domain/decide/policies-of-roll.ts",
    from: "position.isServerUnknown === true);",
    to: "position.isServerUnknown !== true && position.heldOnly && !position.heldOnly);",
  },
  {
    name: "what nobody sizes on one server keeps another from being freed",
    file: "src/domain/decide/unsized-pools.ts",
    from: "!one.position.managed && areOnOneServer(terms.limits, wish.index, one.index),",
    to: "!one.position.managed && (areOnOneServer(terms.limits, wish.index, one.index) || wish.toShrink),",
  },
  {
    name: "the pool that comes along is not written into the template",
    file: "src/reconcile/apply/start-roll.ts",
    from: "if (!pool) return buildRoll(live, rolledAt);",
    to: "if (!pool || !writesTemplate(roll.position)) return buildRoll(live, rolledAt);",
  },
  {
    name: "a folded pool takes the first one of another policy with it",
    file: "src/reconcile/observe/further-pools.ts",
    from: "const first = found.filter(({ pool }) => pools.has(pool));",
    to: "const first = found.filter(({ pool }) => pool === found[0]?.pool && pools.has(pool));",
  },
  {
    name: "one variable of two policies counts twice",
    file: "src/reconcile/observe/count-once.ts",
    from: "function variableOf({ key, poolKey, container, sizing }: PoolFacts): string {",
    to: "function variableOf({ key, poolKey, container, sizing, policy }: PoolFacts): string {\n  if (policy > key) return poolKey;",
  },
  {
    name: "each of the servers that are tied starts a pod that waited",
    file: "src/domain/decide/live-on-server.ts",
    from: "const isOwn = policies.has(act.position.policy.key);",
    to: "const isOwn = policies.has(act.position.policy.key) || index !== undefined;",
  },
  {
    name: "what lacks is told by its place among the pools of all servers",
    file: "src/domain/decide/live-on-server.ts",
    from: "[[place, count] as const]",
    to: "[[index, count] as const]",
  },
  {
    name: "a pod of a gate that is gone starts on a server of which nobody knows the limit",
    file: "src/domain/decide/releases.ts",
    from: "position.isServerUnknown && !position.heldOnly",
    to: "position.isServerUnknown && !position.heldOnly && position.managed",
  },
  {
    name: "a grant that is kept keeps a gate that nobody opens",
    file: "src/reconcile/apply/write-status.ts",
    from: "return gatedFrom === undefined || wantsGate(pool) ? known : kept;",
    to: "return gatedFrom === undefined || wantsGate(pool) || pool.exists ? known : kept;",
  },
  {
    name: "what was decided before the process was stopped is written when it goes on",
    file: "src/reconcile/apply/write-in-turns.ts",
    from: "decidedAtMs + oldestDecisionMs);",
    to: "decidedAtMs + 1_000 * oldestDecisionMs);",
  },
  {
    name: "a namespace that is gone keeps the ties that it had",
    file: "src/reconcile/resolve/workload-ties.ts",
    from: "if (sharing.length === 0 || areGone) return;",
    to: "if (sharing.length === 0) return;",
  },
  {
    name: "any number of sets of policies may share workloads",
    file: "src/reconcile/resolve/workload-ties.ts",
    from: "[...tooMany, ...inOrder.slice(sharingsMax)]",
    to: "tooMany",
  },
  {
    name: "no workload is live on servers that are decided together",
    file: "src/domain/supply/live-pools.ts",
    from: "own.length > 1 ? [key] : []",
    to: "own.length > 0 ? [key] : []",
  },
  {
    name: "a policy that respects entries of others keeps another one from taking its own",
    file: "src/reconcile/apply/start-roll.ts",
    from: "return respecting.flatMap(templatePoolOf).every((pool) => areOnlyOurs(pool, live));",
    to: "return respecting.flatMap(templatePoolOf).length === 0;",
  },
  {
    name: "entries of others are taken for a policy that respects them",
    file: "src/reconcile/apply/start-roll.ts",
    from: "return managers.every((manager) => manager === fieldManager);",
    to: "return managers.length >= 0;",
  },
  {
    name: "edits in turns on servers that are decided together are waited for without end",
    file: "src/reconcile/server-reconciler.ts",
    from: "return this.#edits.areAwaited(unit, !members.every(({ key }) => this.#isCurrent(key)));",
    to: "return unit.map((one) => this.#edits.areAwaited([one], book.of(one).some(({ key }) => !this.#isCurrent(key)))).some(Boolean) && members.length > 0;",
  },
  {
    name: "each server that is tied to others makes them wait for edits anew",
    file: "src/reconcile/memory/awaited-edits.ts",
    from: "return unit.every((server) =>",
    to: "return unit.some((server) =>",
  },
  {
    name: "a server waits in the queue of whoever has tied another one to it",
    file: "src/reconcile/resolve/policy-book.ts",
    from: "this.unitOf(server).flatMap((one) => this.readersOf(one))",
    to: "this.readersOf(this.unitOf(server)[0] ?? server)",
  },
];
