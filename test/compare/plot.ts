// Two plots, each with a panel for every trace and a line for every way: the slots that were asked
// of the server, against its limit, and the share of the budget that pods could use. Made from the
// run itself; the same results give the same text.

import { round, ticks, xOf, yOf, type PlotFrame } from "../demo/plot-frame.ts";
import { text } from "../demo/plot-parts.ts";
import type { Point } from "./meter.ts";
import type { Result } from "./play.ts";
import { maxConnections, superuserReserved } from "./services.ts";
import { traces } from "./traces.ts";
import { wayNames, ways } from "./ways.ts";

interface Subject {
  readonly heading: string;
  readonly valueOf: (point: Point) => number;
  /** End of the axis; what is above is cut. */
  readonly most: number;
  readonly limit: { readonly value: number; readonly words: string } | undefined;
}

const ordinary = maxConnections - superuserReserved;

export const subjects = {
  asked: {
    heading: "Slots that pods and others may hold, against what the server has",
    valueOf: ({ asked }) => asked,
    most: 1.5 * maxConnections,
    limit: { value: ordinary, words: `${ordinary} ordinary slots` },
  },
  usable: {
    heading: "Pools of ready pods, in percent of the budget",
    valueOf: ({ usableShare }) => 100 * usableShare,
    most: 108,
    limit: undefined,
  },
} satisfies Record<string, Subject>;

const style = `
  .page { fill: #ffffff } text { fill: #3d444d; font: 11px system-ui, sans-serif }
  .heading { font-size: 15px; font-weight: 600 } .title { font-weight: 600 }
  .grid { stroke: #818b98; stroke-opacity: 0.3 } polyline { fill: none; stroke-linejoin: round }
  .a { stroke: #94a3b8; stroke-width: 1.2 } .b { stroke: #3b82f6; stroke-width: 4; stroke-opacity: 0.45 }
  .c { stroke: #f97316; stroke-width: 1 } .d { stroke: #a855f7; stroke-width: 2; stroke-dasharray: 2 3 }
  .e { stroke: #10b981; stroke-width: 1.2 } .f { stroke: #db2777; stroke-width: 1.2 }
  .g { stroke: #0e7490; stroke-width: 1.2 }
  .limit { stroke: #e5484d; stroke-width: 1.5; stroke-dasharray: 6 4 } text.alarm { fill: #d1242f }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #d1d7e0 } text.alarm { fill: #ff8182 }
  }`;

const [width, panelWidth, panelHeight, columns] = [960, 470, 170, 2];
const headHeight = 44;

export function renderPlot(results: readonly Result[], subject: Subject): string {
  const names = Object.keys(traces).filter((name) => results.some(({ trace }) => trace === name));
  // The last cell is the legend's.
  const height = headHeight + panelHeight * Math.ceil((names.length + 1) / columns) + 6;
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>${subject.heading}</title>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    text(16, 27, subject.heading, "start", "heading"),
    ...names.map((name, cell) => {
      const own = results.filter(({ trace }) => trace === name);
      return renderPanel(name, own, { subject, frame: frameOf(cell, name, subject) });
    }),
    renderLegend(names.length),
    "</svg>",
    "",
  ].join("\n");
}

function frameOf(cell: number, name: string, { most }: Subject): PlotFrame {
  const { left, top } = cornerOf(cell);
  return {
    ...{ width, height: panelHeight, stripTop: 0, stripBottom: 0 },
    left: left + 40,
    right: left + panelWidth - 12,
    top: top + 22,
    bottom: top + panelHeight - 26,
    endMs: traces[name]?.durationMs ?? 1,
    most,
  };
}

function cornerOf(cell: number): { readonly left: number; readonly top: number } {
  const row = Math.floor(cell / columns);
  return { left: 10 + (cell % columns) * panelWidth, top: headHeight + row * panelHeight };
}

function renderPanel(
  name: string,
  results: readonly Result[],
  { subject, frame }: { readonly subject: Subject; readonly frame: PlotFrame },
): string {
  const { left, right, top } = frame;
  const lines = results.map(
    ({ way, readings: { series } }) =>
      `<polyline class="${way}" points="${pointsOf(frame, series, subject.valueOf)}"/>`,
  );
  return [
    text(left, top - 7, traces[name]?.title ?? name, "start", "title"),
    text(right, top - 7, cutWords(results, subject), "end"),
    renderAxes(frame),
    ...lines,
    renderLimit(frame, subject),
  ].join("\n");
}

/** What a cut axis does not show. */
function cutWords(results: readonly Result[], { valueOf, most }: Subject): string {
  const cut = results.flatMap(({ way, readings: { series } }) => {
    const highest = Math.max(...series.map(valueOf));
    return highest > most ? [`(${way}) goes up to ${highest}`] : [];
  });
  return cut.join(", ");
}

function renderAxes(frame: PlotFrame): string {
  const { left, right, bottom, endMs, most } = frame;
  const levels = ticks(most, 4).map((level) => {
    const y = yOf(frame, level);
    const line = `<line class="grid" x1="${left}" y1="${y}" x2="${right}" y2="${y}"/>`;
    return `${line}${text(left - 6, y + 4, String(level), "end")}`;
  });
  const hours = ticks(endMs / 3_600_000, 6).map((hour) =>
    text(xOf(frame, hour * 3_600_000), bottom + 16, `${hour} h`, "middle"),
  );
  return [...levels, ...hours].join("\n");
}

function renderLimit(frame: PlotFrame, { limit }: Subject): string {
  if (!limit) return "";
  const y = yOf(frame, limit.value);
  const line = `<line class="limit" x1="${frame.left}" y1="${y}" x2="${frame.right}" y2="${y}"/>`;
  return `${line}${text(frame.right - 4, y - 4, limit.words, "end", "alarm")}`;
}

/** Of points on one level only the first and the last. */
function pointsOf(
  frame: PlotFrame,
  series: readonly Point[],
  valueOf: (point: Point) => number,
): string {
  const levels = series.map((point) => yOf(frame, valueOf(point)));
  const isNews = (index: number): boolean =>
    levels[index] !== levels[index - 1] || levels[index] !== levels[index + 1];
  return series
    .flatMap(({ atMs }, index) =>
      isNews(index) ? [`${round(xOf(frame, atMs))},${levels[index] ?? 0}`] : [],
    )
    .join(" ");
}

function renderLegend(cell: number): string {
  const { left, top } = cornerOf(cell);
  return wayNames
    .map((way, index) => {
      const y = top + 34 + index * 20;
      const line = `<polyline class="${way}" points="${left + 44},${y} ${left + 84},${y}"/>`;
      return `${line}${text(left + 94, y + 4, `(${way}) ${ways[way].title}`, "start")}`;
    })
    .join("\n");
}
