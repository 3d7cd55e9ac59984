// Defects that let one namespace fill the memory of the operator, or keep its only thread busy.

import type { Mutant } from "./mutant.ts";

export const loadMutants: readonly Mutant[] = [
  {
    name: "further pools of a namespace without a bound",
    file: "src/reconcile/observe/further-pools.ts",
    from: "if (room >= 0) continue;",
    to: "if (room >= 0 || kept.size > 0) continue;",
  },
  {
    name: "further pools that have no room are given away",
    file: "src/reconcile/observe/further-pools.ts",
    from: "...withMoreConnections(facts, slots),",
    to: "...withMoreConnections(facts, 0 * slots),",
  },
  {
    name: "released pools without a bound",
    file: "src/reconcile/observe/few-released.ts",
    from: "if (released.length <= releasedMax) return pools;",
    to: "if (released.length >= 0) return pools;",
  },
  {
    name: "released pools beyond the bound are given away",
    file: "src/reconcile/observe/few-released.ts",
    from: "withMoreConnections(last, slots)",
    to: "withMoreConnections(last, 0 * slots)",
  },
  {
    name: "names of others worked out anew for each released pool",
    file: "src/reconcile/observe/released-pools.ts",
    from: "knownOf(workload)(claims);",
    to: "knownOf({ ...workload })(claims);",
  },
  {
    name: "names of a container told apart for each of its pools",
    file: "src/reconcile/sizes/pool-names.ts",
    from: "namesByStem(referableIn(container))",
    to: "namesByStem([...referableIn(container)])",
  },
  {
    name: "a decision of ten seconds charged for two",
    file: "src/runtime/charge.ts",
    from: "chargedMaxMs), busyMs)",
    to: "chargedMaxMs), 0 * busyMs)",
  },
  {
    name: "claims of any number of policies kept of a workload",
    file: "src/reconcile/observe/few-claims.ts",
    from: "if (chosen.size >= most) break;",
    to: "if (chosen.size >= most + all.length) break;",
  },
  {
    name: "a workload has any number of pools",
    file: "src/reconcile/observe/few-claims.ts",
    from: "if (pools.size >= poolsMax &&",
    to: "if (pools.size >= poolsMax + all.length &&",
  },
  {
    name: "a conflict of its own for each variable that pools share",
    file: "src/reconcile/observe/pool-writers.ts",
    from: "writers.map(({ pool }) => pool).join());",
    to: "writers.length + Math.random());",
  },
  {
    name: "names of any length remembered of every reading",
    file: "src/reconcile/memory/session-samples.ts",
    from: "|| weight.bytes > maxBytes ||",
    to: "||",
  },
  {
    name: "sessions remembered of any number of servers",
    file: "src/reconcile/memory/session-budget.ts",
    from: "return this.#bytes > maxBytes;",
    to: "return this.#bytes < 0;",
  },
  {
    name: "all ReplicaSets looked through for each pod",
    file: "src/reconcile/observe/predecessors.ts",
    from: "byUid(sets).get(ownerUid)",
    to: "sets.find(({ uid }) => uid === ownerUid)",
  },
  {
    name: "all sources of all containers looked up in",
    file: "src/reconcile/sizes/own-size.ts",
    from: "else if (sources <= sourcesMax) referring",
    to: "else if (sources >= 0) referring",
  },
  {
    name: "large secrets charged to nobody",
    file: "src/operator.ts",
    from: "chargedMs(spent.take(namespaceOf(key)), unchargedLookMs)",
    to: "spent.take(namespaceOf(key)) * 0",
  },
  {
    name: "large ConfigMaps charged to nobody",
    file: "src/reconcile/references/fetch-turns.ts",
    from: "chargedMs(busyMs, unchargedMs)",
    to: "0 * chargedMs(busyMs, unchargedMs)",
  },
  {
    name: "objects of a namespace kept whatever they take",
    file: "src/reconcile/memory/namespace-budget.ts",
    from: "<= budgetCharacters * (place + 1)",
    to: ">= 0 * (place + 1)",
  },
  {
    name: "a crowded ConfigMap fetched for every decision",
    file: "src/reconcile/references/references.ts",
    from: "isCrowded && nowMs < kept.endedAtMs + crowdedRetryMs;",
    to: "isCrowded && nowMs < kept.endedAtMs;",
  },
  {
    name: "keys that one policy looks up left out for those of another",
    file: "src/reconcile/references/kept-values.ts",
    from: "new Set([...keys].slice(-keysMax));",
    to: "new Set(now);",
  },
  {
    name: "keys of a ConfigMap noted without end",
    file: "src/reconcile/references/wanted-values.ts",
    from: "if (source.keys.size >= keysMax && !source.keys.has(key)) return false;",
    to: "",
  },
  {
    name: "look-ups of a namespace without end",
    file: "src/reconcile/references/wanted-values.ts",
    from: "if (++wanted.lookups > lookupsMax) return false;",
    to: "",
  },
  {
    name: "all numbers of a pool looked up",
    file: "src/reconcile/sizes/beside-the-size.ts",
    from: "names.slice(0, namesMax).flatMap(",
    to: "names.slice(0, 1_000 * namesMax).flatMap(",
  },
  {
    name: "arguments searched for sizes however many containers have them",
    file: "src/adapters/kubernetes/project-containers.ts",
    from: "read: part(charactersRead),",
    to: "read: charactersRead,",
  },
  {
    name: "all autoscalers of an owner looked at for each of its workloads",
    file: "src/reconcile/observe/autoscaling.ts",
    from: "oncePerName((target) => mostOf(autoscalers.byIndex(byTarget, target)));",
    to: "(target) => mostOf(autoscalers.byIndex(byTarget, target));",
  },
  {
    name: "what the fleet could hold kept anew with each reading",
    file: "src/reconcile/memory/shared-maps.ts",
    from: "for (const one of this.#known) if (isSame(one, map)) return one;",
    to: "for (const one of this.#known) if (one === map) return one;",
  },
  {
    name: "what the fleet could hold kept beside the budget of sessions",
    file: "src/reconcile/memory/session-weight.ts",
    from: "return size * entryBytes;",
    to: "return 0 * size * entryBytes;",
  },
  {
    name: "URLs of other servers left out for each workload anew",
    file: "src/reconcile/sizes/other-servers.ts",
    from: "ownContainers(sizing)(",
    to: "ownContainers({ ...sizing })(",
  },
  {
    name: "all that others hold looked through for each login",
    file: "src/domain/supply/foreign-names.ts",
    from: "others.sort(bySlots).slice(0, 2 * groupsShownMax);",
    to: "others.sort(bySlots);",
  },
];
