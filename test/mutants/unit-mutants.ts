// Defects in deciding on several servers together: who is a member of which limit, and what must be
// known of each server.

import type { Mutant } from "./mutant.ts";

export const unitMutants: readonly Mutant[] = [
  {
    name: "a replica counts none of the pools whose policy counts on another server",
    file: "src/domain/decide/plan-unit.ts",
    from: "const keys = workloads.map(({ poolKey }) => poolKey);",
    to: "const keys = workloads.filter(({ policy }) => snapshot.policies.some((one) => one.key === policy && one.isReplica !== true)).map(({ poolKey }) => poolKey);",
  },
  {
    name: "of servers that are decided together the roomiest decides",
    file: "src/domain/decide/plan-unit.ts",
    from: 'return { ...limit, kind: "linked", name: server, server, pools };',
    to: 'return { ...limit, slots: limit.slots + 10, kind: "linked", name: server, server, pools };',
  },
  {
    name: "a pool grows although one of its servers does not answer",
    file: "src/domain/decide/decisions.ts",
    from: "return (pool) => asked.every((one) => !one.concerns(pool) || one.isKnown(pool.namespace));",
    to: "return (pool) => asked.some((one) => one.concerns(pool) && one.isKnown(pool.namespace));",
  },
  {
    name: "of servers that are decided together one that rolled later hides an eviction on another",
    file: "src/domain/decide/decisions.ts",
    from: "const { evictedAtMs, evictedOf } = (b.evictedAtMs ?? 0) > (a.evictedAtMs ?? 0) ? b : a;",
    to: "const { evictedAtMs, evictedOf } = (b.rolledAtMs ?? 0) > (a.evictedAtMs ?? 0) ? b : a;",
  },
  {
    name: "a pool is resized although nobody knows the limit of one of its servers",
    file: "src/domain/decide/plan-unit.ts",
    from: "? { ...position, managed: false, isServerUnknown: true }",
    to: "? { ...position, isServerUnknown: true }",
  },
  {
    name: "a repair is not held for the reading of each server of its pods",
    file: "src/domain/decide/plan-unit.ts",
    from: "if (!wish || !partsOf(wish).some(isHere)) return rolls;",
    to: "if (!wish || !partsOf(wish).some(isHere) || servers.length > 1) return rolls;",
  },
  {
    name: "a roll is started by each server that its pods connect to",
    file: "src/domain/decide/rolls-on-server.ts",
    from: "wish && policies.has(wish.position.policy.key) ? placed(wish, places) : undefined;",
    to: "wish && policies.size >= 0 ? placed(wish, places) : undefined;",
  },
  {
    name: "a server is decided on while another decision is under way there",
    file: "src/reconcile/memory/servers-in-hand.ts",
    from: "if (servers.some((server) => this.#inHand.has(server))) return false;",
    to: "if (servers.every((server) => this.#inHand.has(server))) return false;",
  },
  {
    name: "a replica is decided on by itself",
    file: "src/reconcile/resolve/server-links.ts",
    from: "found.add(canonical(next));",
    to: "found.add(server);",
  },
  {
    name: "two names of one server take one pool",
    file: "src/reconcile/resolve/policy-book.ts",
    from: "return Math.max(1, ...[...counts.values()].map(({ length }) => length));",
    to: "return Math.min(1, counts.size);",
  },
  {
    name: "the pods of a policy are unknown on its replicas",
    file: "src/reconcile/observe/replica-fleets.ts",
    from: "const isFirst = pool.policy === policy.key && !counted.has(poolIdOf(pool));",
    to: "const isFirst = pool.policy !== policy.key && !counted.has(poolIdOf(pool));",
  },
  {
    name: "a pool that policies of two servers claim counts for each of them",
    file: "src/domain/decide/plan-unit.ts",
    from: "if (byPool.size === positions.length) return positions;",
    to: "if (byPool.size >= 0) return positions;",
  },
  {
    name: "two pools of one name roll out one after the other",
    file: "src/domain/demand/own-positions.ts",
    from: "return isMain(pool) && pool.poolKey !== positions[index - 1]?.pool.poolKey;",
    to: "return isMain(pool) && index >= 0;",
  },
  {
    name: "a replica that is named anew is left before the new name was read",
    file: "src/reconcile/resolve/replicas.ts",
    from: "if (named?.some(isAwaited) !== true) return named;",
    to: "if (named?.some(isAwaited) !== undefined) return named;",
  },
  {
    name: "two names of one standby have its slots each",
    file: "src/reconcile/memory/server-memory.ts",
    from: "if (!isSameStandby(one.reading, other.reading)) return false;",
    to: "if (isSameStandby(one.reading, other.reading)) return false;",
  },
  {
    name: "two names are one standby as soon as both lead there",
    file: "src/reconcile/memory/name-identities.ts",
    from: "return (this.#seen.at(-1)?.fromMs ?? Infinity) <= sinceMs;",
    to: "return (this.#seen.at(-1)?.fromMs ?? sinceMs) < Infinity;",
  },
  {
    name: "picked pods of a workload of another server count there alone",
    file: "src/reconcile/observe/picked-pods.ts",
    from: "if (holders.some(isMember)) {",
    to: "if (holders.length > 0) {",
  },
  {
    name: "a size that Spring Boot binds by itself is forgotten",
    file: "src/reconcile/sizes/beside-the-size.ts",
    from: "(number < 0 ? ceiling : number) + Math.ceil(bound?.number ?? 0);",
    to: "(number < 0 ? ceiling : number) + Math.ceil(bound?.number ?? 0) * 0;",
  },
  {
    name: "after a restart a replica that was the policy's own server is forgotten",
    file: "src/reconcile/resolve/replicas.ts",
    from: "...(own === undefined ? [] : Array<string>(untold).fill(own))",
    to: '...(untold >= 0 ? [] : Array<string>(untold).fill(own ?? ""))',
  },
  {
    name: "a policy leaves its replicas before its new server was read",
    file: "src/reconcile/resolve/server-changes.ts",
    from: "    replicas: stoodWith,",
    to: "",
  },
  {
    name: "of servers behind one name the limit of the last one counts",
    file: "src/reconcile/memory/name-identities.ts",
    from: "if (this.#cameBackAtMs < sinceMs) return [];",
    to: "if (this.#cameBackAtMs >= -Infinity) return [];",
  },
];
