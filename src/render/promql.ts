// Pieces of PromQL and of Prometheus' templates. Names of Kubernetes objects are harmless; what a
// user calls a database server is not, and alert annotations and labels are Go templates: every
// text from outside goes through `quote`.

import type { EngineName } from "../api/engines.ts";

/** What names the series of one policy. */
export interface Subject {
  readonly namespace: string;
  readonly policy: string;
  /** `host:port` of the database server, whatever characters are in it. */
  readonly server: string;
  /** Kind of the server; absent: the usual one. */
  readonly engine?: EngineName;
}

/**
 * The text as a string literal in double quotes, in ASCII: PromQL and YAML each refuse some other
 * characters. PromQL and Go templates share Go's escapes, so one function serves both; braces of a
 * template mean nothing inside of it.
 */
export function quote(text: string): string {
  const escaped = text
    .toWellFormed()
    .replace(/[\\"]/g, (character) => `\\${character}`)
    .replace(/[^ -~]/gu, escapeCharacter);
  return `"${escaped}"`;
}

/** A template that yields the text as it is. */
export function literal(text: string): string {
  return `{{ ${quote(text)} }}`;
}

/** A template that yields the value of a query as a whole number, or `?` where there is none. */
export function numberOf(expression: string): string {
  return `{{ with query ${quote(expression)} }}{{ . | first | value | printf "%.0f" }}{{ else }}?{{ end }}`;
}

/** A template that yields the value that the alert fired with, as a whole number. */
export const alertValue = '{{ $value | printf "%.0f" }}';

/** The one series of a server, however many operators were scraped while one replaced another. */
export function ofServer(metric: string, { server }: Subject): string {
  return `max by (server) (${metric}{server=${quote(server)}})`;
}

/**
 * The series of a policy, one per value of `by`. Without honorLabels Prometheus renames our label
 * namespace to exported_namespace, and namespace is then where the operator runs: both are read.
 */
export function ofPolicy(metric: string, subject: Subject, by = "policy"): string {
  const namespace = quote(subject.namespace);
  const policy = quote(subject.policy);
  return (
    `max by (${by}) (${metric}{policy=${policy},namespace=${namespace},exported_namespace=""} or ` +
    `${metric}{policy=${policy},exported_namespace=${namespace}})`
  );
}

/** Series that pods of the policy's namespace export themselves. */
export function inNamespace(metric: string, { namespace }: Subject): string {
  return `${metric}{namespace=${quote(namespace)}}`;
}

/** No operator is scraped. */
export const isAbsent = "absent(poolwarden_cache_objects{})";

const interval = "max(poolwarden_database_interval_seconds{})";

/** How often the operator decides about each policy at least, in seconds, as a template. */
export const usualIntervalSeconds = numberOf(interval);

/**
 * A decision of this age, in seconds, is old: four intervals of the operator that runs, whatever it
 * was told, and ten minutes at least.
 */
export const oldAfterSeconds = `scalar(clamp_min(4 * ${interval}, 600))`;

function escapeCharacter(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const digits = codePoint.toString(16);
  return codePoint > 0xffff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
}
