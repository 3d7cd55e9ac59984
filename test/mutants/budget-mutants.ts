// Defects in what is read and added up: the server's limits, other people's sessions, the sizes of
// pods, the ledger.

import type { Mutant } from "./mutant.ts";

export const budgetMutants: readonly Mutant[] = [
  {
    name: "a limit of one role cuts everybody",
    file: "src/domain/login-circles.ts",
    from: "if (!snapshot.policies.every((policy) => policy[kind] === name)) return false;",
    to: "if (!snapshot.policies.some((policy) => policy[kind] === name)) return false;",
  },
  {
    name: "the limit of a role that not all share bounds nobody",
    file: "src/domain/plan.ts",
    from: "...(capacity ? loginLimits(snapshot, capacity) : []),",
    to: "...(capacity ? loginLimits(snapshot, capacity).slice(0, 0) : []),",
  },
  {
    name: "sessions of others that carry our name are ours",
    file: "src/adapters/postgres/own-sessions.ts",
    from: "const taken = Math.min(known, count);",
    to: "const taken = count;",
  },
  {
    name: "our own session takes from limits of others",
    file: "src/domain/own-sessions.ts",
    from: "const counted = login ? sessions",
    to: "const counted = login === null ? sessions",
  },
  {
    name: "reserved_connections ignored",
    file: "src/domain/capacity.ts",
    from: "reservedSlots: reading.reservedConnections,",
    to: "reservedSlots: 0,",
  },
  {
    name: "superuser_reserved_connections ignored",
    file: "src/domain/capacity.ts",
    from: "superuserReservedSlots: reading.superuserReservedConnections,",
    to: "superuserReservedSlots: 0,",
  },
  {
    name: "limit of the role ignored",
    file: "src/domain/capacity.ts",
    from: "const limit = limitOfLogin(reading, login);",
    to: 'const limit = login.kind === "role" ? undefined : limitOfLogin(reading, login);',
  },
  {
    name: "the laxer reserve wins",
    file: "src/domain/capacity.ts",
    from: "if (slots > reserveSlots) [",
    to: "if (reserveBy === policies[0]?.key || slots < reserveSlots) [",
  },
  {
    name: "reserve not kept",
    file: "src/domain/capacity.ts",
    from: "capacity.slots - capacity.reserveSlots - foreign - ownSessions",
    to: "capacity.slots - foreign - ownSessions",
  },
  {
    name: "own session forgotten",
    file: "src/domain/capacity.ts",
    from: "capacity.slots - capacity.reserveSlots - foreign - ownSessions",
    to: "capacity.slots - capacity.reserveSlots - foreign",
  },
  {
    name: "foreign sessions not counted",
    file: "src/domain/capacity.ts",
    from: "capacity.slots - capacity.reserveSlots - foreign - ownSessions",
    to: "capacity.slots - capacity.reserveSlots - ownSessions",
  },
  {
    name: "foreign sessions read as zero without privilege",
    file: "src/domain/foreign.ts",
    from: "else tell(group, isOfFleet ? beyond(group) : count);",
    to: "else tell(group, isOfFleet || address === undefined ? 0 : count);",
  },
  {
    name: "foreign sessions of the latest reading only",
    file: "src/domain/foreign.ts",
    from: "for (const sample of samples) {",
    to: "for (const sample of samples.slice(-1)) {",
  },
  {
    name: "unseen sessions of the fleet's role all taken for the fleet's",
    file: "src/domain/foreign.ts",
    from: "tell(group, group.count - holdable.take(group));",
    to: "tell(group, Math.min(0, group.count - holdable.take(group)));",
  },
  {
    name: "sessions of pods that are gone forgotten",
    file: "src/domain/foreign.ts",
    from: "splits.map(({ ofFleet }) => ghostsAmong(ofFleet, snapshot))",
    to: "splits.map(() => 0)",
  },
  {
    name: "processes per pod forgotten",
    file: "src/domain/slots.ts",
    from: "return poolSize * sizing.processesPerPod + sizing.extraConnectionsPerPod;",
    to: "return poolSize + sizing.extraConnectionsPerPod;",
  },
  {
    name: "extra connections per pod forgotten",
    file: "src/domain/slots.ts",
    from: "return poolSize * sizing.processesPerPod + sizing.extraConnectionsPerPod;",
    to: "return poolSize * sizing.processesPerPod;",
  },
  {
    name: "the smaller of annotation and entry believed",
    file: "src/reconcile/own-size.ts",
    from: "Math.max(annotated, said?.poolSize ?? sizing.unmanagedPoolSize)",
    to: "Math.min(annotated, said?.poolSize ?? sizing.unmanagedPoolSize)",
  },
  {
    name: "pods without a size hold nothing",
    file: "src/reconcile/own-size.ts",
    from: `return said ?? { poolSize: sizing.unmanagedPoolSize, source: "unmanaged" };`,
    to: `return said ?? { poolSize: 0, source: "unmanaged" };`,
  },
  {
    name: "a line of the ledger twice",
    file: "src/domain/ledger.ts",
    from: "    ...workloadLines(policy, input),",
    to: "    ...workloadLines(policy, input),\n    ...workloadLines(policy, input),",
  },
  {
    name: "what a policy without a place plans for cuts the plans of others",
    file: "src/domain/namespace-quotas.ts",
    from: "isMember(quota, one.workload.key) && !one.heldOnly",
    to: "isMember(quota, one.workload.key)",
  },
  {
    name: "what may not be sized cut like the others",
    file: "src/domain/namespace-quotas.ts",
    from: "return { sized: podsFitting(sizedDemands, quota, kept), unsized };",
    to: "return { sized: podsFitting(demands, quota), unsized: podsFitting(demands, quota) };",
  },
  {
    name: "a policy without a place asked in vain whether it shares a limit",
    file: "src/domain/login-circles.ts",
    from: "if (!snapshot.policies.every((policy) => policy[kind] === name)) return false;",
    to: "if (!speakers(snapshot.policies).every((policy) => policy[kind] === name)) return false;",
  },
  {
    name: "a policy that names no login is bounded by no limit of one",
    file: "src/domain/login-members.ts",
    from: "return isUnsaid || policy[kind] === name;",
    to: "return !isUnsaid && policy[kind] === name;",
  },
  {
    name: "sessions of pods that log in as their policy does not say count nowhere",
    file: "src/domain/login-sessions.ts",
    from: "foreign: [...foreign, ...ofFleet.filter((group) => isOfOthers(group))],",
    to: "foreign,",
  },
  {
    name: "a limit dropped because it is not the smallest by its own size",
    file: "src/domain/login-limits.ts",
    from: "return login.limit < ordinarySlots && cut?.by",
    to: "return login.limit < capacity.slots && cut?.by",
  },
  {
    name: "a place kept by what a policy was on another server",
    file: "src/domain/standing.ts",
    from: "cameFromElsewhere !== true && status",
    to: "status",
  },
  {
    name: "what a guest's pod says of itself takes all of a database's CONNECTION LIMIT",
    file: "src/domain/share-claims.ts",
    from: 'if (!quota || limit.kind === "namespace") return Infinity;',
    to: "if (Infinity) return Infinity;",
  },
  {
    name: "a session counts on servers that it was not opened on",
    file: "src/adapters/postgres/own-sessions.ts",
    from: "if (!names.has(one.name)) continue;",
    to: "if (names.size === 0) continue;",
  },
  {
    name: "our session by another name of a server is a stranger's",
    file: "src/reconcile/logins.ts",
    from: "const names = [...askers.keys()];",
    to: "const names = [server];",
  },
  {
    name: "a login that the network swallowed is a stranger's",
    file: "src/adapters/postgres/database.ts",
    from: "if (error instanceof NoAnswer && error.reached) session.end();",
    to: "if (error instanceof NoAnswer && !error.reached) session.end();",
  },
  {
    name: "a number that is none reaches everybody's account",
    file: "src/domain/countable.ts",
    from: "return count < 0 ? 0 : most;",
    to: "return count;",
  },
];
