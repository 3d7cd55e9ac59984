// One screen of `poolwarden top` as lines: servers with their bars, and below them the pools. The
// same lines serve a terminal of any size and, without one, a file or a pipe.

import { barLegend, barOf } from "./bar.ts";
import type { FleetView, PoolView, ServerSlots, ServerView } from "./fleet-view.ts";
import { poolColumns, sortPools } from "./pool-columns.ts";
import { keysHelp, type ScreenState } from "./screen-state.ts";
import { alignedLines, cut, plain } from "./table.ts";

export interface Screen {
  /** In characters. */
  readonly columns: number;
  readonly rows: number;
  /** Why what is shown may be old. */
  readonly trouble?: string | undefined;
}

const barCells = 40;

/** Everything, for a reader without a terminal: no line is cut. */
export function textOf(fleet: FleetView, state: ScreenState): string[] {
  const pools = poolsShown(fleet, state);
  return [...serverLines(fleet.servers), "", ...poolLines(pools)];
}

/** At most as many lines as the terminal has, none longer than it is wide. */
export function screenOf(fleet: FleetView, state: ScreenState, screen: Screen): string[] {
  const pools = poolsShown(fleet, state);
  const [titles = "", ...rows] = poolLines(pools);
  const heading = screen.trouble ?? headingOf(pools.length, state);
  const above = [plain(heading), ...serverLines(fleet.servers), "", titles];
  const spare = Math.max(1, screen.rows - above.length - 1);
  const from = Math.min(state.scrolledBy, Math.max(0, rows.length - spare));
  const shown = [...above, ...rows.slice(from, from + spare)];
  const lines = [...shown.slice(0, screen.rows - 1), footerOf(state)];
  return lines.map((line) => cut(line, screen.columns));
}

function poolsShown({ pools }: FleetView, state: ScreenState): PoolView[] {
  const wanted = state.filter.toLowerCase();
  const matching = pools.filter((pool) => searchedTextOf(pool).includes(wanted));
  return sortPools(matching, { column: state.sortedBy, isReversed: state.isReversed });
}

function searchedTextOf({ server, namespace, policy, row }: PoolView): string {
  return `${server} ${namespace}/${policy} ${row.workload} ${row.decision}`.toLowerCase();
}

function headingOf(count: number, state: ScreenState): string {
  const order = `sorted by ${state.sortedBy.title}${state.isReversed ? ", reversed" : ""}`;
  const filter = state.filter === "" ? "" : `, filter "${plain(state.filter)}"`;
  return `${count} ${count === 1 ? "pool" : "pools"}, ${order}${filter}    ${barLegend}`;
}

function footerOf(state: ScreenState): string {
  return state.isTyping ? `filter: ${plain(state.filter)}_  (Enter keeps it, Esc ends)` : keysHelp;
}

function serverLines(servers: readonly ServerView[]): string[] {
  if (servers.length === 0) return ["no PoolPolicy found"];
  return alignedLines(
    servers.map(({ name, slots, verdict }) => [name, ...numbersOf(slots), verdict]),
  );
}

function numbersOf(slots: ServerSlots | undefined): string[] {
  if (slots === undefined) return ["limits not known yet", ""];
  const { used, free, foreign, kept, maxConnections } = slots;
  const over = used - (maxConnections - foreign - kept);
  const rest = over > 0 ? `${over} over the budget` : `${free} free`;
  const text = `${used} used, ${rest}, ${foreign} foreign, ${kept} reserved of ${maxConnections}`;
  return [barOf(slots, barCells), text];
}

function poolLines(pools: readonly PoolView[]): string[] {
  const titles = poolColumns.map(({ title }) => title);
  const rows = pools.map((pool) => poolColumns.map(({ valueOf }) => valueOf(pool)));
  return alignedLines([titles, ...rows]);
}
