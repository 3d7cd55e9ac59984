// The arguments of `poolwarden plan`. What cannot be used is said with its flag, its value and what
// would do.

import { invalidArgument, parsedArguments } from "../arguments.ts";
import { engineNames, engines } from "../api/engines.ts";
import { dnsLabelPattern } from "../api/names.ts";
import { canonicalAddress } from "../domain/supply/database-host.ts";
import {
  namespaceTwice,
  parseQuotaSetting,
  type QuotaSetting,
} from "../domain/supply/quota-settings.ts";
import { type PoolMode, poolModes } from "./assumed-tier.ts";
import type { GivenLimits, GivenMaximum } from "./declared-database.ts";
import { namespaceForm } from "./objects.ts";
import { type OutputForm, outputs, planFlags } from "./plan-usage.ts";
import { readWhatIf, type WhatIf } from "./what-if.ts";

export interface PlanRequest {
  /** Paths, and `-`. */
  readonly inputs: readonly string[];
  readonly namespace: string;
  readonly output: OutputForm;
  readonly limits: GivenLimits;
  /** Limits come from the real servers. */
  readonly reads: boolean;
  readonly whatIfs: readonly WhatIf[];
  /** Undefined: the manifests are all that there is. */
  readonly cluster: { readonly kubeconfig: string | undefined } | undefined;
  readonly namespaceQuotas: readonly QuotaSetting[];
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Undefined: help is asked for. Throws CONFIG_INVALID with flag, value and what would do. */
export function readPlanArguments(args: readonly string[]): PlanRequest | undefined {
  const config = { args: [...args], options, allowPositionals: true };
  const { values, positionals } = parsedArguments(config, "poolwarden plan --help");
  if (values["help"] === true) return undefined;
  const inputs = [...textsOf(values, "filename"), ...positionals];
  if (inputs.length === 0) requireQuestion(values);
  const reads = values["read"] === true;
  if (reads) refuseGivenLimits(values);
  return {
    inputs,
    namespace: namespaceOf(textOf(values, "namespace") ?? "default"),
    output: outputOf(textOf(values, "output") ?? "text"),
    limits: {
      maxConnections: maximaOf(textsOf(values, "max-connections")),
      reservedConnections: numberOf(values, "reserved-connections"),
      roleLimits: roleLimitsOf(textsOf(values, "role-limit")),
      poolMode: poolModeOf(textOf(values, "pool-mode")),
      otherSessions: numberOf(values, "other-sessions"),
    },
    reads,
    whatIfs: textsOf(values, "what-if").map(whatIfOf),
    cluster: clusterOf(values),
    namespaceQuotas: quotasOf(textOf(values, "namespace-quotas") ?? ""),
  };
}

/** What runs is enough for a question about it. */
function requireQuestion(values: Values): void {
  const isOfWhatRuns = values["against-cluster"] === true;
  if (isOfWhatRuns && textsOf(values, "what-if").length > 0) return;
  const manifests = "-f FILE, -f FOLDER, or -f - for standard input";
  const change = isOfWhatRuns ? ", or --what-if CHANGE for a change of what runs" : "";
  throw invalidArgument(`say what to plan: poolwarden plan ${manifests}${change}`);
}

function clusterOf(values: Values): PlanRequest["cluster"] {
  const kubeconfig = textOf(values, "kubeconfig");
  if (values["against-cluster"] === true) return { kubeconfig };
  if (kubeconfig === undefined) return undefined;
  const way = "add --against-cluster, or leave it out";
  throw invalidArgument(`--kubeconfig ${kubeconfig}: no cluster is asked for: ${way}`);
}

const options = Object.fromEntries(
  planFlags.map(({ name, short, value }) => {
    const type = value === undefined ? ("boolean" as const) : ("string" as const);
    return [name, { type, multiple: type === "string", ...(short && { short }) }];
  }),
);

function textsOf(values: Values, flag: string): readonly string[] {
  const value = values[flag];
  return Array.isArray(value) ? value.map(String) : [];
}

/** The last one counts. */
function textOf(values: Values, flag: string): string | undefined {
  return textsOf(values, flag).at(-1);
}

function namespaceOf(text: string): string {
  if (new RegExp(dnsLabelPattern).test(text)) return text;
  throw invalidArgument(`--namespace ${JSON.stringify(text)}: ${namespaceForm}`);
}

function outputOf(text: string): OutputForm {
  const found = outputs.find((form) => form === text);
  if (found) return found;
  throw invalidArgument(`--output ${JSON.stringify(text)}: must be one of ${outputs.join(", ")}`);
}

const numberMax = 1_000_000;

function wholeNumber(text: string, flag: string, form: string): number {
  if (/^[0-9]{1,7}$/.test(text) && Number(text) <= numberMax) return Number(text);
  throw invalidArgument(`--${flag} ${JSON.stringify(text)}: must be ${form}, at most ${numberMax}`);
}

function numberOf(values: Values, flag: string): number {
  return wholeNumber(textOf(values, flag) ?? "0", flag, "a whole number");
}

/** What is read is not given. */
function refuseGivenLimits(values: Values): void {
  for (const flag of ["max-connections", "reserved-connections", "role-limit", "pool-mode"]) {
    const [text] = textsOf(values, flag);
    if (text === undefined) continue;
    throw invalidArgument(
      `--read with --${flag} ${text}: --read reads that itself: leave one of them out`,
    );
  }
}

function poolModeOf(text: string | undefined): PoolMode | undefined {
  const found = poolModes.find((mode) => mode === text);
  if (found || text === undefined) return found;
  const form = `must be one of ${poolModes.join(", ")}`;
  throw invalidArgument(`--pool-mode ${JSON.stringify(text)}: ${form}`);
}

function maximaOf(texts: readonly string[]): readonly GivenMaximum[] {
  const maxima = texts.map(maxConnectionsOf);
  const ids = maxima.flatMap(({ servers }) => (servers.length > 0 ? servers : ["*"]));
  const twice = maxima.find(({ servers }) => {
    const [id = "*"] = servers;
    return ids.indexOf(id) !== ids.lastIndexOf(id);
  });
  if (!twice) return maxima;
  throw invalidArgument(
    `--max-connections ${twice.text}: the same server is given twice: give it once`,
  );
}

function roleLimitsOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const text of texts) {
    const [role, limit] = roleLimitOf(text);
    if (limits.has(role))
      throw invalidArgument(`--role-limit ${text}: ${role} is given twice: give it once`);
    limits.set(role, limit);
  }
  return limits;
}

