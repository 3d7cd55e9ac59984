// The one place that reads flags and the environment. A flag wins over its variable, which wins
// over the default; what cannot be used is said with its name, its value and what would do.

import type { parseArgs } from "node:util";
import { z } from "zod";
import { invalidArgument, parsedArguments } from "./arguments.ts";
import { durationMs, durationPattern } from "./api/durations.ts";
import { dnsLabelPattern } from "./api/names.ts";
import { type HostPattern, parseHostPattern } from "./domain/supply/allowed-hosts.ts";
import {
  namespaceTwice,
  type QuotaSetting,
  parseQuotaSetting,
} from "./domain/supply/quota-settings.ts";
import { runbookBaseUrlPattern, usualRunbookBaseUrl } from "./render/alert.ts";
import { usualServiceAccount } from "./render/rights.ts";
import { defaults, logLevels, variableOf } from "./usage.ts";

const portMax = 65_535;

const trueOrFalse = "must be true or false";

const settings = z.object({
  kubeconfig: z.string().optional(),
  namespaces: z
    .string()
    .default("")
    .transform((text) => text.split(",").flatMap((name) => name.trim() || [])),
  "log-level": z
    .enum(logLevels, `must be one of ${logLevels.join(", ")}`)
    .default(defaults["log-level"]),
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
  "allowed-database-hosts": listOf(parseHostPattern),
  "namespace-quotas": listOf(parseQuotaSetting).refine(
    (shares) => new Set(shares.map(({ namespace }) => namespace)).size === shares.length,
    namespaceTwice,
  ),
  "runbook-base-url": z
    .string()
    .regex(
      new RegExp(runbookBaseUrlPattern),
      `must be a URL such as ${usualRunbookBaseUrl}, / at its end`,
    )
    .default(defaults["runbook-base-url"]),
  evictions: z.enum(["true", "false"], trueOrFalse).default(defaults.evictions),
  page: z.enum(["true", "false"], trueOrFalse).default(defaults.page),
  "live-pools": z.enum(["true", "false"], trueOrFalse).default(defaults["live-pools"]),
  "leader-elect": z.enum(["true", "false"], trueOrFalse).optional(),
  "lease-namespace": objectName().optional(),
  "lease-name": objectName().default(defaults["lease-name"]),
  "lease-duration": duration("1s", "10m").prefault(defaults["lease-duration"]),
  "renew-deadline": duration("100ms", "10m").prefault(defaults["renew-deadline"]),
  "retry-period": duration("50ms", "1m").prefault(defaults["retry-period"]),
});

/** Every setting, as its flag is called. */
export const settingNames: readonly string[] = Object.keys(settings.shape);

/** What a setting was called before, which is read for one release. */
const formerNames: Readonly<Record<string, string>> = { "namespace-quotas": "namespace-shares" };

/** Entries between commas; one that cannot be read makes the whole list unusable. */
function listOf<T extends object>(
  parse: (text: string) => T | { readonly kind: "problem"; readonly message: string },
): z.ZodType<readonly T[], string | undefined> {
  return z
    .string()
    .refine((text) => /[^\s,]/.test(text), "names nothing: leave it out for the default")
    .optional()
    .transform((text = "", context) =>
      text.split(",").flatMap((part): T[] => {
        const entry = part.trim() === "" ? undefined : parse(part.trim());
        if (entry === undefined) return [];
        if (!("message" in entry)) return [entry];
        context.addIssue({ code: "custom", message: entry.message });
        return [];
      }),
    );
}

