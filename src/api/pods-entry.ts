// Pods that an entry picks by their own labels, whatever made them, and what they are called where
// the entry gives no name. The API server works that out as well (render/admission-policy.ts).

import { z } from "zod";
import { labels } from "./labels.ts";
import { ruled } from "./rules.ts";

/** Zod schema of `pods`. */
export const podLabels = ruled(
  z.object({
    matchLabels: labels.describe("Labels that the pods must have, all of them."),
  }),
  [
    {
      field: "matchLabels",
      cel: "size(self.matchLabels) > 0",
      message: "empty labels would take every pod of the namespace: give pods.matchLabels",
      holds: ({ matchLabels }) => Object.keys(matchLabels).length > 0,
    },
    {
      field: "matchLabels",
      cel: "self.matchLabels.all(key, self.matchLabels[key] != '')",
      message: "give every label of pods.matchLabels a value",
      holds: ({ matchLabels }) => Object.values(matchLabels).every((value) => value !== ""),
    },
  ],
);

type Labels = z.output<typeof podLabels>;

/** What of an entry says so. */
interface PickingEntry {
  readonly name?: string | undefined;
  readonly pods?: Labels | undefined;
}

/** An entry that picks pods. */
export type PodsEntry<E extends PickingEntry = PickingEntry> = E & { readonly pods: Labels };

export function isPodsEntry<E extends PickingEntry>(entry: E): entry is PodsEntry<E> {
  return entry.pods !== undefined;
}

/** What the entry calls its pods: its name, else the value of the label whose key comes first. */
export function podsEntryName({ name, pods: { matchLabels } }: PodsEntry): string {
  if (name !== undefined) return name;
  const [first = ""] = Object.keys(matchLabels).sort();
  return matchLabels[first] ?? "";
}
