// A pool of which the template says no size counts as its library's default. Nothing is wrong with
// that where the process reads the variable of the policy all the same. But where its container has
// another variable that may be the size, the policy most likely names one that nobody reads: then
// both the count and every size that we assign are wrong.

import { isForbiddenEnvironment, isSizeName } from "../../api/environment.ts";
import { dataSourceOf } from "../../api/preset-names.ts";
import type { WorkloadEntry } from "../../api/poolpolicy.ts";
import { variablePrefix } from "../../api/prefixes.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { Finding, OwnSize } from "../../domain/facts/facts.ts";
import { nameFew } from "../../domain/words/fold-findings.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { isCounted } from "./counted.ts";
import { isMaximumName } from "./pool-names.ts";
import { poolSizeIn } from "./said-size.ts";
import { sayEntry } from "./say-entry.ts";

interface Assumed {
  readonly container: ObservedContainer | undefined;
  readonly template: OwnSize;
  readonly sizing: Pick<Sizing, "maxSizeName" | "otherNames">;
}

export function assumedFindings(
  entry: Pick<WorkloadEntry, "unmanagedPoolSize" | "manage">,
  { container, template, sizing }: Assumed,
): Finding[] {
  if (entry.unmanagedPoolSize !== undefined || isCounted(entry)) return [];
  if (!container || !isSaidByNobody(container, template)) return [];
  const others = container.env.filter((one) => mayBeSize(one, sizing));
  if (others.length === 0) return [];
  const { maxSizeName } = sizing;
  const which = `${others.length === 1 ? "" : "one of "}${nameFew(others, said)}`;
  const message =
    `container ${container.name} does not set ${maxSizeName}, so its pool is counted as ` +
    `${template.poolSize}. If the pool reads ${which}, name ` +
    "that variable in spec.workloads[].env.maxSize; otherwise set unmanagedPoolSize to the size of the pool";
  return [{ reason: "SizeAssumed", severity: "degraded", message }];
}

/** A policy can name no dots and dashes: Spring Boot reads the documented form of any spelling. */
function said(entry: EnvEntry): string {
  if (/^\w+$/.test(entry.name)) return sayEntry(entry);
  return `${sayEntry(entry)} (write ${variablePrefix(entry.name).slice(0, -1)})`;
}

function isSaidByNobody({ envFrom, isCut }: ObservedContainer, template: OwnSize): boolean {
  const { source, problem } = template;
  return source === "unmanaged" && problem === undefined && envFrom.length === 0 && isCut !== true;
}

/** Pools of other things than databases have sizes as well, and pools of databases have times. */
const ofOthers = new RegExp(
  [
    ...["redis", "mongo", "kafka", "rabbit", "amqp", "http", "elastic", "memcache", "ldap", "smtp"],
    ...["s3", "grpc", "socket", "server_", "tomcat", "broker", "celery", "pgbouncer", "client"],
    ...["task", "thread", "worker", "process", "concurrency", "scheduling", "connector"],
    ...["activemq", "artemis", "jms", "netty", "forkjoin", "cassandra", "couchbase", "neo4j"],
    ...["recycle", "retry", "retries", "check", "ping", "lifo", "slot", "wait", "age", "life"],
  ].join("|"),
  "i",
);
const isSize = /size|max|limit|pool$|conns?$|connections$|active|total/i;

/** It reads like the size of a pool of a database, and is none that the policy names. */
export function mayBeSize(
  entry: Pick<EnvEntry, "name" | "value" | "from">,
  { maxSizeName, otherNames }: Assumed["sizing"],
): boolean {
  const { name, value } = entry;
  if (name === maxSizeName || otherNames.includes(name)) return false;
  // Whatever the data source is called, and also where it has no limit.
  if (dataSourceOf(name) !== undefined) return value?.trim() !== "";
  if (ofOthers.test(name) || !isMaximumName(name) || !isSize.test(name)) return false;
  return !isForbiddenEnvironment(name) && saysSize(entry);
}

function saysSize({ name, value = "", from }: Pick<EnvEntry, "name" | "value" | "from">): boolean {
  return from === undefined ? poolSizeIn(value) !== undefined : isSizeName(name);
}
