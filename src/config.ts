// The one place that reads flags and the environment. A flag wins over its variable, which wins
// over the default; what cannot be used is said with its name, its value and what would do.

import { parseArgs } from "node:util";
import { z } from "zod";
import { durationMs, durationPattern } from "./api/durations.ts";
import { OperatorError } from "./errors.ts";
import { usualRunbookBaseUrl } from "./render/alert.ts";
import { usualServiceAccount } from "./render/rights.ts";

/** What counts where neither flag nor variable says anything: for the settings and their help. */
const defaults = {
  "log-level": "info",
  listen: "0.0.0.0:8080",
  "database-interval": "30s",
  "settle-time": "5s",
  "admission-warm-up": "35s",
  "runbook-base-url": usualRunbookBaseUrl,
  "lease-name": "poolwarden",
  "lease-duration": "15s",
  "renew-deadline": "10s",
  "retry-period": "2s",
} as const;

const logLevels = ["trace", "debug", "info", "warn", "error"] as const;
const portMax = 65_535;

const settings = z.object({
  kubeconfig: z.string().optional(),
  namespaces: z
    .string()
    .default("")
    .transform((text) => text.split(",").flatMap((name) => name.trim() || [])),
  "log-level": z.enum(logLevels).default(defaults["log-level"]),
  listen: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[^:]*):[0-9]{1,5}$/, "must be host:port, for example 0.0.0.0:8080")
    .refine((text) => Number(text.slice(text.lastIndexOf(":") + 1)) <= portMax, {
      message: `the port must be at most ${portMax}, for example 0.0.0.0:8080`,
    })
    .default(defaults.listen),
  "database-interval": duration("1s", "1h").prefault(defaults["database-interval"]),
  "settle-time": duration("0s", "10m").prefault(defaults["settle-time"]),
  "admission-warm-up": duration("0s", "10m").prefault(defaults["admission-warm-up"]),
  "runbook-base-url": z
    .string()
    // It stands in alerts, which are templates.
    .regex(
      /^https?:\/\/[^\s"\\{}]+\/$/,
      `must be a URL such as ${usualRunbookBaseUrl}, / at its end`,
    )
    .default(defaults["runbook-base-url"]),
  "leader-elect": z.enum(["true", "false"]).optional(),
  "lease-namespace": objectName().optional(),
  "lease-name": objectName().default(defaults["lease-name"]),
  "lease-duration": duration("1s", "10m").prefault(defaults["lease-duration"]),
  "renew-deadline": duration("100ms", "10m").prefault(defaults["renew-deadline"]),
  "retry-period": duration("50ms", "1m").prefault(defaults["retry-period"]),
});

function objectName(): z.ZodString {
  const example = "must be the name of an object, such as poolwarden-system";
  return z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, example);
}

function duration(least: string, most: string): z.ZodType<number, string> {
  const example = `must be a duration from ${least} to ${most}, such as 30s or 5m`;
  return z
    .string()
    .regex(new RegExp(durationPattern), example)
    .refine((text) => durationMs(text) >= durationMs(least), example)
    .refine((text) => durationMs(text) <= durationMs(most), example)
    .transform(durationMs);
}

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
  /** Where the folder docs/runbooks is served, with a slash at its end: for links in alerts. */
  readonly runbookBaseUrl: string;
  /** Name of this process in events. */
  readonly instance: string;
  /** `namespace:name` of the account that this process runs as; for commands that name it. */
  readonly serviceAccount: string;
  /** Undefined: this process takes itself to be the only one. */
  readonly election: ElectionConfig | undefined;
}

export interface ElectionConfig {
  /** Of the Lease. */
  readonly namespace: string;
  readonly name: string;
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryMs: number;
}

interface Flag {
  readonly name: keyof typeof settings.shape;
  readonly value: string;
  /** The default, and what else there is to know. */
  readonly about: string;
}

