// A server's slots as a bar of characters that tell themselves apart without colour: what is used,
// free, held by others, and kept. A bar is always as long as it should be, and nothing
// that is there is too small to be seen.

import type { ServerSlots } from "../render/fleet-view.ts";

interface Part {
  readonly slots: number;
  readonly sign: string;
}

export const barLegend = "█ used  · free  x foreign  ░ reserved";

/** `cells`: how wide it is, in characters; at least 8. Empty where there are no slots. */
export function barOf(slots: ServerSlots, cells: number): string {
  const { used, free, foreign, kept } = slots;
  const parts: readonly Part[] = [
    { slots: used, sign: "█" },
    { slots: free, sign: "·" },
    { slots: foreign, sign: "x" },
    { slots: kept, sign: "░" },
  ].filter((part) => part.slots > 0);
  const widths = cellsOf(
    parts.map((part) => part.slots),
    cells,
  );
  return parts.map(({ sign }, at) => sign.repeat(widths[at] ?? 0)).join("");
}

/** Whole cells in proportion, at least one each; the widest makes up for what that changes. */
function cellsOf(amounts: readonly number[], cells: number): number[] {
  if (amounts.length === 0) return [];
  const exact = amounts.map((amount) => (amount / sumOf(amounts)) * cells);
  const widths = exact.map((width) => Math.max(1, Math.round(width)));
  const widest = widths.indexOf(Math.max(...widths));
  const others = widths.toSpliced(widest, 1);
  return widths.with(widest, cells - sumOf(others));
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
