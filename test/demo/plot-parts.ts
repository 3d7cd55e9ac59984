// The parts of the plot, each a string of SVG.
import { refusedDuring } from "./recording.ts";
import type { Recording, Sample } from "./recording.ts";
import { round, ticks, xOf, yOf } from "./plot-frame.ts";
import type { PlotFrame } from "./plot-frame.ts";

const REFUSALS_EVERY_MS = 500;
const MARK_ROWS = 3;
const CHARACTER_WIDTH = 6.2;

/** Name of a service to its class in the style sheet. */
const SERVICES: ReadonlyMap<string, string> = new Map([
  ["web", "web"],
  ["worker", "worker"],
  ["reports", "reports"],
]);
const OTHERS = "others";

export function renderAxes(frame: PlotFrame): string {
  const { left, right, bottom, height } = frame;
  const levels = ticks(frame.most, 5).map((sessions) => {
    const y = yOf(frame, sessions);
    const line = `<line class="grid" x1="${left}" y1="${y}" x2="${right}" y2="${y}"/>`;
    return `${line}${text(left - 8, y + 4, String(sessions), "end")}`;
  });
  const times = ticks(frame.endMs / 1_000, 12).map((seconds) =>
    text(xOf(frame, seconds * 1_000), bottom + 18, String(seconds), "middle"),
  );
  const middle = (frame.top + bottom) / 2;
  return [
    ...levels,
    ...times,
    text((left + right) / 2, height - 8, "seconds", "middle"),
    `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">sessions on the server</text>`,
  ].join("\n");
}

/** Each act as a band with its title and what was refused in it. */
export function renderActs(frame: PlotFrame, recording: Recording): string {
  const { stripTop, bottom, endMs } = frame;
  const bands = recording.acts.map((act, index) => {
    const x = xOf(frame, act.startMs);
    const width = round(xOf(frame, Math.min(act.endMs ?? endMs, endMs)) - x);
    const shade = index % 2 === 0 ? "band" : "band odd";
    const y = stripTop - 36;
    const box = `x="${x}" y="${y}" width="${width}" height="${bottom - y}"`;
    const refused = refusedDuring(recording, act);
    const heading = text(x + 6, stripTop - 21, act.title, "start", "title");
    const [said, style] = refused === 0 ? ["none refused"] : [`${refused} refused`, "alarm"];
    const below = text(x + 6, stripTop - 7, said, "start", style);
    return `<rect class="${shade}" ${box}/>${heading}${below}`;
  });
  return bands.join("\n");
}

/** The sessions of each service, one on top of the other. */
export function renderSessions(frame: PlotFrame, samples: readonly Sample[]): string {
  let below: readonly number[] = samples.map(() => 0);
  const areas: string[] = [];
  for (const [service, style] of [...SERVICES, [OTHERS, OTHERS] as const]) {
    const above = samples.map((sample, index) => (below[index] ?? 0) + countOf(sample, service));
    areas.push(renderArea(frame, samples, { below, above, style }));
    below = above;
  }
  return areas.join("\n");
}

function countOf({ sessions, byService }: Sample, service: string): number {
  if (service !== OTHERS) return byService.get(service) ?? 0;
  return [...SERVICES.keys()].reduce((rest, name) => rest - (byService.get(name) ?? 0), sessions);
}

type Area = { below: readonly number[]; above: readonly number[]; style: string };

function renderArea(frame: PlotFrame, samples: readonly Sample[], area: Area): string {
  const { below, above, style } = area;
  if (above.every((sessions, index) => sessions === below[index])) return "";
  const edge = (levels: readonly number[]): string[] =>
    samples.map(({ atMs }, index) => `${xOf(frame, atMs)},${yOf(frame, levels[index] ?? 0)}`);
  const outline = [...edge(above), ...edge(below).reverse()].join(" ");
  return `<polygon class="${style}" points="${outline}"/>`;
}

export function renderLimit(frame: PlotFrame, limit: number): string {
  const y = yOf(frame, limit);
  const { left, right } = frame;
  const label = text(right - 4, y - 5, `max_connections = ${limit}`, "end", "alarm");
  return `<line class="limit" x1="${left}" y1="${y}" x2="${right}" y2="${y}"/>${label}`;
}

/** A bar for each half second in which logins were refused, the highest as high as the strip. */
export function renderRefusals(frame: PlotFrame, samples: readonly Sample[]): string {
  const perBucket = new Map<number, number>();
  let before = 0;
  for (const { atMs, refused } of samples) {
    const bucket = Math.floor(atMs / REFUSALS_EVERY_MS);
    if (refused > before) perBucket.set(bucket, (perBucket.get(bucket) ?? 0) + refused - before);
    before = refused;
  }
  const most = Math.max(1, ...perBucket.values());
  const width = Math.max(1, xOf(frame, REFUSALS_EVERY_MS) - frame.left);
  const bars = [...perBucket].map(([bucket, refused]) => {
    const height = round(2 + ((frame.stripBottom - frame.stripTop - 2) * refused) / most);
    const x = xOf(frame, bucket * REFUSALS_EVERY_MS);
    const y = round(frame.stripBottom - height);
    return `<rect class="refused" x="${x}" y="${y}" width="${round(width)}" height="${height}"/>`;
  });
  return [text(frame.left - 8, frame.stripBottom - 12, "refused", "end"), ...bars].join("\n");
}

/** What happened, below the time axis, in as many rows as keep the words apart. */
export function renderMarks(frame: PlotFrame, { marks }: Recording): string {
  const rowEnds: number[] = Array.from({ length: MARK_ROWS }, () => -Infinity);
  const labels = marks.map((mark) => {
    const x = xOf(frame, mark.atMs);
    const free = rowEnds.findIndex((end) => end <= x);
    const row = free === -1 ? MARK_ROWS - 1 : free;
    rowEnds[row] = x + mark.text.length * CHARACTER_WIDTH + 10;
    const y = frame.bottom + 38 + row * 15;
    const line = `<line class="mark" x1="${x}" y1="${frame.stripBottom}" x2="${x}" y2="${frame.bottom + 26}"/>`;
    return `${line}${text(x + 3, y, mark.text, "start")}`;
  });
  return labels.join("\n");
}

export function renderLegend(frame: PlotFrame): string {
  const entries = [...SERVICES.values(), OTHERS].map((name, index) => {
    const x = frame.right - 330 + index * 85;
    return `<rect class="${name}" x="${x}" y="16" width="11" height="11"/>${text(x + 16, 26, name, "start")}`;
  });
  return entries.join("\n");
}

export function text(
  x: number,
  y: number,
  content: string,
  ...[anchor, style = ""]: ["start" | "middle" | "end", string?]
): string {
  const look = style === "" ? "" : ` class="${style}"`;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${look}>${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
