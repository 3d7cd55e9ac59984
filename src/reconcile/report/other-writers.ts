// Who else writes the statuses of a server's policies: noted for the next status of each, and said
// once in the log, because another installation writes all policies, and its log has that line too.

import { countingHere } from "../../domain/demand/standing.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import type { WrittenStatuses } from "../memory/written-statuses.ts";
import type { Reporter } from "./report.ts";

interface Writers {
  readonly applier: { readonly written: Pick<WrittenStatuses, "findingOf"> };
  readonly reporter: Pick<Reporter, "notes" | "log">;
}

const topic = "another writer";

export function noteOtherWriters(
  { applier: { written }, reporter: { notes, log } }: Writers,
  { snapshot, nowMs }: Pick<Plan, "snapshot" | "nowMs">,
): void {
  for (const { key } of countingHere(snapshot)) {
    const finding = written.findingOf(key, nowMs);
    if (finding && !notes.has(topic)) {
      log.warn(
        { policy: key, reason: finding.reason, said: finding.message },
        "another installation of Poolwarden writes the same policies: leave only one",
      );
    }
    notes.set(key, topic, finding);
  }
}
