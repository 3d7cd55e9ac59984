// Which plots are kept: those of demos that were played to their end.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beginAct, emptyRecording, endAct } from "../../demo/recording.ts";
import { savePlotOnceOver } from "../../demo/save-plot.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "poolwarden-plot-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test("a demo that is stopped leaves the plot of the last one as it is", async () => {
  const path = join(directory, "sessions.svg");
  await writeFile(path, "the last good one");
  const stopped = Promise.reject(new Error("the stage is gone"));
  const plot = { recording: emptyRecording(), limit: 200, paths: [path] };

  await expect(savePlotOnceOver(stopped, plot)).rejects.toThrow("the stage is gone");

  expect(await readFile(path, "utf8")).toBe("the last good one");
});

test("a demo that was played to its end is drawn, in folders that are not there yet", async () => {
  const paths = ["a", "b"].map((name) => join(directory, name, "sessions.svg"));
  const recording = emptyRecording();
  beginAct(recording, { title: "Act 1", withPolicy: false, atMs: 0 });
  recording.samples.push({ atMs: 0, sessions: 7, byService: new Map(), refused: 0 });
  endAct(recording, 1_000);

  await savePlotOnceOver(Promise.resolve(), { recording, limit: 200, paths });

  for (const path of paths) expect(await readFile(path, "utf8")).toContain("Act 1");
});
