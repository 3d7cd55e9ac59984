// Defects that let one namespace of a shared server take from the others what is theirs.

import type { Mutant } from "./mutant.ts";

export const guestMutants: readonly Mutant[] = [
  {
    name: "a website reads the pages through a forwarded port",
    file: "src/runtime/misled-browser.ts",
    from: 'return name.includes(".") && !isAddress',
    to: 'return name.includes(" ") && !isAddress',
  },
  {
    name: "a login that never worked taking away what others declare",
    file: "src/domain/supply/readers.ts",
    from: "policies.some((policy) => hasLogin(policy) && hasWorked(policy)),",
    to: "policies.some(hasLogin),",
  },
  {
    name: "a server that is away grown into by what others declare of it",
    file: "src/domain/supply/readers.ts",
    from: "return status?.loginWorked ?? ",
    to: "return status?.loginWorked === null || ",
  },
  {
    name: "a login of which an earlier release said nothing taken for one that never worked",
    file: "src/domain/supply/readers.ts",
    from: "?? status?.maxConnections !== undefined;",
    to: "?? false;",
  },
  {
    name: "what a login that is gone has read binds those who declare for ever",
    file: "src/reconcile/memory/readings.ts",
    from: "keepOnly(memory.readers, left);",
    to: "",
  },
  {
    name: "what was read forgotten while the policy with that login is there",
    file: "src/reconcile/memory/readings.ts",
    from: "if (memory.readers.size > 0) return;",
    to: "if (memory.failure === undefined && memory.readers.size > 0) return;",
  },
  {
    name: "no turn for what was decided and dropped",
    file: "src/reconcile/server-reconciler.ts",
    from: "const acts = signal.aborted ? applied : decision.rolls;",
    to: "const acts = applied;",
  },
  {
    name: "a pod that is evicted is no turn among rolls",
    file: "src/domain/decide/namespace-turns.ts",
    from: "rolledAtMs, lastEviction?.atMs ?? 0",
    to: "rolledAtMs",
  },
  {
    name: "evictions kept waiting by rolls of a namespace served since",
    file: "src/domain/decide/rolls.ts",
    from: "actsOf(found, first, oneByOne(sooner,",
    to: "actsOf(found, first, oneByOne(first ? [] : sooner,",
  },
  {
    name: "nobody grows while anything is in doubt",
    file: "src/domain/decide/decisions.ts",
    from: "=> mayAct && areKnown(pool);",
    to: "=> mayAct && areKnown(pool) && servers.every((one) => one.foreign.doubtedSlots === 0);",
  },
  {
    name: "sessions that a pod keeps beyond its size left to the room for rollouts",
    file: "src/domain/supply/session-sorting.ts",
    from: "beyond: standingBeyond(sessionSamples) },",
    to: "beyond: standingBeyond([]) },",
  },
  {
    name: "sessions beyond a size given back after one reading without them",
    file: "src/domain/supply/session-sorting.ts",
    from: "beyond: standingBeyond(sessionSamples) },",
    to: "beyond: standingBeyond(sessionSamples.slice(-1)) },",
  },
  {
    name: "sessions of a moment beyond a size taken from the budget",
    file: "src/domain/supply/sessions-beyond.ts",
    from: "const standingMs = 60_000;",
    to: "const standingMs = 0;",
  },
  {
    name: "a password proven by one round of SCRAM",
    file: "src/adapters/postgres/conversation.ts",
    from: "const leastRounds = 4_096;",
    to: "const leastRounds = 1;",
  },
  {
    name: "a server unhealthy for all because of one refused login",
    file: "src/render/pool-report.ts",
    from: "healthy: isRead || !hasFailed",
    to: "healthy: !hasFailed",
  },
  {
    name: "a router's server chosen by the names of policies",
    file: "src/reconcile/resolve/logins.ts",
    from: "const inOrder = seniorFirst(members);",
    to: "const inOrder = members;",
  },
  {
    name: "a bounded namespace speaks for a role that it does not log in with",
    file: "src/domain/supply/session-sorting.ts",
    from: "policies.filter((policy) => isHeard(policy, snapshot))",
    to: "policies.filter((policy) => policy.key || isHeard(policy, snapshot))",
  },
  {
    name: "a link in a folder leads out of it",
    file: "src/adapters/manifests/read-inputs.ts",
    from: "if (!`${real}${sep}`.startsWith(`${root}${sep}`))",
    to: "if (!`${real}${sep}`.startsWith(sep))",
  },
];
