// Draws the recording as one SVG: the sessions of each service against the limit, the refused
// logins above them, the acts and what happened in them. A background of its own keeps it readable
// on light and on dark pages alike.
import { framePlot } from "./plot-frame.ts";
import {
  renderActs,
  renderAxes,
  renderLegend,
  renderLimit,
  renderMarks,
  renderRefusals,
  renderSessions,
  text,
} from "./plot-parts.ts";
import { fromFirstAct } from "./recording.ts";
import type { Recording } from "./recording.ts";

const STYLE = `
  .page { fill: #ffffff } text { fill: #3d444d; font: 11px system-ui, sans-serif }
  .heading { font-size: 15px; font-weight: 600 } .title { font-weight: 600 }
  .band { fill: #818b98; fill-opacity: 0.10 } .odd { fill-opacity: 0.18 }
  .grid { stroke: #818b98; stroke-opacity: 0.3 } .mark { stroke: #818b98; stroke-dasharray: 2 3 }
  .web { fill: #3b82f6 } .worker { fill: #10b981 } .reports { fill: #f59e0b } .others { fill: #94a3b8 }
  .limit { stroke: #e5484d; stroke-width: 1.5; stroke-dasharray: 6 4 }
  .refused { fill: #e5484d } text.alarm { fill: #d1242f; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #d1d7e0 } text.alarm { fill: #ff8182 }
  }`;

/** A complete SVG document. The same recording gives the same text. */
export function renderPlot(everything: Recording, limit: number): string {
  const recording = fromFirstAct(everything);
  const { samples } = recording;
  const frame = framePlot(samples.at(-1)?.atMs ?? 0, limit);
  const { width, height } = frame;
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>Sessions on the database server over time, without and with Poolwarden</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    text(
      frame.left,
      27,
      "One PostgreSQL, its sessions and the logins it refused",
      "start",
      "heading",
    ),
    renderActs(frame, recording),
    renderAxes(frame),
    renderSessions(frame, samples),
    renderRefusals(frame, samples),
    renderMarks(frame, recording),
    renderLimit(frame, limit),
    renderLegend(frame),
    "</svg>",
    "",
  ].join("\n");
}
