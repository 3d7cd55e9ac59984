// Which variables the pools of one workload write, whichever policies they are of. What one pool
// writes is no number of another one, and two that would write the same variable of a container are
// a conflict: whoever is written last would size both. A policy may have many pools, and select
// thousands of workloads with all of them: so the names of a workload are kept once for all its
// pools, and each conflict is said once.

import { mainPool } from "../../api/keys.ts";
import { plainName } from "../../api/relaxed-names.ts";
import { entriesFor } from "../../api/sizing.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import { nameFew, sayAllOfFew } from "../../domain/words/fold-findings.ts";
import type { PickedWorkload } from "../../observed.ts";
import { chooseContainer } from "../sizes/container.ts";
import { entrySizing } from "../sizes/entry-sizing.ts";
import { claimsLeftOut, type Selection } from "./claims.ts";
import { poolsOfWorkloadMax } from "./few-claims.ts";
import { policiesOf, sharingOf } from "./shared-workloads.ts";

/** Of one pool. */
interface Writer {
  readonly pool: string;
  readonly claims: readonly Selection[];
  /** By their plain names. */
  readonly names: ReadonlyMap<string, Entry>;
  /** Of those: what says how large the pool may be. */
  readonly sizeNames: ReadonlySet<string>;
}

interface Entry {
  readonly container: string;
  readonly name: string;
}

/** `container/name`: two spellings of one variable are one, as they are to Spring Boot. */
export function plainEntry({ container, name }: Entry): string {
  return `${container}/${plainName(name)}`;
}

/** What the pools beside one write, asked for by `container/name`, plain. */
export type NamesOfOthers = Pick<ReadonlySet<string>, "has">;

/** What one pool of a workload has to know of the others. */
export interface BesideOthers {
  readonly namesOfOthers: NamesOfOthers;
  readonly conflicts: readonly Finding[];
}

type Grouped = readonly (readonly [pool: string, claims: readonly Selection[]])[];

/** For each of the pools. */
export function besideOthers(
  workload: PickedWorkload,
  byPool: Grouped,
  all: readonly Selection[],
): BesideOthers[] {
  const writers = byPool.map(([pool, claims]) => writerOf(workload, pool, claims));
  const byName = writersByName(writers);
  const policies = policiesOf(all);
  const isContested = policies.length > 1 && sharingOf(all) === undefined;
  const ofPolicies = isContested ? policyConflict(workload, policies, all) : undefined;
  const ofVariables = ofPolicies ? undefined : variableConflicts(byName);
  return writers.map((one) => ({
    namesOfOthers: { has: (name) => isOfOthers(name, one, byName) },
    conflicts: ofPolicies ?? ofVariables?.get(one) ?? [],
  }));
}

/** Plain, of all these claims together. */
export function namesWritten(
  workload: PickedWorkload,
  claims: readonly Pick<Selection, "spec" | "entry">[],
): ReadonlySet<string> {
  return new Set(claims.flatMap((claim) => writtenBy(workload, claim).entries.map(plainEntry)));
}

function writerOf(workload: PickedWorkload, pool: string, claims: readonly Selection[]): Writer {
  const written = claims.map((claim) => writtenBy(workload, claim));
  const entries = written.flatMap((one) => one.entries);
  return {
    ...{ pool, claims },
    names: new Map(entries.map((one) => [plainEntry(one), one])),
    sizeNames: new Set(written.flatMap(({ size }) => (size ? [plainEntry(size)] : []))),
  };
}

interface Written {
  readonly entries: readonly Entry[];
  readonly size?: Entry;
}

/** Nothing where nobody knows which container it is. */
function writtenBy(
  workload: PickedWorkload,
  { spec, entry }: Pick<Selection, "spec" | "entry">,
): Written {
  const sizing = entrySizing(spec, entry);
  const container = chooseContainer(entry, workload, sizing).container?.name;
  if (container === undefined) return { entries: [] };
  return {
    entries: entriesFor(spec, entry, 1).map(({ name }) => ({ container, name })),
    size: { container, name: sizing.maxSizeName },
  };
}

type ByName = ReadonlyMap<string, readonly Writer[]>;

