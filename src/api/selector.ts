// The label selector of an entry, as Kubernetes writes it. An empty one would take every workload
// of the namespace, and a wrong one none, so both are refused when a policy is applied.

import { z } from "zod";
import { labels } from "./labels.ts";
import { ruled } from "./rules.ts";

const expression = ruled(
  z.object({
    key: z.string().min(1).max(317).describe("Label key."),
    operator: z
      .enum(["In", "NotIn", "Exists", "DoesNotExist"])
      .describe("Relation of the label to the values."),
    values: z
      .array(z.string().max(63))
      .max(50)
      .optional()
      .describe("Values for In and NotIn; Exists and DoesNotExist take none."),
  }),
  [
    {
      field: "values",
      isMissing: true,
      cel: "self.operator in ['Exists', 'DoesNotExist'] || (has(self.values) && size(self.values) > 0)",
      message:
        "operator In or NotIn needs values: give at least one, or use Exists or DoesNotExist",
      holds: (one) => takesNoValues(one.operator) || (one.values ?? []).length > 0,
    },
    {
      field: "values",
      cel: "self.operator in ['In', 'NotIn'] || !has(self.values) || size(self.values) == 0",
      message:
        "operator Exists or DoesNotExist takes no values: leave them out, or use In or NotIn",
      holds: (one) => !takesNoValues(one.operator) || (one.values ?? []).length === 0,
    },
  ],
);

function takesNoValues(operator: string): boolean {
  return operator === "Exists" || operator === "DoesNotExist";
}

/** Zod schema of the labels by which an entry selects workloads. */
export const selector = ruled(
  z.object({
    matchLabels: labels.optional().describe("Labels that the workload must have."),
    matchExpressions: z
      .array(expression)
      .max(10)
      .optional()
      .describe("Label requirements that the workload must meet."),
  }),
  [
    {
      cel: "(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",
      message:
        "an empty selector would take every workload of the namespace: give selector.matchLabels or selector.matchExpressions",
      holds: (one) =>
        Object.keys(one.matchLabels ?? {}).length + (one.matchExpressions ?? []).length > 0,
    },
  ],
);
