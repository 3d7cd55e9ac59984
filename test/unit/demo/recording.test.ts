// The verdict of the demo is arithmetic over its samples; these are the cases that decide it.
import { describe, expect, test } from "vitest";
import {
  beginAct,
  emptyRecording,
  endAct,
  extremesOf,
  fromFirstAct,
} from "../../demo/recording.ts";
import type { Recording } from "../../demo/recording.ts";
import { judge } from "../../demo/verdict.ts";

function record(samples: readonly [atMs: number, sessions: number, refused: number][]): Recording {
  const recording = emptyRecording();
  for (const [atMs, sessions, refused] of samples) {
    recording.samples.push({ atMs, sessions, refused, byService: new Map() });
  }
  return recording;
}

describe("a recording", () => {
  const recording = record([
    [50, 10, 2],
    [100, 150, 2],
    [200, 199, 40],
    [300, 120, 45],
    [400, 180, 45],
    [900, 200, 99],
  ]);
  beginAct(recording, { title: "one", withPolicy: false, atMs: 100 });
  beginAct(recording, { title: "two", withPolicy: true, atMs: 300 });
  beginAct(recording, { title: "three", withPolicy: true, atMs: 350 });
  endAct(recording, 500);

  test("ends an act where the next begins", () => {
    expect(recording.acts.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [100, 300],
      [300, 350],
      [350, 500],
    ]);
  });

  test("begins with the first act where what came before does not matter", () => {
    const { samples, acts } = fromFirstAct(recording);
    expect(samples[0]).toMatchObject({ atMs: 0, sessions: 150, refused: 0 });
    expect(samples[1]).toMatchObject({ atMs: 100, sessions: 199, refused: 38 });
    expect(acts[1]).toMatchObject({ startMs: 200, endMs: 250 });
  });

  test("counts refusals of the acts alone, and charges each to the act that it was seen in", () => {
    expect(extremesOf(recording, false)).toEqual({ refused: 38, peak: 199 });
    expect(extremesOf(recording, true)).toEqual({ refused: 5, peak: 180 });
  });
});

test.each([
  { name: "refused without, none with", without: 1, withPolicy: 0, peak: 200, wantPassed: true },
  { name: "nothing refused at all", without: 0, withPolicy: 0, peak: 10, wantPassed: false },
  { name: "one refused with it", without: 9, withPolicy: 1, peak: 10, wantPassed: false },
  { name: "the peak passed the limit", without: 9, withPolicy: 0, peak: 201, wantPassed: false },
])("the demo's verdict: $name", ({ without, withPolicy, peak, wantPassed }) => {
  const verdict = judge({ refused: without, peak: 199 }, { refused: withPolicy, peak }, 200);
  expect(verdict.passed).toBe(wantPassed);
  expect(verdict.line).toBe(
    `demo: refused without=${without} with=${withPolicy}, peak without=199 with=${peak}, limit=200`,
  );
});
