// What an entry may say of whom it picks: workloads by labels, one workload by its name, or pods by
// their own labels. Each takes fields that mean nothing with the others.

import { matches, type Rule } from "./rules.ts";

interface Picking {
  readonly selector?: object | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly pods?: object | undefined;
  readonly maxPods?: number | undefined;
  readonly plannedPods?: string | undefined;
  readonly resize?: string | undefined;
}

/** As the value of a label, which it is where it is not given. */
const podsNamePattern = "^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";

/** What an entry may say of whom it picks. */
export const pickingRules = [
  {
    cel: "has(self.pods) ? !has(self.selector) : has(self.selector) != has(self.name)",
    message: "give either selector, or name (with kind), or pods: exactly one of them",
    holds: ({ selector: labels, name, pods }: Picking) =>
      pods ? labels === undefined : (labels === undefined) !== (name === undefined),
  },
  {
    cel: "!has(self.kind) || (has(self.name) && !has(self.pods))",
    field: "name",
    isMissing: true as const,
    message: "kind goes with name: give name as well, or leave kind out",
    holds: ({ kind, name, pods }: Picking) =>
      kind === undefined || (name !== undefined && pods === undefined),
  },
  {
    cel: "!has(self.pods) || has(self.maxPods)",
    field: "maxPods",
    isMissing: true as const,
    message:
      "pods goes with maxPods: nothing else says how many there may be, so give the most that run at once",
    holds: ({ pods, maxPods }: Picking) => pods === undefined || maxPods !== undefined,
  },
  {
    cel: "!has(self.pods) || !has(self.plannedPods)",
    message: "pods are planned by maxPods: leave plannedPods out",
    holds: ({ pods, plannedPods }: Picking) => pods === undefined || plannedPods === undefined,
  },
  {
    cel: "!has(self.pods) || !has(self.resize) || self.resize != 'Live'",
    field: "resize",
    message: "resize Live is for workloads: beside pods leave resize out",
    holds: ({ pods, resize }: Picking) => pods === undefined || resize !== "Live",
  },
  {
    cel: `!has(self.pods) || !has(self.name) || self.name.matches(r'${podsNamePattern}')`,
    field: "name",
    message:
      "beside pods give a name of at most 63 letters, digits, '-', '_' and '.' that begins and ends with a letter or digit",
    holds: ({ pods, name }: Picking) =>
      pods === undefined || name === undefined || matches(name, podsNamePattern),
  },
] satisfies readonly Rule<Picking>[];
