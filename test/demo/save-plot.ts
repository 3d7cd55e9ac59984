// Keeps the plot of a demo, where one was played to its end: a demo that is stopped, or that fails,
// has drawn half of it or nothing, and the plot of the last good one is worth more.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { renderPlot } from "./plot.ts";
import type { Recording } from "./recording.ts";

/** Rejects as `played` does, and then writes nothing. */
export async function savePlotOnceOver(
  played: Promise<unknown>,
  plot: {
    readonly recording: Recording;
    readonly limit: number;
    readonly paths: readonly string[];
  },
): Promise<void> {
  await played;
  const drawn = renderPlot(plot.recording, plot.limit);
  for (const path of plot.paths) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, drawn);
  }
}