function objectName(): z.ZodString {
  const example = "must be the name of an object, such as poolwarden-system";
  return z.string().regex(new RegExp(dnsLabelPattern), example);
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
  /** Database hosts that may be contacted; empty: all but loopback, link-local and metadata. */
  readonly allowedDatabaseHosts: readonly HostPattern[];
  /** What each namespace may have of a database server; empty: whatever its policies ask for. */
  readonly namespaceQuotas: readonly QuotaSetting[];
  /** A repair may evict pods where its rollout does not fit. */
  readonly mayEvict: boolean;
  /** The page for people is served at `/`. */
  readonly servesPage: boolean;
  /** The pool size in the annotations of running pods may be changed. */
  readonly mayResize: boolean;
  /** Where the folder docs/runbooks is served, with a slash at its end: for links in alerts. */
  readonly runbookBaseUrl: string;
  /** Name of this process in events. */
  readonly instance: string;
  /** Of the pod that this process runs in; undefined where it is not told. */
  readonly podUid: string | undefined;
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
    throw invalidArgument(
      `unknown command "${positionals.join(" ")}": the commands are run, plan and top; see poolwarden --help`,
    );
  }
  return { kind: "run", config: configOf(values, environment) };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs> {
  const options = Object.fromEntries(
    [...settingNames, ...Object.values(formerNames)].map((name) => [
      name,
      { type: "string" as const },
    ]),
  );
  const flags = { help: { type: "boolean" as const }, version: { type: "boolean" as const } };
  return parsedArguments(
    { args: [...args], options: { ...options, ...flags }, allowPositionals: true },
    "poolwarden --help",
  );
}

function configOf(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const given = new Map(settingNames.map((name) => [name, givenFor(name, flags, environment)]));
  const values = [...given].map(([name, { value }]) => [name, value] as const);
  const parsed = settings.safeParse(Object.fromEntries(values));
  if (!parsed.success) throw invalidArgument(problemOf(parsed.error, given));
  const { data } = parsed;
  return Object.freeze({
    kubeconfig: data.kubeconfig,
    namespaces: data.namespaces,
    logLevel: data["log-level"],
    listen: data.listen,
    databaseIntervalMs: data["database-interval"],
    settleTimeMs: data["settle-time"],
    admissionWarmUpMs: data["admission-warm-up"],
    allowedDatabaseHosts: data["allowed-database-hosts"],
    namespaceQuotas: data["namespace-quotas"],
    mayEvict: data.evictions === "true",
    servesPage: data.page === "true",
    mayResize: data["live-pools"] === "true",
    runbookBaseUrl: data["runbook-base-url"],
    instance: environment["POD_NAME"] ?? environment["HOSTNAME"] ?? "poolwarden",
    podUid: environment["POD_UID"] || undefined,
    serviceAccount: serviceAccountOf(environment),
    election: electionOf(data, environment["POD_NAMESPACE"]),
  });
}

interface Given {
  /** The flag, or the variable, that says it; where none does, the variable that could. */
  readonly where: string;
  readonly value: unknown;
}

function givenFor(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Given {
  const former = formerNames[name];
  const names = former === undefined ? [name] : [name, former];
  const flag = names.find((one) => flags[one] !== undefined);
  if (flag !== undefined) return { where: `--${flag}`, value: flags[flag] };
  const variable = names.map(variableOf).find((one) => environment[one]) ?? variableOf(name);
  return { where: variable, value: environment[variable] || undefined };
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
  if (!namespace) throw invalidArgument("--leader-elect needs --lease-namespace, or POD_NAMESPACE");
  const times = {
    leaseDurationMs: data["lease-duration"],
    renewDeadlineMs: data["renew-deadline"],
    retryMs: data["retry-period"],
  };
  // What is left between the two is the time that a write may take.
  if (times.renewDeadlineMs > 0.8 * times.leaseDurationMs) {
    throw invalidArgument("--renew-deadline must be at most 80 % of --lease-duration");
  }
  if (times.retryMs > times.renewDeadlineMs / 2) {
    throw invalidArgument("--retry-period must be at most half of --renew-deadline");
  }
  return { namespace, name: data["lease-name"], ...times };
}

function problemOf(error: z.ZodError, given: ReadonlyMap<string, Given>): string {
  const [issue] = error.issues;
  const { where, value } = given.get(String(issue?.path[0] ?? "")) ?? {};
  return `${where ?? "a setting"} ${JSON.stringify(value)}: ${issue?.message ?? "is not valid"}`;
}
