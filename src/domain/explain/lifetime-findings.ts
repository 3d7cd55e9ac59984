// A server that closes idle connections (MySQL, by wait_timeout) leaves dead ones in every pool
// that keeps its connections longer: the next request that takes one fails. A pool should let go of
// a connection a while before, as long as a request may take to notice.

import { poolNameIn } from "../../api/keys.ts";
import { longestLifetimeMs } from "../../api/lifetimes.ts";
import type { Position } from "../demand/position.ts";
import type { Finding, PolicyFacts } from "../facts/facts.ts";
import type { PoolLifetime } from "../facts/pool-facts.ts";
import { engines, type Engine } from "../../api/engines.ts";
import { engineNameOf } from "../supply/server-engine.ts";
import { foldFindings } from "../words/fold-findings.ts";

/** Of the policy's pools, one each; those of one cause are told together. */
export function lifetimeFindings(policy: PolicyFacts, positions: readonly Position[]): Finding[] {
  const { idleTimeoutSeconds } = policy;
  const { idleSetting = "" }: Engine = engines[engineNameOf(policy)];
  if (idleTimeoutSeconds === undefined) return [];
  const found = positions.flatMap(({ pool: { lifetime, poolKey } }) => {
    if (!isTooLong(lifetime, longestLifetimeMs(idleTimeoutSeconds))) return [];
    const message = sayTooLong(lifetime, { idleTimeoutSeconds, idleSetting });
    const finding: Finding = { reason: "LifetimeTooLong", severity: "info", message };
    return [{ workload: poolNameIn(poolKey), finding }];
  });
  return foldFindings(found);
}

/** 0 is for ever. */
function isTooLong(
  lifetime: PoolLifetime | undefined,
  longestMs: number,
): lifetime is PoolLifetime {
  return lifetime !== undefined && (lifetime.lifetimeMs === 0 || lifetime.lifetimeMs > longestMs);
}

interface IdleLimit {
  readonly idleTimeoutSeconds: number;
  /** As the server calls it. */
  readonly idleSetting: string;
}

function sayTooLong(
  lifetime: PoolLifetime,
  { idleTimeoutSeconds, idleSetting }: IdleLimit,
): string {
  return (
    `${sayLifetime(lifetime)}, and the server closes connections that are idle for ` +
    `${idleTimeoutSeconds} s (${idleSetting}). To fix: ` +
    fixOf(lifetime, longestLifetimeMs(idleTimeoutSeconds), idleSetting)
  );
}

function sayLifetime({ lifetimeMs, setting, isUsual }: PoolLifetime): string {
  const span = lifetimeMs === 0 ? "for ever" : `for ${lifetimeMs / 1_000} s`;
  const whose = isUsual ? ", its default: no other one is seen in the template" : "";
  return `keeps connections ${span} (${setting}${whose})`;
}

function fixOf(
  { variable, unitMs, leastMs = unitMs }: PoolLifetime,
  longestMs: number,
  idleSetting: string,
): string {
  const number = Math.floor(longestMs / unitMs);
  if (longestMs >= leastMs) return `set ${variable} to ${number}`;
  const seconds = Math.ceil(leastMs / longestLifetimeMs(1));
  return `set ${idleSetting} to ${seconds} or more, and ${variable} to ${leastMs / unitMs}`;
}
