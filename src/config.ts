// The one place that reads flags and the environment. A flag wins over its variable, which wins
// over the default; what cannot be used is said with its name, its value and what would do.

import { parseArgs } from "node:util";
import { z } from "zod";
import { durationMs, durationPattern } from "./api/durations.ts";
import { OperatorError } from "./errors.ts";

const duration = z
  .string()
  .regex(new RegExp(durationPattern), "must be a duration such as 30s or 5m")
  .transform(durationMs);
const logLevels = ["trace", "debug", "info", "warn", "error"] as const;

const settings = z.object({
  kubeconfig: z.string().optional(),
  namespaces: z
    .string()
    .default("")
    .transform((text) => text.split(",").flatMap((name) => name.trim() || [])),
  "log-level": z.enum(logLevels).default("info"),
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^:]*):[0-9]{1,5}$/, "must be host:port, for example 0.0.0.0:8080")
    .default("0.0.0.0:8080"),
  "database-interval": duration.prefault("30s"),
  "settle-time": duration.prefault("5s"),
  "admission-warm-up": duration.prefault("35s"),
});

export interface Config {
  /** Path of a kubeconfig; undefined: KUBECONFIG, ~/.kube/config, or the pod's service account. */
  readonly kubeconfig: string | undefined;
  /** Namespaces to watch; empty: all. */
  readonly namespaces: readonly string[];
  readonly logLevel: (typeof logLevels)[number];
  /** Where metrics and health are served, host:port; port 0 takes a free one. */
  readonly listen: string;
  readonly databaseIntervalMs: number;
  readonly settleTimeMs: number;
  /** The API server learns of new kinds every 30 s; an admission policy's parameters are of one. */
  readonly admissionWarmUpMs: number;
  /** Name of this process in events. */
  readonly instance: string;
}

export const usage = `poolwarden keeps every connection pool of a fleet inside the limit of the database they share.

Usage: poolwarden run [flags]

Flags, each with its environment variable and default:
  --kubeconfig FILE         POOLWARDEN_KUBECONFIG         KUBECONFIG, ~/.kube/config, the pod's service account
  --namespaces A,B          POOLWARDEN_NAMESPACES         all namespaces
  --log-level LEVEL         POOLWARDEN_LOG_LEVEL          info (trace, debug, info, warn, error)
  --listen HOST:PORT        POOLWARDEN_LISTEN             0.0.0.0:8080 (/metrics /livez /readyz /health /metrics/db-pool)
  --database-interval TIME  POOLWARDEN_DATABASE_INTERVAL  30s: how often each database server is read, with jitter
  --settle-time TIME        POOLWARDEN_SETTLE_TIME        5s: how long a smaller grant may take to reach every API server
  --admission-warm-up TIME  POOLWARDEN_ADMISSION_WARM_UP  35s: how long a newly installed admission policy may take to act
  --help                    this text
  --version                 the version
`;

export type Command =
  | { readonly kind: "run"; readonly config: Config }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** Throws CONFIG_INVALID with the name, the value and what would do. */
export function readCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const { values, positionals } = parse(args);
  if (values["help"] === true || args.length === 0) return { kind: "help" };
  if (values["version"] === true) return { kind: "version" };
  const [command, ...rest] = positionals;
  if (command !== "run" || rest.length > 0) {
    throw invalid(`unknown command "${positionals.join(" ")}": the command is "poolwarden run"`);
  }
  return { kind: "run", config: configOf(values, environment) };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs> {
  const names = Object.keys(settings.shape);
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const flags = { help: { type: "boolean" as const }, version: { type: "boolean" as const } };
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, ...flags },
      allowPositionals: true,
    });
  } catch (error) {
    throw invalid(
      `${error instanceof Error ? error.message : String(error)}; see poolwarden --help`,
    );
  }
}

function configOf(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const raw = Object.fromEntries(
    Object.keys(settings.shape).map((name) => [
      name,
      flags[name] ?? (environment[variableOf(name)] || undefined),
    ]),
  );
  const parsed = settings.safeParse(raw);
  if (!parsed.success) throw invalid(problemOf(parsed.error, flags, raw));
  const { data } = parsed;
  return Object.freeze({
    kubeconfig: data.kubeconfig,
    namespaces: data.namespaces,
    logLevel: data["log-level"],
    listen: data.listen,
    databaseIntervalMs: data["database-interval"],
    settleTimeMs: data["settle-time"],
    admissionWarmUpMs: data["admission-warm-up"],
    instance: environment["POD_NAME"] ?? environment["HOSTNAME"] ?? "poolwarden",
  });
}

function variableOf(flag: string): string {
  return `POOLWARDEN_${flag.toUpperCase().replaceAll("-", "_")}`;
}

function problemOf(
  error: z.ZodError,
  flags: Readonly<Record<string, unknown>>,
  raw: Readonly<Record<string, unknown>>,
): string {
  const [issue] = error.issues;
  const name = String(issue?.path[0] ?? "");
  const where = flags[name] === undefined ? variableOf(name) : `--${name}`;
  return `${where} ${JSON.stringify(raw[name])}: ${issue?.message ?? "is not valid"}`;
}

function invalid(message: string): OperatorError {
  return new OperatorError("CONFIG_INVALID", message, { retry: "never" });
}
