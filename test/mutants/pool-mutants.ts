// Defects in what a pod is taken to hold: sizes that are set elsewhere, pools that are more than
// one variable, values that are no size.

import type { Mutant } from "./mutant.ts";

export const poolMutants: readonly Mutant[] = [
  {
    name: "pools of one workload roll out one by one",
    file: "src/domain/demand/exposure.ts",
    from: "return isAlone ? undefined : leadersOf(",
    to: "return isAlone || positions.length >= 0 ? undefined : leadersOf(",
  },
  {
    name: "a roll leaves the other pools of its workload as they are",
    file: "src/domain/demand/exposure.ts",
    from: "for (const each of this.#poolsWith(index)) {",
    to: "for (const each of [index]) {",
  },
  {
    name: "shares keep room for the rollout of one pool of a workload",
    file: "src/domain/demand/share-request.ts",
    from: "if (areAlone(requests)) return undefined;",
    to: "if (areAlone(requests) || requests.length >= 0) return undefined;",
  },
  {
    name: "each pool of a workload is rolled by itself",
    file: "src/domain/decide/joint-wishes.ts",
    from: "if (isAlone) return [...wishes];",
    to: "if (isAlone || wishes.length >= 0) return [...wishes];",
  },
  {
    name: "a roll does not wait for the sizes of the other pools",
    file: "src/domain/decide/obstacles.ts",
    from: "const times = partsOf(wish).flatMap(",
    to: "const times = [wish].flatMap(",
  },
  {
    name: "a rollout with two pools is taken for two",
    file: "src/domain/decide/rolls.ts",
    from: "const rolling = firstPools(positions).filter(",
    to: "const rolling = positions.filter(",
  },
  {
    name: "a rollout adds what one of its pools adds",
    file: "src/domain/decide/running.ts",
    from: "added.set(one, (added.get(one) ?? 0) + slots);",
    to: "added.set(one, slots);",
  },
  {
    name: "a quota plans for one pool of a pod",
    file: "src/domain/supply/namespace-quotas.ts",
    from: "slotsPerPod: pools.reduce((sum, pool) => sum + leastOf(pool), 0),",
    to: "slotsPerPod: leastOf(first),",
  },
  {
    name: "two pools that write one variable are no conflict",
    file: "src/reconcile/observe/pools-of-workload.ts",
    from: "if (shared === undefined) return [];",
    to: "if (shared === undefined || other.names.size > 0) return [];",
  },
  {
    name: "the second pool of a workload is not counted",
    file: "src/reconcile/observe/claims.ts",
    from: "return [...byPool.values()];",
    to: "return [...byPool.values()].slice(0, 1);",
  },
  {
    name: "a pool in another container is counted beside the size as well",
    file: "src/reconcile/sizes/other-pools.ts",
    from: "if (namesOfOthers === undefined) return observed;",
    to: "if (namesOfOthers === undefined || pods.length >= 0) return observed;",
  },
  {
    name: "what refers to another pool's variable counts as unknown",
    file: "src/reconcile/sizes/other-pools.ts",
    from: "envOfAllPools: env };",
    to: "envOfAllPools: ownEntries };",
  },
  {
    name: "an argument that refers to another pool's variable counts as unknown",
    file: "src/reconcile/sizes/variable-values.ts",
    from: "valueOf({ ...container, env: referableIn(container) }, [name], resolve);",
    to: "valueOf(container, [name], resolve);",
  },
  {
    name: "a reference to another pool's variable is no number",
    file: "src/reconcile/sizes/not-a-number.ts",
    from: "holdsNumber(entry, referableIn(container))",
    to: "holdsNumber(entry, container.env)",
  },
  {
    name: "the template of one pool alone is written",
    file: "src/reconcile/apply/start-roll.ts",
    from: "const [pool, ...beside] = partsOf(roll).flatMap(templatePoolOf);",
    to: "const [pool, ...beside] = [roll].flatMap(templatePoolOf);",
  },
  {
    name: "entries of another policy's pool are taken out of the template",
    file: "src/render/template-apply.ts",
    from: "(isShared || ofOthers.has(id));",
    to: "(isShared || ofOthers.has(''));",
  },
  {
    name: "two pools of a workload in one row",
    file: "src/domain/explain/rows.ts",
    from: "workload: poolNameIn(facts.poolKey),",
    to: "workload: `${workload.kind}/${workload.name}`,",
  },
  {
    name: "a size that wins over the variable is not counted",
    file: "src/reconcile/sizes/own-size.ts",
    from: "return override ?? variable;",
    to: "return variable;",
  },
  {
    name: "pods without a limit wait until somebody needs their slots",
    file: "src/domain/decide/rolls.ts",
    from: "const shrinkNeeded = shrinkNeededAt(index) || mustBeBounded(position);",
    to: "const shrinkNeeded = shrinkNeededAt(index);",
  },
  {
    name: "a variable that holds no number is written over",
    file: "src/reconcile/sizes/not-a-number.ts",
    from: "const other = sizes.find(",
    to: "const other = sizes.slice(0, 0).find(",
  },
  {
    name: "a reference to what comes from elsewhere is not followed",
    file: "src/reconcile/sizes/variable-values.ts",
    from: 'return said?.source === "literal" ? { ...said, where: otherwise.where } : said;',
    to: 'return said?.source === "literal" ? said : otherwise;',
  },
  {
    name: "the pool of a second container is not counted",
    file: "src/reconcile/sizes/beside-the-size.ts",
    from: "return others.reduce((sum, { number }) => sum + number, beyond);",
    to: "return beyond;",
  },
  {
    name: "a grant may be below the minimum that the template sets",
    file: "src/reconcile/sizes/beside-the-size.ts",
    from: "const floor = Math.max(sizing.floor, Math.ceil(minimum?.number ?? 0));",
    to: "const { floor } = sizing;",
  },
  {
    name: "pods that keep no limit are replaced again and again",
    file: "src/domain/decide/rolls-without-effect.ts",
    from: "own.unlimited === true || own.poolSize > poolSize",
    to: "own.poolSize > poolSize",
  },
  {
    name: "a grant below the minimum that the template sets stays in force",
    file: "src/reconcile/observe/hand-over.ts",
    from: "return poolSize >= leastPoolSize;",
    to: "return poolSize >= Math.min(0, leastPoolSize);",
  },
  {
    name: "a grant counts that the API server does not hand out",
    file: "src/api/granted-names.ts",
    from: "if (isRefused.size === 0) return grants;",
    to: "if (isRefused.size >= 0) return grants;",
  },
  {
    name: "a shorter name of the server taken for another server",
    file: "src/reconcile/sizes/other-servers.ts",
    from: "!`${own}.`.startsWith(`${host}.`);",
    to: "host !== own;",
  },
  {
    name: "pools of two policies are sized beside each other",
    file: "src/reconcile/observe/pools-of-workload.ts",
    from: "if (policies.size === 1) return [];",
    to: "if (policies.size > 0) return [];",
  },
];
