// The CEL of the admission policy for entries that pick pods by the pods' own labels. The first
// entry that matches a pod counts, with those of its name for other pools. A pod that belongs to a
// workload with a grant is not one of these, and neither is one that has a size already: where two
// policies pick it, it gets one size, whichever of them is first.

import { mainPool, podsKind } from "../api/keys.ts";
import { usualKind } from "../api/workload-kinds.ts";
import { furtherPoolsMax } from "../api/group.ts";

/** 0, 1, 2 …: by which lists are gone through together. */
export const placesList = `[${Array.from({ length: furtherPoolsMax }, (_, at) => at).join(", ")}]`;

/** Of an entry `w`: it picks this pod. */
const matches =
  "has(w.pods) && w.pods.matchLabels.size() > 0 && w.pods.matchLabels.all(l, " +
  "l in object.metadata.labels && object.metadata.labels[l] == w.pods.matchLabels[l])";

/** Whether any entry picks this pod; may stand where there are no variables. */
export const isPicked = `has(object.metadata.labels) && has(params.spec.workloads) && params.spec.workloads.exists(w, ${matches})`;

/** As podsEntryName in src/api/pods-entry.ts has it. */
const nameOf = "(has(w.name) ? w.name : w.pods.matchLabels[w.pods.matchLabels.map(l, l).min()])";
const poolOf = `(has(w.pool) ? w.pool : '${mainPool}')`;

const isNamedWorkload =
  "params.spec.workloads.exists(w, !has(w.pods) && has(w.name) && variables.workload == " +
  `(has(w.kind) ? w.kind : '${usualKind}') + '/' + w.name)`;

/** `annotationOf(key)` is CEL for the annotation of a pool of such a key. */
export function podsVariables(
  annotationOf: (key: string) => string,
): readonly (readonly [name: string, expression: string])[] {
  const at = "variables.pickedKeys[i]";
  const annotations = "object.metadata.annotations";
  const isFirstOfPool = "variables.pickedPools.indexOf(variables.pickedPools[i]) == i";
  const isSizedElse =
    `has(${annotations}) && ${annotationOf(at)} in ${annotations} && ` +
    `${annotations}[${annotationOf(at)}] != string(params.status.grants[${at}].poolSize)`;
  return [
    [
      "matching",
      `variables.workloadKeys.size() == 0 && ${isPicked} && !${isNamedWorkload} ? params.spec.workloads.filter(w, ${matches}) : []`,
    ],
    ["pickedNames", `variables.matching.map(w, ${nameOf})`],
    // A name means the labels of the first entry that has it; the schema cannot say so.
    [
      "namesakes",
      `variables.matching.size() > 0 ? params.spec.workloads.filter(w, has(w.pods) && ${nameOf} == variables.pickedNames[0]) : []`,
    ],
    [
      "alike",
      "variables.namesakes.all(w, w.pods.matchLabels == variables.matching[0].pods.matchLabels) ? variables.namesakes : []",
    ],
    ["pickedPools", `variables.alike.map(w, ${poolOf})`],
    [
      "pickedKeys",
      `variables.alike.map(w, '${podsKind}/' + params.metadata.name + ':' + ${nameOf} + (${poolOf} == '${mainPool}' ? '' : '/' + ${poolOf}))`,
    ],
    [
      "podsKeys",
      `${placesList}.filter(i, i < variables.pickedKeys.size() && ${isFirstOfPool} && ${at} in params.status.grants && !(${isSizedElse})).map(i, ${at})`,
    ],
  ];
}
