// The arguments of `poolwarden top`. What cannot be used is said with its flag, its value and what
// would do.

import { parseArgs } from "node:util";
import { OperatorError } from "../errors.ts";
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
  const { help, kubeconfig, namespace, sort, filter } = parsed(args);
  if (help === true) return undefined;
  const sortedBy = sort === undefined ? firstState.sortedBy : columnOf(sort);
  return { kubeconfig, namespace, state: { ...firstState, sortedBy, filter: filter ?? "" } };
}

function columnOf(text: string): PoolColumn {
  const found = poolColumns.find(({ title }) => title === text.toUpperCase());
  if (found) return found;
  const titles = poolColumns.map(({ title }) => title.toLowerCase()).join(", ");
  throw invalid(`--sort ${JSON.stringify(text)}: must be one of ${titles}`);
}

type Parsed = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

function parsed(args: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw invalid(
      `${text.replace(/\. To specify a positional.*$/s, "")}; see poolwarden top --help`,
    );
  }
}

function invalid(message: string): OperatorError {
  return new OperatorError("CONFIG_INVALID", message, { retry: "never" });
}
