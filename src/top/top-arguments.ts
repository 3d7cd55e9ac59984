// The arguments of `poolwarden top`. What cannot be used is said with its flag, its value and what
// would do.

import { invalidArgument, parsedArguments } from "../arguments.ts";
import { type PoolColumn, poolColumns } from "./pool-columns.ts";
import { firstState, type ScreenState } from "./screen-state.ts";

export interface TopRequest {
  readonly kubeconfig: string | undefined;
  /** Undefined: all. */
  readonly namespace: string | undefined;
  /** What is shown first. */
  readonly state: ScreenState;
}

const options = {
  help: { type: "boolean", short: "h" },
  namespace: { type: "string", short: "n" },
  sort: { type: "string" },
  filter: { type: "string" },
  kubeconfig: { type: "string" },
} as const;

/** Undefined: help is asked for. Throws CONFIG_INVALID. */
export function readTopArguments(args: readonly string[]): TopRequest | undefined {
  const { values } = parsedArguments({ args: [...args], options }, "poolwarden top --help");
  const { help, kubeconfig, namespace, sort, filter } = values;
  if (help === true) return undefined;
  const sortedBy = sort === undefined ? firstState.sortedBy : columnOf(sort);
  return { kubeconfig, namespace, state: { ...firstState, sortedBy, filter: filter ?? "" } };
}

function columnOf(text: string): PoolColumn {
  const found = poolColumns.find(({ title }) => title === text.toUpperCase());
  if (found) return found;
  const titles = poolColumns.map(({ title }) => title.toLowerCase()).join(", ");
  throw invalidArgument(`--sort ${JSON.stringify(text)}: must be one of ${titles}`);
}
