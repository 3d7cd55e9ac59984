// The pools of one server as a table: each number has its explanation in words, for whoever hovers
// over it, and all of them together behind one key or touch.

import { sayCount } from "../domain/words/say-count.ts";
import type { PoolView } from "../render/fleet-view.ts";
import { type FleetHistory, identityOf } from "./fleet-history.ts";
import { html, type Html } from "./html.ts";
import { smallGraph } from "./small-graph.ts";

interface NumberColumn {
  readonly title: string;
  readonly valueOf: (pool: PoolView) => number;
  readonly whyOf: (pool: PoolView) => string;
}

const numberColumns: readonly NumberColumn[] = [
  {
    title: "Pods",
    valueOf: ({ row }) => row.pods,
    whyOf: ({ row }) => `${row.pods} pods exist, terminating ones included`,
  },
  {
    title: "Planned",
    valueOf: ({ row }) => row.plannedPods,
    whyOf: ({ row }) => `the share is worked out for ${row.plannedPods} pods`,
  },
  {
    title: "Size",
    valueOf: ({ row }) => row.poolSize,
    whyOf: ({ row }) => `the next pod gets a pool of ${row.poolSize} connections${sayRunning(row)}`,
  },
  {
    title: "Share",
    valueOf: ({ row }) => row.wantedPoolSize,
    whyOf: ({ row }) => `its share of the budget is a pool of ${row.wantedPoolSize} for each pod`,
  },
  {
    title: "Held",
    valueOf: ({ row }) => row.heldSlots,
    whyOf: ({ row }) => `its pods may hold ${row.heldSlots} slots by their own sizes`,
  },
  {
    title: "Slots",
    valueOf: ({ row }) => row.slots,
    whyOf: ({ row }) => `${row.slots} slots are kept for what runs and what may still start`,
  },
];

export interface TableParts {
  readonly pools: readonly PoolView[];
  readonly history: FleetHistory;
  readonly nowMs: number;
  /** The slots at the upper edge of each graph. */
  readonly mostSlots: number;
}

/** The largest pools first. */
export function poolTable(parts: TableParts): Html {
  const rows = parts.pools.toSorted((a, b) => b.row.slots - a.row.slots);
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Pool</th>
        ${numberColumns.map(({ title }) => html`<th scope="col" class="number">${title}</th>`)}
        <th scope="col">Last hour</th>
        <th scope="col">Decision</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((pool) => rowOf(pool, parts))}
    </tbody>
  </table>`;
}

function rowOf(pool: PoolView, { history, nowMs, mostSlots }: TableParts): Html {
  const { namespace, policy, row } = pool;
  const graph = smallGraph(history.ofPool(pool), nowMs, mostSlots);
  return html`<tr>
    <th scope="row">${row.workload}<small>${namespace}/${policy}</small></th>
    ${numberColumns.map((column) => numberCell(column, pool))}
    <td data-label="Last hour">${graph}</td>
    <td data-label="Decision" class="why">${detailsOf(pool)}</td>
  </tr>`;
}

function numberCell({ title, valueOf, whyOf }: NumberColumn, pool: PoolView): Html {
  return html`<td class="number" data-label="${title}" title="${whyOf(pool)}">
    ${valueOf(pool)}
  </td>`;
}

function detailsOf(pool: PoolView): Html {
  const { decision, message } = pool.row;
  const told = [...numberColumns.map(({ whyOf }) => whyOf(pool)), ...liveOf(pool), ...useOf(pool)];
  const lines = told.map((line) => html`<li>${line}</li>`);
  return html`<details id="${identityOf(pool)}">
    <summary><b>${decision}</b> ${message}</summary>
    <ul>
      ${lines}
    </ul>
  </details>`;
}

/** Of pods that are resized while they run. */
function sayRunning({ live }: PoolView["row"]): string {
  const { least, most } = live ?? {};
  if (least === undefined || most === undefined) return "";
  return `; running pods have ${least === most ? least : `${least} to ${most}`}, without a restart`;
}

function liveOf({ row: { live } }: PoolView): string[] {
  if (!live) return [];
  const { otherPods, unproven, waiting = 0, lackingSlots, followedSince } = live;
  return [
    ...(waiting > 0
      ? [`${sayCount(waiting, "new pod")} at the start gate, until the slots are there`]
      : []),
    ...(lackingSlots > 0 ? [`its pods lack ${sayCount(lackingSlots, "slot")}`] : []),
    ...(unproven > 0
      ? [`${sayCount(unproven, "pod")} yet to show a smaller number of sessions`]
      : []),
    ...(followedSince === undefined
      ? []
      : [`each resized pod was shown at its size since ${followedSince}`]),
    ...(otherPods > 0 ? [`another size by a restart only: ${sayCount(otherPods, "pod")}`] : []),
  ];
}

function useOf({ row }: PoolView): string[] {
  const { inUse, recommendedPoolSize: size, recommendation } = row;
  if (!inUse || size === undefined) return [];
  const used = `${inUse.percent} % of its pool`;
  return [
    `one pod has ${inUse.peak} connections at work at most, ${used}`,
    `a pool of ${size} is recommended: ${recommendation ?? ""}`,
  ];
}
