// What a workload entry means once presets, profile and defaults are filled in, and the
// environment entries that a pool size turns into. One place, so that what is granted, what is
// read back and what is documented cannot differ.

import { isWorkerCount } from "./environment.ts";
import type { PoolPolicySpec, WorkloadEntry } from "./poolpolicy.ts";
import { longestLifetimeMs } from "./lifetimes.ts";
import { presetOfSize, presetUnder } from "./preset-names.ts";
import { type Preset, presets } from "./presets.ts";
import { defaultFloor, defaultProfile, idleLifetimeName, profiles } from "./profiles.ts";

export interface Sizing {
  /** Smallest pool size that is ever granted, at least 1. */
  readonly floor: number;
  /** Largest pool size that is ever granted, not below the floor. */
  readonly ceiling: number;
  /** Minimum of the pool as a percentage of its maximum, 0 to 100. */
  readonly minSizePercent: number;
  /** Pool size that a pod without a readable size is taken to hold. */
  readonly unmanagedPoolSize: number;
  /** Pools of the size in a pod: of each of its processes, as many as that opens. */
  readonly processesPerPod: number;
  /** Connections of a pod outside its pools. */
  readonly extraConnectionsPerPod: number;
  readonly weight: number;
  /** Variable of the pool's minimum; undefined where own names are given without one. */
  readonly minSizeName: string | undefined;
  /** What it says costs more than connections: without poolSize.max it never grows. */
  readonly isWorkerCount: boolean;
  /** Variable of the pool's maximum, the pool size. */
  readonly maxSizeName: string;
  /** Other spellings that the library reads where maxSizeName is not set, e.g. in a template. */
  readonly maxSizeAliases: readonly string[];
  /** An argument has to say the whole name. */
  readonly bindsProperties: boolean;
  /** Values of it below this are no limit. */
  readonly unlimitedBelow: number;
  readonly readsUrl: boolean;
  readonly refusesLargeMinimum: boolean;
  /** Variable of what the pool may open beyond its maximum, where the entry names one. */
  readonly overflowName?: string;
  /** What the pool opens beyond its maximum where that variable is not set. */
  readonly usualOverflow: number;
  /** Other variables that we write with it. */
  readonly otherNames: readonly string[];
}

export interface EnvironmentEntry {
  readonly name: string;
  readonly value: string;
}

/** Sizing of one workload entry with every default written out. */
export function sizingOf(spec: PoolPolicySpec, entry: WorkloadEntry): Sizing {
  const { poolSize } = entry;
  const profile = profiles[spec.profile ?? defaultProfile];
  const floor = poolSize.min ?? Math.min(defaultFloor, poolSize.max ?? defaultFloor);
  const names = namesOf(entry);
  return {
    floor,
    // A floor above the profile's ceiling is an explicit word; the ceiling was only a default.
    ceiling: poolSize.max ?? Math.max(profile.ceiling, floor),
    minSizePercent: minSizePercentOf(spec, entry),
    unmanagedPoolSize: entry.unmanagedPoolSize ?? names.unmanagedPoolSize,
    processesPerPod: poolsPerPod(entry),
    extraConnectionsPerPod: entry.extraConnectionsPerPod + reconnecting(entry),
    weight: entry.weight,
    minSizeName: names.minSize,
    isWorkerCount: isWorkerCount(names.maxSize),
    maxSizeName: names.maxSize,
    maxSizeAliases: names.maxSizeAliases,
    bindsProperties: names.bindsProperties,
    unlimitedBelow: names.unlimitedBelow,
    readsUrl: names.readsUrl,
    refusesLargeMinimum: names.refusesLargeMinimum,
    usualOverflow: names.usualOverflow,
    ...(names.overflow === undefined ? {} : { overflowName: names.overflow }),
    otherNames: [names.minSize, names.initialSize, ...names.followsMaxSize].flatMap(
      (name) => name ?? [],
    ),
  };
}

function poolsPerPod({ processesPerPod, poolsPerProcess = 1 }: WorkloadEntry): number {
  return processesPerPod * poolsPerProcess;
}

/** While connections are made anew (RECONNECT), each pool has one more for a moment. */
function reconnecting(entry: WorkloadEntry): number {
  return entry.console === undefined ? 0 : poolsPerPod(entry);
}

function minSizePercentOf(
  { profile }: Pick<PoolPolicySpec, "profile">,
  { poolSize }: Pick<WorkloadEntry, "poolSize">,
): number {
  return poolSize.minSizePercent ?? profiles[profile ?? defaultProfile].minSizePercent;
}

/** Minimum of a pool with this maximum: rounded down, so never above it. 12 at 20 % → 2. */
export function minSizeOf(poolSize: number, minSizePercent: number): number {
  return Math.floor((poolSize * minSizePercent) / 100);
}

/**
 * The environment entries of a pod whose pool size is `poolSize` (an integer, at least 1):
 * minimum, initial size, maximum, overflow, what follows the maximum, then the profile's settings,
 * below the server's idle limit. Same input, same list, same order.
 */
export function entriesFor(
  spec: PoolPolicySpec,
  entry: WorkloadEntry,
  poolSize: number,
  idleTimeoutSeconds?: number,
): readonly EnvironmentEntry[] {
  const names = namesOf(entry);
  const value = String(poolSize);
  const minimum = String(minSizeOf(poolSize, minSizePercentOf(spec, entry)));
  const entries: EnvironmentEntry[] = [];
  if (names.minSize !== undefined) {
    entries.push({ name: names.minSize, value: minimum });
  }
  if (names.initialSize !== undefined) entries.push({ name: names.initialSize, value: minimum });
  entries.push({ name: names.maxSize, value });
  if (names.overflow !== undefined) entries.push({ name: names.overflow, value: "0" });
  entries.push(...names.followsMaxSize.map((name) => ({ name, value })));
  entries.push(...settingsOf(spec, entry, idleTimeoutSeconds));
  return entries;
}

type Names = Omit<Preset, "library" | "prefix" | "minSize" | "overflow"> & {
  readonly minSize: string | undefined;
  readonly initialSize?: string | undefined;
  readonly overflow?: string | undefined;
};

function namesOf(entry: WorkloadEntry): Names {
  const { env } = entry;
  if (env === undefined) return presetUnder(entry.preset ?? "generic", entry.prefix);
  return { ...libraryOf(env.maxSize), ...env, minSize: env.minSize, followsMaxSize: [] };
}

/** Whoever names a variable of Spring Boot has the library that Boot binds it to. */
function libraryOf(maxSize: string): Preset {
  const { preset, prefix } = presetOfSize(maxSize) ?? { preset: "generic" };
  const library = presetUnder(preset, prefix);
  return library.bindsProperties ? library : presets.generic;
}

/**
 * The settings have the generic preset's names: another library would not read them, and neither
 * does a pool under another prefix.
 */
function settingsOf(
  spec: PoolPolicySpec,
  entry: WorkloadEntry,
  idleTimeoutSeconds: number | undefined,
): readonly EnvironmentEntry[] {
  const { env, prefix, preset = "generic" } = entry;
  const isGeneric = env === undefined && prefix === undefined && preset === "generic";
  if (spec.profile === undefined || !isGeneric) return [];
  const { settings } = profiles[spec.profile];
  if (idleTimeoutSeconds === undefined) return settings;
  const longest = Math.max(1, Math.floor(longestLifetimeMs(idleTimeoutSeconds) / 1_000));
  return settings.map(({ name, value }) => {
    const isLonger = name === idleLifetimeName && Number(value) > longest;
    return { name, value: isLonger ? String(longest) : value };
  });
}
