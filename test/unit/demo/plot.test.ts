// The plot is a pure function of the recording: where things are must be right, and the document
// must be one that a browser accepts.
import { describe, expect, test } from "vitest";
import { framePlot, ticks, xOf, yOf } from "../../demo/plot-frame.ts";
import { renderPlot } from "../../demo/plot.ts";
import { beginAct, emptyRecording, endAct } from "../../demo/recording.ts";
import type { Recording } from "../../demo/recording.ts";

function recordTwoActs(refused = 30): Recording {
  const recording = emptyRecording();
  const sample = (atMs: number, web: number, refusedSoFar: number): void => {
    const byService = new Map([["web", web]]);
    recording.samples.push({ atMs, sessions: web + 1, byService, refused: refusedSoFar });
  };
  beginAct(recording, { title: "Act <1>", withPolicy: false, atMs: 0 });
  sample(0, 100, 0);
  sample(5_000, 199, refused);
  recording.marks.push({ atMs: 5_000, text: "scaled & refused" });
  beginAct(recording, { title: "Act 2", withPolicy: true, atMs: 6_000 });
  sample(10_000, 60, refused);
  endAct(recording, 10_000);
  return recording;
}

describe("the plot", () => {
  const svg = renderPlot(recordTwoActs(), 200);

  test("is drawn the same from the same recording", () => {
    expect(renderPlot(recordTwoActs(), 200)).toBe(svg);
  });

  test("names the limit, both acts with their refusals, and what happened", () => {
    expect(svg).toContain(">max_connections = 200<");
    expect(svg).toContain(">30 refused<");
    expect(svg).toContain(">Act 2<");
    expect(svg.match(/>none refused</g)).toHaveLength(1);
    expect(svg).toContain(">scaled &amp; refused<");
  });

  test("marks refusals only where there were any", () => {
    expect(svg.match(/class="refused"/g)).toHaveLength(1);
    expect(renderPlot(recordTwoActs(0), 200)).not.toContain('class="refused"');
  });

  test("has every element closed and no number that is none", () => {
    const opened = [...svg.matchAll(/<([a-z]+)[^>]*?(\/?)>/g)].filter(
      ([, , slash]) => slash === "",
    );
    const closed = [...svg.matchAll(/<\/([a-z]+)>/g)];
    expect(opened.map(([, name]) => name).sort()).toEqual(closed.map(([, name]) => name).sort());
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("of an empty recording is a plot still", () => {
    expect(renderPlot(emptyRecording(), 200)).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("the frame", () => {
  const frame = framePlot(10_000, 200);

  test("maps time and sessions linearly into its corners", () => {
    expect([xOf(frame, 0), xOf(frame, 5_000), xOf(frame, 10_000)]).toEqual([64, 502, 940]);
    expect(yOf(frame, 0)).toBe(frame.bottom);
    expect(yOf(frame, frame.most)).toBe(frame.top);
    expect(yOf(frame, 10_000)).toBe(frame.top);
  });

  test.each([
    { end: 216, atMost: 5, wantTicks: [0, 50, 100, 150, 200] },
    { end: 96, atMost: 12, wantTicks: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90] },
    { end: 1, atMost: 5, wantTicks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
  ])("puts round numbers up to $end", ({ end, atMost, wantTicks }) => {
    const rounded = ticks(end, atMost).map((one) => Math.round(one * 10) / 10);
    expect(rounded).toEqual(wantTicks);
  });
});
