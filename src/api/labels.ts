// Labels as Kubernetes accepts them. Checked when a policy is applied: later, an unusable label
// would only make a write fail, or quietly match nothing.

import { z } from "zod";
import { matches, ruled } from "./rules.ts";

const keyPattern =
  "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$";
const valuePattern = "^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$";

const labelsMax = 32;

/** A map of labels, at most 32. */
export const labels = ruled(
  z
    .record(z.string().max(317), z.string().max(63))
    .refine((map) => Object.keys(map).length <= labelsMax, `give at most ${labelsMax} labels`)
    .meta({ maxProperties: labelsMax }),
  [
    {
      cel: `self.all(key, key.matches(r'${keyPattern}') && self[key].matches(r'${valuePattern}'))`,
      message:
        "give label names and values that Kubernetes accepts: letters, digits, '-', '_' and '.', at most 63, beginning and ending with a letter or digit; a name may have a domain and '/' in front",
      holds: (map) =>
        Object.entries(map).every(
          ([key, value]) => matches(key, keyPattern) && matches(value, valuePattern),
        ),
    },
  ],
);
