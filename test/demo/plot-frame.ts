// Where things are on the plot: plain arithmetic from time and sessions to points.

export type PlotFrame = {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  /** The strip of refused logins. */
  readonly stripTop: number;
  readonly stripBottom: number;
  /** The sessions. */
  readonly top: number;
  readonly bottom: number;
  /** End of the time axis. */
  readonly endMs: number;
  /** End of the axis of sessions. */
  readonly most: number;
};

export function framePlot(endMs: number, limit: number): PlotFrame {
  return {
    width: 960,
    height: 488,
    left: 64,
    right: 940,
    stripTop: 78,
    stripBottom: 112,
    top: 120,
    bottom: 390,
    endMs: Math.max(1_000, endMs),
    most: limit * 1.08,
  };
}

export function xOf({ left, right, endMs }: PlotFrame, atMs: number): number {
  return round(left + ((right - left) * atMs) / endMs);
}

export function yOf({ top, bottom, most }: PlotFrame, sessions: number): number {
  return round(bottom - ((bottom - top) * Math.min(sessions, most)) / most);
}

/** Round numbers from 0 to `end`, at most `atMost` + 1 of them: 0, 50, 100, 150, 200. */
export function ticks(end: number, atMost: number): number[] {
  const rough = end / atMost;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

export function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}
