// Structured lines on standard output, one JSON object each. What might hold a secret is cut out
// here, at the last moment, and errors are reduced to what helps: never a request, a header or a
// body.

import { pino } from "pino";
import type { DestinationStream, LoggerOptions } from "pino";
import { OperatorError } from "../errors.ts";
import type { Log } from "../ports.ts";

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

export interface LogChoice {
  readonly level: LogLevel;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

const secretFields = ["password", "uri", "connectionString", "token", "authorization"];

export function createLog({ level, destination }: LogChoice): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: "message",
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: describeError },
    redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: "(hidden)" },
  };
  return pino(options, destination ?? standardOutput());
}

// Each line is written before the next is made: pino's other way keeps lines back, and at the end
// of the process waits for ever for a reader that is gone (`poolwarden run | head`). Such a reader
// is no reason to end: from then on nothing is written.
function standardOutput(): DestinationStream {
  return pino.destination({ sync: true });
}

interface ErrorDescription {
  readonly message: string;
  readonly code?: string;
  readonly cause?: string;
  readonly stack?: string;
}

// A stack helps to find a fault of ours; an expected error says all in its message.
function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { message: String(error) };
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  const isExpected = error instanceof OperatorError && error.code !== "INVARIANT_VIOLATED";
  return {
    message: error.message,
    ...(error instanceof OperatorError ? { code: error.code } : {}),
    ...cause,
    ...(isExpected || error.stack === undefined ? {} : { stack: error.stack }),
  };
}
