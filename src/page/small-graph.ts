// A small graph of the last hour: the time from left to right, slots from the bottom up to a line
// that is named beside it. SVG with attributes alone, as the page allows no inline styles.

import type { Point } from "./fleet-history.ts";
import { html, type Html } from "./html.ts";

const width = 120;
const height = 24;
const spanMs = 3_600_000;

/** `top`: the slots at the upper edge. Says in words what it shows, for those who do not see it. */
export function smallGraph(points: readonly Point[], nowMs: number, top: number): Html {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return html`<span class="none">no data yet</span>`;
  const most = points.reduce((max, { slots }) => Math.max(max, slots), top);
  const corners = points.map(({ atMs, slots }) => `${xOf(atMs, nowMs)},${yOf(slots, most)}`);
  const slots = points.map((point) => point.slots);
  const minutes = Math.round((nowMs - first.atMs) / 60_000);
  const words = `${first.slots} → ${last.slots} slots in ${minutes} min, between ${Math.min(...slots)} and ${Math.max(...slots)}`;
  return html`<svg class="graph" viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">
    <title>${words}</title>
    <polyline points="${corners.join(" ")} ${width},${yOf(last.slots, most)}" />
  </svg>`;
}

function xOf(atMs: number, nowMs: number): string {
  const share = 1 - (nowMs - atMs) / spanMs;
  return (Math.max(0, share) * width).toFixed(1);
}

function yOf(slots: number, most: number): string {
  const share = most > 0 ? slots / most : 0;
  return (height - 1 - share * (height - 2)).toFixed(1);
}
