// Notes how the fleet is once a minute, as long as the process runs.

import type { Clock } from "../ports.ts";
import type { PolicyReport } from "../render/pool-report.ts";
import { fleetViewOf } from "../render/fleet-view.ts";
import type { Part } from "../runtime/lifecycle.ts";
import { type FleetHistory, noteEveryMs } from "./fleet-history.ts";

export interface HistorySource {
  readonly reports: () => readonly PolicyReport[];
  readonly history: FleetHistory;
  readonly clock: Clock;
}

export function historyPart({ reports, history, clock }: HistorySource): Part {
  let cancel: (() => void) | undefined;
  const note = (): void => {
    history.note(fleetViewOf(reports()), clock.nowMs());
    cancel = clock.after(noteEveryMs, note);
  };
  return {
    name: "history of the page",
    start: () => {
      cancel = clock.after(firstNoteMs, note);
    },
    stop: () => cancel?.(),
  };
}

/** By then the caches are filled. */
const firstNoteMs = 5_000;
