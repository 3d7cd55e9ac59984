// One screen of `poolwarden top` as lines: servers with their bars, and below them the pools. The
// same lines serve a terminal of any size and, without one, a file or a pipe.

import { alignedLines } from "../domain/words/aligned-lines.ts";
import { plain } from "../domain/words/plain.ts";
import { barLegend, barOf } from "./bar.ts";
import {
  type FleetView,
  type PoolView,
  sayBehind,
  type ServerSlots,
  type ServerView,
} from "../render/fleet-view.ts";
import { poolColumns, sortPools } from "./pool-columns.ts";
import { keysHelp, type ScreenState } from "./screen-state.ts";

export interface Screen {
  /** In characters. */
  readonly columns: number;
  readonly rows: number;
  /** Why what is shown may be old. */
  readonly trouble?: string | undefined;
  /** The only one that is looked at. */
  readonly namespace?: string | undefined;
}

const barCells = { least: 8, most: 40 } as const;

/** `namespace`: undefined is all of them. */
function nothingIn(namespace: string | undefined): string {
  const where = namespace === undefined ? "" : ` in namespace ${plain(namespace)}`;
  return `no PoolPolicy found${where}`;
}

/** Everything, for a reader without a terminal: no line is cut. */
export function textOf(fleet: FleetView, state: ScreenState, namespace?: string): string[] {
  const pools = poolsShown(fleet, state);
  if (fleet.servers.length === 0) return [nothingIn(namespace)];
  return [...serverLines(serversShown(fleet, state)).flat(), "", ...poolLines(pools)];
}

/** At most as many lines as the terminal has, none longer than it is wide. */
export function screenOf(fleet: FleetView, state: ScreenState, screen: Screen): string[] {
  const pools = poolsShown(fleet, state);
  const [titles = "", ...rows] = poolLines(pools);
  const isEmpty = fleet.servers.length === 0;
  const usual = isEmpty ? nothingIn(screen.namespace) : headingOf(pools.length, state);
  const heading = screen.trouble ?? usual;
  const servers = fitted(serverLines(serversShown(fleet, state), screen.columns), screen.rows);
  const above = [plain(heading), ...servers, "", titles];
  const spare = Math.max(1, screen.rows - above.length - 1);
  const from = Math.min(state.scrolledBy, Math.max(0, rows.length - spare));
  const shown = [...above, ...rows.slice(from, from + spare)];
  const lines = [...shown.slice(0, screen.rows - 1), footerOf(state)];
  return lines.map((line) => cut(line, screen.columns));
}

function poolsShown({ pools }: FleetView, state: ScreenState): PoolView[] {
  const wanted = state.filter.toLowerCase();
  const own = pools.filter(({ isReplica }) => isReplica !== true);
  const matching = own.filter((pool) => searchedTextOf(pool).includes(wanted));
  return sortPools(matching, { column: state.sortedBy, isReversed: state.isReversed });
}

/** Those with a pool that is shown, and those whose name has the text that is looked for. */
function serversShown(fleet: FleetView, state: ScreenState): ServerView[] {
  const names = new Set(poolsShown(fleet, state).map(({ server }) => server));
  const wanted = state.filter.toLowerCase();
  return fleet.servers.filter(({ name }) => names.has(name) || name.includes(wanted));
}

/** Pools have at least half of the screen. */
function fitted(servers: readonly (readonly string[])[], rows: number): string[] {
  const most = Math.max(1, Math.floor(rows / 2) - 3);
  // Each has a line at least.
  const first = servers.slice(0, most);
  const fits = first.filter((_, at) => servers.slice(0, at + 1).flat().length <= most);
  const more = servers.length - fits.length;
  if (more === 0) return fits.flat();
  // One server is shown, however much is behind it.
  const shown = fits.length > 0 ? fits.flat() : servers.slice(0, 1).flat().slice(0, most);
  const left = servers.length - Math.max(1, fits.length);
  return left === 0 ? shown : [...shown, `and ${left} more servers: filter by name with /`];
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

/** The bar stands last, and takes what the width leaves: it may go, the numbers may not. */
function serverLines(servers: readonly ServerView[], columns = Infinity): string[][] {
  const lines = ownLines(servers, columns);
  return servers.map(({ behind }, at) => {
    const below = behind.map((one) => `  behind it: ${plain(one.name)} ${sayBehind(one)}`);
    return [lines[at] ?? "", ...below];
  });
}

function ownLines(servers: readonly ServerView[], columns: number): string[] {
  const rows = servers.map(({ name, slots, verdict }) => {
    return [plain(name), plain(verdict), numbersOf(slots)];
  });
  const texts = alignedLines(rows, () => false);
  const width = texts.reduce((most, { length }) => Math.max(most, length), 0);
  const cells = Math.min(barCells.most, columns - width - 2);
  if (cells < barCells.least) return texts;
  return servers.map(({ slots }, at) =>
    `${(texts[at] ?? "").padEnd(width)}  ${slots ? barOf(slots, cells) : ""}`.trimEnd(),
  );
}

function numbersOf(slots: ServerSlots | undefined): string {
  if (slots === undefined) return "limits not known yet";
  const { used, free, foreign, kept, maxConnections } = slots;
  const over = used - (maxConnections - foreign - kept);
  const rest = over > 0 ? `${over} over the budget` : `${free} free`;
  return `${used} used, ${rest}, ${foreign} foreign, ${kept} reserved of ${maxConnections}`;
}

function poolLines(pools: readonly PoolView[]): string[] {
  if (pools.length === 0) return ["no pool to show"];
  const titles = poolColumns.map(({ title }) => title);
  const rows = pools.map((pool) => poolColumns.map(({ valueOf }) => valueOf(pool)));
  const texts = rows.map((row) => row.map((value) => plain(String(value))));
  return alignedLines([titles, ...texts], (at) => typeof rows[0]?.[at] === "number");
}

/** What is longer than `width` characters ends with an ellipsis. */
function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