const flags: readonly Flag[] = [
  {
    name: "kubeconfig",
    value: "FILE",
    about: "KUBECONFIG, ~/.kube/config, the pod's service account",
  },
  { name: "namespaces", value: "A,B", about: "all namespaces" },
  {
    name: "log-level",
    value: "LEVEL",
    about: `${defaults["log-level"]} (${logLevels.join(", ")})`,
  },
  {
    name: "listen",
    value: "HOST:PORT",
    about: `${defaults.listen} (/metrics /livez /readyz /health /metrics/db-pool)`,
  },
  {
    name: "database-interval",
    value: "TIME",
    about: `${defaults["database-interval"]}: how often each database server is read, with jitter`,
  },
  {
    name: "settle-time",
    value: "TIME",
    about: `${defaults["settle-time"]}: how long a smaller grant may take to reach every API server`,
  },
  {
    name: "admission-warm-up",
    value: "TIME",
    about: `${defaults["admission-warm-up"]}: how long a newly installed admission policy may take to act`,
  },
  {
    name: "runbook-base-url",
    value: "URL",
    about: `${defaults["runbook-base-url"]}: where docs/runbooks is served, for links in alerts`,
  },
  {
    name: "leader-elect",
    value: "BOOL",
    about:
      "true where POD_NAMESPACE is set, else false: of several operators one leads, by a Lease",
  },
  { name: "lease-namespace", value: "NAME", about: "POD_NAMESPACE" },
  { name: "lease-name", value: "NAME", about: defaults["lease-name"] },
  {
    name: "lease-duration",
    value: "TIME",
    about: `${defaults["lease-duration"]}: how long a leader is waited for of which nothing is seen`,
  },
  {
    name: "renew-deadline",
    value: "TIME",
    about: `${defaults["renew-deadline"]}: how long a leader may write without having renewed its lease`,
  },
  {
    name: "retry-period",
    value: "TIME",
    about: `${defaults["retry-period"]}: time between two renewals`,
  },
];

export const usage = `poolwarden keeps every connection pool of a fleet inside the limit of the database they share.

Usage: poolwarden run [flags]

Flags, each with its environment variable and default:
${flags.map(lineOf).join("\n")}
  --help                    this text
  --version                 the version
`;

function lineOf({ name, value, about }: Flag): string {
  return `  ${`--${name} ${value}`.padEnd(25)} ${variableOf(name).padEnd(29)} ${about}`;
}

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
    runbookBaseUrl: data["runbook-base-url"],
    instance: environment["POD_NAME"] ?? environment["HOSTNAME"] ?? "poolwarden",
    serviceAccount: serviceAccountOf(environment),
    election: electionOf(data, environment["POD_NAMESPACE"]),
  });
}

function serviceAccountOf(environment: Readonly<Record<string, string | undefined>>): string {
  const { POD_NAMESPACE: namespace, POD_SERVICE_ACCOUNT: name } = environment;
  return namespace && name ? `${namespace}:${name}` : usualServiceAccount;
}

function electionOf(
  data: z.infer<typeof settings>,
  podNamespace: string | undefined,
): ElectionConfig | undefined {
  const isWanted = data["leader-elect"] ?? (podNamespace ? "true" : "false");
  if (isWanted === "false") return undefined;
  const namespace = data["lease-namespace"] ?? podNamespace;
  if (!namespace) throw invalid("--leader-elect needs --lease-namespace, or POD_NAMESPACE");
  const times = {
    leaseDurationMs: data["lease-duration"],
    renewDeadlineMs: data["renew-deadline"],
    retryMs: data["retry-period"],
  };
  // What is left between the two is the time that a write may take.
  if (times.renewDeadlineMs > 0.8 * times.leaseDurationMs) {
    throw invalid("--renew-deadline must be at most 80 % of --lease-duration");
  }
  if (times.retryMs > times.renewDeadlineMs / 2) {
    throw invalid("--retry-period must be at most half of --renew-deadline");
  }
  return { namespace, name: data["lease-name"], ...times };
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
