// Defects in what is said of the use of pools: too small a size, another pool's sessions, a number
// that swings or is forgotten.

import type { Mutant } from "./mutant.ts";

export const demandMutants: readonly Mutant[] = [
  {
    name: "a histogram that never forgets",
    file: "src/domain/demand/use-histogram.ts",
    from: "const decay = 2 ** (-passedMs / halfLifeMs);",
    to: "const decay = 2 ** (-passedMs / (1e6 * halfLifeMs));",
  },
  {
    name: "a weekend without pods ages what was seen",
    file: "src/domain/demand/use-histogram.ts",
    from: "const passedMs = Math.min(Math.max(0, gapMs), gapMsMax);",
    to: "const passedMs = Math.max(0, gapMs);",
  },
  {
    name: "a bucket that is told by its lower end",
    file: "src/domain/demand/use-histogram.ts",
    from: "  return topOf(last);",
    to: "  return topOf(Math.max(0, last - 1));",
  },
  {
    name: "the largest number of connections is not kept",
    file: "src/domain/demand/kept-use.ts",
    from: "...(last ? [last] : [])",
    to: "...(last ? [] : [])",
  },
  {
    name: "a kept histogram without its weight",
    file: "src/domain/demand/kept-use.ts",
    from: "weightsOf(parts, total / sum)",
    to: "weightsOf(parts, 1 / sum)",
  },
  {
    name: "less load is said at once",
    file: "src/domain/demand/said-use.ts",
    from: "said !== undefined && lowerMs < lowerForMs",
    to: "said !== undefined && lowerMs === 0",
  },
  {
    name: "a saying lowers all pools of a policy",
    file: "src/domain/demand/said-use.ts",
    from: "isPatient ? Math.max(peak, said.peak) : peak,",
    to: "peak,",
  },
  {
    name: "operators that change daily never get sure",
    file: "src/domain/demand/said-use.ts",
    from: 'now.confidence === "High" ? keptForMs : keptWhileRisingMs',
    to: "keptForMs",
  },
  {
    name: "connections beside a pool count as the pool's",
    file: "src/domain/demand/said-use.ts",
    from: "return Math.min(extraSlots, Math.max(0, beyond));",
    to: "return 0 * Math.min(extraSlots, Math.max(0, beyond));",
  },
  {
    name: "a pool is full while its largest pod is",
    file: "src/domain/demand/clients-at-work.ts",
    from: "sizes.reduce((a, b) => Math.min(a, b))",
    to: "sizes.reduce((a, b) => Math.max(a, b))",
  },
  {
    name: "an autoscaler that goes up and down writes all statuses",
    file: "src/domain/explain/use-findings.ts",
    from: "use.peak * Math.min(use.pods, position.plannedPods)",
    to: "use.peak * position.stayingPods",
  },
  {
    name: "what is kept is never written again",
    file: "src/domain/demand/said-use.ts",
    from: "histogram.seenMs >= seenMs + keptMs",
    to: "histogram.seenMs >= seenMs + 1e6 * keptMs",
  },
  {
    name: "pools that look alike are told apart",
    file: "src/domain/demand/clients-at-work.ts",
    from: "if (byRole.has(undefined)) return [];",
    to: "if (byRole.size === 0) return [];",
  },
  {
    name: "sessions of other roles count as the pool's",
    file: "src/domain/demand/clients-at-work.ts",
    from: "return role === undefined || user === role;",
    to: "return role === undefined || user !== undefined;",
  },
  {
    name: "a pod that ends is watched",
    file: "src/domain/demand/clients-at-work.ts",
    from: "isOnHostNetwork !== true && !terminating",
    to: "isOnHostNetwork !== true || !terminating",
  },
  {
    name: "a recommended size without a margin",
    file: "src/domain/demand/recommended-size.ts",
    from: "const [marginOf, marginPer] = [6, 5];",
    to: "const [marginOf, marginPer] = [5, 5];",
  },
  {
    name: "a recommended size below the minimum",
    file: "src/domain/demand/recommended-size.ts",
    from: "if (wanted >= floor) return",
    to: "if (wanted >= 0) return",
  },
  {
    name: "use is said whenever something moves",
    file: "src/reconcile/memory/pool-use.ts",
    from: "?? this.#startMs) < sayEveryMs) return;",
    to: "?? this.#startMs) < 0) return;",
  },
  {
    name: "what an earlier process kept is not read",
    file: "src/reconcile/memory/pool-use.ts",
    from: "const use = known ?? (row?.inUse && useIn(row.inUse));",
    to: "const use = known ?? (row?.inUse && undefined);",
  },
  {
    name: "small pools for a pool that was seen for an hour",
    file: "src/domain/explain/use-findings.ts",
    from: 'use.confidence === "Low" ||',
    to: "",
  },
  {
    name: "a look that failed is repeated",
    file: "src/adapters/database/work-looks.ts",
    from: "    if (!clients) {\n      this.stop();\n      return;\n    }\n    this.#tell(clients);",
    to: "    if (clients) this.#tell(clients);",
  },
];
