// The page of the operator: every server that a policy names, and the pools on it, for people who
// would rather look than read. It is made whole from the statuses, needs no script to be read, and
// shows nothing that the policies' rows do not say: messages of conditions and findings stay with
// whoever may read the policy, and the command that shows them is named instead.

import { sayCount } from "../domain/words/say-count.ts";
import {
  type BehindView,
  type FleetView,
  type NotReady,
  type PoolView,
  sayBehind,
  type ServerView,
} from "../render/fleet-view.ts";
import type { FleetHistory } from "./fleet-history.ts";
import { html, type Html } from "./html.ts";
import { nextActs } from "./next-acts.ts";
import { poolTable } from "./pool-table.ts";
import { legendOf, partsOf, serverBar } from "./server-bar.ts";
import { smallGraph } from "./small-graph.ts";

export interface PageParts {
  readonly fleet: FleetView;
  readonly history: FleetHistory;
  readonly nowMs: number;
}

/** The page stays below 2 MB, however large the fleet is. */
const serversMax = 100;
const poolsMax = 500;
const notReadyMax = 5;

export function fleetPage(parts: PageParts): string {
  const { markup } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Poolwarden</title>
        <link rel="stylesheet" href="page.css" />
        <script defer src="page.js"></script>
        <noscript><meta http-equiv="refresh" content="30" /></noscript>
      </head>
      <body>
        <header>
          <h1>Poolwarden</h1>
          <input
            id="filter"
            type="search"
            placeholder="Filter pools"
            aria-label="Filter pools"
            hidden
          />
          <p id="stale" role="status" hidden></p>
        </header>
        ${mainOf(parts)}
      </body>
    </html> `;
  return markup;
}

function mainOf({ fleet, history, nowMs }: PageParts): Html {
  const { servers, pools } = fleet;
  if (servers.length === 0) return html`<main><p>No PoolPolicy was found.</p></main>`;
  const shown = pools.toSorted((a, b) => b.row.slots - a.row.slots).slice(0, poolsMax);
  const ordered = servers.toSorted(worstFirst).slice(0, serversMax);
  const left = leftOut(servers.length - ordered.length, pools.length - shown.length);
  return html`<main>
    <p class="sums">
      ${sayCount(servers.length, "server")}, ${sayCount(pools.length, "pool")}, at ${timeOf(nowMs)}.
      ${left}
    </p>
    <section>
      <h2>What happens next</h2>
      ${nextActs(pools)}
    </section>
    ${ordered.map((server) => sectionOf(server, { fleet: { servers, pools: shown }, history, nowMs }))}
  </main>`;
}

/** Servers with a policy that is not ready, then those with the least room. */
function worstFirst(one: ServerView, other: ServerView): number {
  const isReady = ({ notReady }: ServerView): number => Number(notReady.length === 0);
  const freeOf = ({ slots }: ServerView): number => (slots?.free ?? 0) - (slots?.used ?? 0);
  return isReady(one) - isReady(other) || freeOf(one) - freeOf(other);
}

function sectionOf(server: ServerView, { fleet, history, nowMs }: PageParts): Html {
  const { name, slots, notReady, connectionsSetting } = server;
  const pools = fleet.pools.filter((pool) => pool.server === name);
  const mostSlots = Math.max(1, ...pools.map(({ row }) => row.slots));
  const graph = smallGraph(history.ofServer(name), nowMs, slots?.maxConnections ?? 0);
  return html`<section class="server">
    <h2>
      ${name} <span class="${notReady.length === 0 ? "ready" : "trouble"}">${server.verdict}</span>
    </h2>
    ${barOf(server, pools)} ${server.behind.map(behindLine)}
    <p
      class="hour"
      title="slots in use during the last hour; the upper edge is ${connectionsSetting}"
    >
      Last hour ${graph}
    </p>
    ${notReady.slice(0, notReadyMax).map(adviceOf)}
    ${poolTable({ pools, history, nowMs, mostSlots })}
  </section>`;
}

function barOf({ slots, connectionsSetting }: ServerView, pools: readonly PoolView[]): Html {
  if (!slots) return html`<p>Its limits are not known yet.</p>`;
  const parts = partsOf(slots, pools);
  const beyond = parts.reduce((sum, part) => sum + part.slots, 0) - slots.maxConnections;
  const sum = `${slots.maxConnections} connections (${connectionsSetting})`;
  const over = beyond > 0 ? html` <b class="over">${beyond} too many are promised</b>` : html``;
  return html`${serverBar(slots, parts)}${legendOf(parts)}
    <p class="sum">= ${sum}${over}</p>`;
}

/** Of a pooler: the limit of the next tier. */
function behindLine(behind: BehindView): Html {
  const { name, slots, mayOpen = Infinity } = behind;
  const look = mayOpen > slots ? "behind over" : "behind";
  return html`<p class="${look}">Behind it: <b>${name}</b> ${sayBehind(behind)}</p>`;
}

function adviceOf({ namespace, policy, reason }: NotReady): Html {
  const command = `kubectl describe poolpolicy -n ${namespace} ${policy}`;
  return html`<p class="advice">${reason}: <code>${command}</code> says why.</p>`;
}

function leftOut(servers: number, pools: number): string {
  if (servers <= 0 && pools <= 0) return "";
  const what = [
    servers > 0 ? sayCount(servers, "server") : [],
    sayCount(pools, "smaller pool"),
  ].flat();
  return `Not shown here: ${what.join(" and ")}; poolwarden top shows them all.`;
}

function timeOf(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