function writersByName(writers: readonly Writer[]): ByName {
  const byName = new Map<string, Writer[]>();
  for (const one of writers) {
    for (const name of one.names.keys()) {
      const before = byName.get(name);
      if (before) before.push(one);
      else byName.set(name, [one]);
    }
  }
  return byName;
}

function isOfOthers(name: string, one: Writer, byName: ByName): boolean {
  if (one.names.has(name)) return false;
  return (byName.get(name) ?? []).some((other) => !countWith(one, other));
}

/** It is the same size: what the one names beside it, an overflow perhaps, is of the other too. */
function countWith(one: Writer, other: Writer): boolean {
  return [...one.sizeNames].some((name) => other.sizeNames.has(name));
}

/** One for all pools of the workload. */
function policyConflict(
  { kind, name }: PickedWorkload,
  policies: readonly string[],
  claims: readonly Selection[],
): readonly Finding[] {
  const leftOutCount = claimsLeftOut(claims);
  const isSamePool = new Set(claims.map(({ pool }) => pool)).size < claims.length;
  if (!isSamePool) return [tooManyNamed(`${kind}/${name}`, policies, leftOutCount)];
  const notCounted =
    leftOutCount === 0
      ? ""
      : `, and ${leftOutCount} entries are not counted, because a workload counts with ${poolsOfWorkloadMax} pools`;
  const message =
    `policies ${sayAllOfFew(policies)} select the same pool of ${kind}/${name}: none of its pools is sized` +
    `${notCounted}. To fix: select each pool in one policy, and give further pools a name (pool)`;
  return [{ reason: "ClaimedTwice", severity: "blocking", message }];
}

/** Each pool is of one policy, and a pool is not counted that might hold anything. */
function tooManyNamed(
  workload: string,
  policies: readonly string[],
  leftOutCount: number,
): Finding {
  const message =
    `policies ${sayAllOfFew(policies)} name more pools of ${workload} than the ${poolsOfWorkloadMax} that a workload ` +
    `counts with: none of its pools is sized, and ${leftOutCount} ` +
    `${leftOutCount === 1 ? "entry is" : "entries are"} not counted. To fix: name at most ${poolsOfWorkloadMax} pools of it`;
  return { reason: "ClaimedTwice", severity: "blocking", message };
}

/** Of those that would write the same variable: one for all, however many names they share. */
function variableConflicts(byName: ByName): ReadonlyMap<Writer, readonly Finding[]> {
  const shared = [...byName].filter(([, { length }]) => length > 1);
  const bySharers = Map.groupBy(shared, ([, writers]) => writers.map(({ pool }) => pool).join());
  const conflicts = new Map<Writer, Finding[]>();
  for (const [first] of bySharers.values()) {
    if (!first) continue;
    const [name, writers] = first;
    const conflict = variableConflict(name, writers);
    for (const one of writers) conflicts.set(one, [...(conflicts.get(one) ?? []), conflict]);
  }
  return conflicts;
}

function variableConflict(plain: string, writers: readonly Writer[]): Finding {
  const [first, ...others] = writers.flatMap(({ names }) => names.get(plain) ?? []);
  if (!first) throw new RangeError(`nobody writes ${plain}`);
  const { container, name } = first;
  const spelled = others.find((other) => other.name !== name)?.name;
  const said = spelled === undefined ? name : `${name} (or ${spelled}, which is the same variable)`;
  const [whose, none] =
    writers.length > 2
      ? [
          nameFew(writers, sayPool),
          `would all write ${said} of container ${container}: none of them`,
        ]
      : [
          writers.map(sayPool).join(" and "),
          `would both write ${said} of container ${container}: neither`,
        ];
  const message =
    `${whose} ${none} is sized. To fix: give one of the entries other variables ` +
    "(prefix, env or preset) or another container";
  return { reason: "ClaimedTwice", severity: "blocking", message };
}

/** `pool replica (policy shop/orders)` */
function sayPool({ pool, claims }: Writer): string {
  const policies = nameFew(claims, ({ policy }) => policy);
  return `${pool === mainPool ? "the main pool" : `pool ${pool}`} (policy ${policies})`;
}
