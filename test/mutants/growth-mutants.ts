// Defects in when running pods grow and new ones start: slots that another operator gives away too.

import type { Mutant } from "./mutant.ts";

export const growthMutants: readonly Mutant[] = [
  {
    name: "running pods grow before the statuses that say so",
    file: "src/reconcile/apply/apply.ts",
    from:
      "const statuses = await writeStatuses(applier, toldOf(applier, plan, resized), writing);\n" +
      "  const grown = await growPods(applier, plan, writing);",
    to:
      "const grown = await growPods(applier, plan, writing);\n" +
      "  const statuses = await writeStatuses(applier, toldOf(applier, plan, resized), writing);",
  },
  {
    name: "running pods grow although another operator has just written the status",
    file: "src/reconcile/apply/grow-pods.ts",
    from: "new Set([...attempts.passingOf, ...seen",
    to: "new Set([...seen",
  },
  {
    name: "what another operator has just given to running pods given away again",
    file: "src/reconcile/memory/written-statuses.ts",
    from: "others.atMs + othersSeenMs",
    to: "others.atMs",
  },
  {
    name: "our next status makes up for another operator's",
    file: "src/reconcile/memory/written-statuses.ts",
    from: "if (others) this.#others.set(policy.key, { atMs: others.atMs });",
    to: "if (others) this.#others.delete(policy.key);",
  },
  {
    name: "who edits his policy without end keeps running pods of others from growing",
    file: "src/reconcile/memory/growth-holds.ts",
    from: "return namespaces.some((one) => this.#holds.isHold(one, scene));",
    to: "return namespaces.length > 0;",
  },
  {
    name: "a pod whose release is refused is said to start, again and again",
    file: "src/reconcile/apply/grow-pods.ts",
    from: "!growth.isUndone(plan.server, pod.uid)",
    to: "true || !growth.isUndone(plan.server, pod.uid)",
  },
  {
    name: "a template that no controller has looked at counts as the one of before",
    file: "src/domain/decide/unsettled.ts",
    from: "workload.isUnseen === true && leavingPods > 0",
    to: "workload.isUnseen !== true && leavingPods < 0",
  },
  {
    name: "each workload that is changed keeps others from growing, also where the room covers it",
    file: "src/domain/decide/unsettled.ts",
    from: "workload.isUnseen === true && leavingPods > 0",
    to: "workload.isUnseen === true",
  },
  {
    name: "that its controller has not looked at a workload not told",
    file: "src/reconcile/observe/observe-workload.ts",
    from: "...(isUnseen && { isUnseen: true as const }),",
    to: "",
  },
];
