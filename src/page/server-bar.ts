// One server as a bar whose parts add up to max_connections: its largest pools, what rollouts and
// ending pods take, what is free, what others hold, what is kept. Where the fleet is over its
// budget the bar is longer than the server, and a line stands where the server ends.

import type { PoolView, ServerSlots } from "../render/fleet-view.ts";
import { html, type Html } from "./html.ts";

export interface BarPart {
  readonly label: string;
  readonly slots: number;
  /** How it looks: `pool-0` to `pool-5`, `small`, `rollouts`, `free`, `foreign` or `kept`. */
  readonly look: string;
  readonly why: string;
}

const poolsMax = 12;
const poolLooks = 6;

/** Parts with slots only. They add up to `max_connections`, or to more while the fleet is over. */
export function partsOf(slots: ServerSlots, pools: readonly PoolView[]): BarPart[] {
  const { free, foreign, kept } = slots;
  const parts: readonly BarPart[] = [
    ...usedParts(slots.used, pools),
    { label: "free", slots: free, look: "free", why: "of the budget, and not promised to any pod" },
    {
      ...{ label: "foreign sessions", slots: foreign, look: "foreign" },
      why: "held by sessions of no pod that Poolwarden sizes: the most of the last 10 minutes",
    },
    {
      ...{ label: "reserved", slots: kept, look: "kept" },
      why: "kept by the server, by the policies' reserve, and for the operator's own session",
    },
  ];
  return parts.filter((part) => part.slots > 0);
}

/** The rows' slots, and what of the used slots is in no row. */
function usedParts(used: number, pools: readonly PoolView[]): BarPart[] {
  const bySize = pools.toSorted((a, b) => b.row.slots - a.row.slots);
  const rest = bySize.slice(poolsMax);
  const named = bySize.slice(0, poolsMax).map((pool, at) => ({
    label: `${pool.namespace}/${pool.policy} ${pool.row.workload}`,
    ...{ slots: pool.row.slots, look: `pool-${at % poolLooks}` },
    why: pool.row.message,
  }));
  const smallSlots = sumOf(rest.map(({ row }) => row.slots));
  const inRows = sumOf(pools.map(({ row }) => row.slots));
  const small = `${rest.length} smaller pools`;
  return [
    ...named,
    { label: small, slots: smallSlots, look: "small", why: "they are in the table below" },
    {
      ...{ label: "rollouts and terminating pods", slots: used - inRows, look: "rollouts" },
      why: "room in which old and new pods run together, and pods that are on their way out",
    },
  ];
}

/** The bar alone; `legendOf` says the same in words. */
export function serverBar(slots: ServerSlots, parts: readonly BarPart[]): Html {
  const width = Math.max(slots.maxConnections, sumOf(parts.map((part) => part.slots)));
  const starts = parts.map((_, at) => sumOf(parts.slice(0, at).map((part) => part.slots)));
  const end =
    width > slots.maxConnections
      ? html`<line x1="${slots.maxConnections}" x2="${slots.maxConnections}" y1="0" y2="1" />`
      : html``;
  return html`<svg
    class="bar"
    viewBox="0 0 ${width} 1"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${parts.map((part, at) => rectangle(part, starts[at] ?? 0))}${end}
  </svg>`;
}

function rectangle({ label, slots, look, why }: BarPart, start: number): Html {
  return html`<rect class="${look}" x="${start}" y="0" width="${slots}" height="1"
    ><title>${label}: ${slots}: ${why}</title></rect
  >`;
}

/** Every part of the bar with its number, which hovering, touching or a key explains. */
export function legendOf(parts: readonly BarPart[]): Html {
  return html`<ul class="legend">
    ${parts.map(legendLine)}
  </ul>`;
}

function legendLine({ label, slots, look, why }: BarPart): Html {
  return html`<li title="${why}"><span class="sign ${look}"></span><b>${slots}</b> ${label}</li>`;
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
