// What is about to happen to which pool, and what waits for what: what people look for first.

import type { PoolView } from "../render/fleet-view.ts";
import { html, type Html } from "./html.ts";

/** Decisions after which nothing happens. */
const still: ReadonlySet<string> = new Set(["Unchanged", "Unmanaged"]);

const actsMax = 50;

/** Those that wait first, then the others, each by name. */
export function nextActs(pools: readonly PoolView[]): Html {
  const acts = pools.filter(({ row }) => !still.has(row.decision)).sort(waitingFirst);
  if (acts.length === 0) return html`<p>Nothing: each pool has the size that it should have.</p>`;
  const more = acts.length - actsMax;
  const rest = more > 0 ? html`<li>${more} more: see the tables below</li>` : html``;
  return html`<ul class="acts">
    ${acts.slice(0, actsMax).map(lineOf)}${rest}
  </ul>`;
}

function waitingFirst(one: PoolView, other: PoolView): number {
  const waits = ({ row }: PoolView): number => Number(row.decision === "Wait");
  return waits(other) - waits(one) || (nameOf(one) < nameOf(other) ? -1 : 1);
}

function lineOf(pool: PoolView): Html {
  const { decision, message } = pool.row;
  return html`<li><b class="decision">${decision}</b> ${nameOf(pool)}: ${message}</li>`;
}

function nameOf({ namespace, row }: PoolView): string {
  return `${namespace} ${row.workload}`;
}
