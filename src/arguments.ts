// How every command reads its arguments: by node's own parser, with its problems in one form.

import { parseArgs, type ParseArgsConfig } from "node:util";
import { plain } from "./domain/words/plain.ts";
import { OperatorError } from "./errors.ts";

/** Throws CONFIG_INVALID with the argument that cannot be used. `help`: the command to look at. */
export function parsedArguments<T extends ParseArgsConfig>(
  config: T,
  help: string,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // Without its advice on arguments that begin like a flag.
    throw invalidArgument(`${text.replace(/\. To specify a positional.*$/s, "")}; see ${help}`);
  }
}

/** `message`: with the flag, its value and what would do. */
export function invalidArgument(message: string): OperatorError {
  return new OperatorError("CONFIG_INVALID", plain(message), { retry: "never" });
}
