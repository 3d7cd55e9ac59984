// What `poolwarden --help` says: each setting with its flag, its variable and its default.

import { usualRunbookBaseUrl } from "./render/alert.ts";

/** What counts where neither flag nor variable says anything: for the settings and their help. */
export const defaults = {
  "log-level": "info",
  listen: "0.0.0.0:8080",
  "database-interval": "30s",
  "settle-time": "5s",
  "admission-warm-up": "35s",
  "runbook-base-url": usualRunbookBaseUrl,
  evictions: "true",
  page: "true",
  "live-pools": "false",
  "lease-name": "poolwarden",
  "lease-duration": "15s",
  "renew-deadline": "10s",
  "retry-period": "2s",
} as const;

export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;

export interface Flag {
  readonly name: string;
  /** What stands for its value. */
  readonly value: string;
  /** The default, and what else there is to know. */
  readonly about: string;
}

/** Every flag of `poolwarden run`, in the order of the help. */
export const flags: readonly Flag[] = [
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
    about: `${defaults.listen} (/ /metrics /livez /readyz /health /metrics/db-pool)`,
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
    name: "allowed-database-hosts",
    value: "A,B",
    about:
      "all but loopback, link-local and metadata addresses; or a list of names, *.suffixes, addresses and ranges, each with or without :port",
  },
  {
    name: "namespace-quotas",
    value: "A=40%,*=9",
    about: "no bounds; else what each namespace may have of a server, of its budget or in slots",
  },
  {
    name: "evictions",
    value: "BOOL",
    about: `${defaults.evictions}: where a rollout does not fit the server, or the workload's owner undoes it, pods are evicted one at a time`,
  },
  {
    name: "page",
    value: "BOOL",
    about: `${defaults.page}: servers and pools are shown on a page for people, at /`,
  },
  {
    name: "live-pools",
    value: "BOOL",
    about: `${defaults["live-pools"]}: pods of entries with resize Live get another size while they run; needs the right to patch pods`,
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
    about: `${defaults["lease-duration"]}: how long a standby waits for a leader that no longer renews the Lease`,
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

Usage: poolwarden run [flags]    the operator
       poolwarden plan [flags]   what it would decide on manifests; see poolwarden plan --help
       poolwarden top [flags]    servers and pools live in a terminal; see poolwarden top --help

Flags of run, each with its environment variable and default:
${flags.map(lineOf).join("\n")}
  --help                        this text
  --version                     the version
`;

function lineOf({ name, value, about }: Flag): string {
  return `  ${`--${name} ${value}`.padEnd(29)} ${variableOf(name).padEnd(34)} ${about}`;
}

/** The environment variable of a flag. */
export function variableOf(flag: string): string {
  return `POOLWARDEN_${flag.toUpperCase().replaceAll("-", "_")}`;
}
