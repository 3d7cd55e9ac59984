// What the keys of `poolwarden top` do: each key leads from one state of the screen to the next.

import { type PoolColumn, poolColumns, slotsColumn } from "./pool-columns.ts";

export interface ScreenState {
  readonly sortedBy: PoolColumn;
  readonly isReversed: boolean;
  /** Only pools that have this text in their names, their server or their decision. */
  readonly filter: string;
  /** Keys go into the filter. */
  readonly isTyping: boolean;
  /** How many pools above the first one that is shown. */
  readonly scrolledBy: number;
}

export const firstState: ScreenState = {
  ...{ sortedBy: slotsColumn, isReversed: false, filter: "", isTyping: false, scrolledBy: 0 },
};

export const keysHelp =
  "q quit  s S sort by the next, the previous column  r reverse  / filter  arrows scroll";

const escape = "\u001b";
const keys: Readonly<Record<string, (state: ScreenState) => ScreenState | "quit">> = {
  q: () => "quit",
  "\u0003": () => "quit",
  s: (state) => sortedByNext(state, 1),
  S: (state) => sortedByNext(state, -1),
  r: (state) => ({ ...state, isReversed: !state.isReversed }),
  "/": (state) => ({ ...state, isTyping: true, filter: "", scrolledBy: 0 }),
  [escape]: (state) => ({ ...state, filter: "", scrolledBy: 0 }),
  [`${escape}[A`]: (state) => scrolled(state, -1),
  [`${escape}[B`]: (state) => scrolled(state, 1),
  [`${escape}[5~`]: (state) => scrolled(state, -10),
  [`${escape}[6~`]: (state) => scrolled(state, 10),
  k: (state) => scrolled(state, -1),
  j: (state) => scrolled(state, 1),
};

/** `key`: what the terminal sends for it. A key that means nothing changes nothing. */
export function pressed(state: ScreenState, key: string): ScreenState | "quit" {
  if (state.isTyping) return typed(state, key);
  return Object.hasOwn(keys, key) ? (keys[key]?.(state) ?? state) : state;
}

function typed(state: ScreenState, key: string): ScreenState | "quit" {
  const { filter } = state;
  if (key === "\u0003") return "quit";
  if (key === "\r" || key === "\n") return { ...state, isTyping: false };
  if (key === escape) return { ...state, isTyping: false, filter: "" };
  if (key === "\u007f" || key === "\b") return { ...state, filter: filter.slice(0, -1) };
  const isText = !/\p{Cc}/u.test(key);
  return isText ? { ...state, filter: `${filter}${key}`, scrolledBy: 0 } : state;
}

function sortedByNext(state: ScreenState, step: number): ScreenState {
  const at = (poolColumns.indexOf(state.sortedBy) + step) % poolColumns.length;
  return { ...state, sortedBy: poolColumns.at(at) ?? state.sortedBy, scrolledBy: 0 };
}

function scrolled(state: ScreenState, by: number): ScreenState {
  return { ...state, scrolledBy: Math.max(0, state.scrolledBy + by) };
}