function maxConnectionsOf(text: string): GivenMaximum {
  const split = text.lastIndexOf("=");
  const form = "a whole number, or HOST:PORT=N";
  const number = wholeNumber(text.slice(split + 1), "max-connections", form);
  if (number === 0)
    throw invalidArgument(`--max-connections ${JSON.stringify(text)}: must be at least 1`);
  if (split < 0) return { text, servers: [], connections: number };
  const servers = engineNames.map((name) => {
    const address = canonicalAddress(text.slice(0, split), engines[name]);
    if (address.kind === "address") return address.server;
    throw invalidArgument(`--max-connections ${JSON.stringify(text)}: ${address.message}`);
  });
  return { text, servers: [...new Set(servers)], connections: number };
}

function roleLimitOf(text: string): readonly [string, number] {
  const split = text.lastIndexOf("=");
  const form = "ROLE=N, N a whole number";
  if (split < 1) throw invalidArgument(`--role-limit ${JSON.stringify(text)}: must be ${form}`);
  return [text.slice(0, split), wholeNumber(text.slice(split + 1), "role-limit", form)];
}

function whatIfOf(text: string): WhatIf {
  const whatIf = readWhatIf(text);
  if ("problem" in whatIf)
    throw invalidArgument(`--what-if ${JSON.stringify(text)}: ${whatIf.problem}`);
  return whatIf;
}

function quotasOf(text: string): readonly QuotaSetting[] {
  const quotas = text.split(",").flatMap(quotaOf);
  if (new Set(quotas.map(({ namespace }) => namespace)).size === quotas.length) return quotas;
  throw invalidArgument(`--namespace-quotas ${JSON.stringify(text)}: ${namespaceTwice}`);
}

function quotaOf(part: string): QuotaSetting[] {
  if (part.trim() === "") return [];
  const quota = parseQuotaSetting(part.trim());
  if ("message" in quota) throw invalidArgument(`--namespace-quotas: ${quota.message}`);
  return [quota];
}
