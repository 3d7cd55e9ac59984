// What a template sets beside the size that we write, and what a pod holds or needs all the same:
// an overflow, a second container with the same variable, a minimum that the size must not be
// below. They have no name in the policy, so they are told by theirs: APP_PG_POOL_MIN_SIZE goes
// with APP_PG_POOL_MAX_SIZE.

import { numberIn } from "../../api/size-text.ts";
import { presets } from "../../api/presets.ts";
import { isSameName, plainName } from "../../api/relaxed-names.ts";
import type { Sizing } from "../../api/sizing.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { type Beside, minimumsElsewhere } from "./minimum-settings.ts";
import { effectiveSize } from "./own-size.ts";
import { isMinimumName, isOverflowName, namesMax, namesOfPool } from "./pool-names.ts";
import { spareServersIn } from "./spare-servers.ts";
import { type Resolve, valueOf } from "./variable-values.ts";

export interface BesideTheSize {
  /** The largest minimum that stands there. */
  readonly minimum: Beside | undefined;
  readonly overflow: Beside | undefined;
  /** Pools of other containers. */
  readonly others: readonly Beside[];
  /** A pool that a framework binds by itself, whichever variable the entry names. */
  readonly bound: Beside | undefined;
}

/** `chosen` is the container that is sized. */
export function besideTheSize(
  containers: readonly ObservedContainer[],
  chosen: string,
  { sizing, resolve }: { readonly sizing: Sizing; readonly resolve: Resolve },
): BesideTheSize {
  const own = containers.find(({ name }) => name === chosen);
  const siblings = own ? siblingsIn(own, sizing, resolve) : [];
  return {
    minimum: own && largest(minimumsOf(own, siblings.filter(isMinimum), { sizing, resolve })),
    overflow: largest(siblings.filter(isOverflow)),
    bound: own && largest(boundIn(own, sizing, resolve)),
    others: containers.flatMap((container): Beside[] => {
      if (container.name === chosen) return [];
      const number = effectiveSize(container, sizing, resolve)?.poolSize;
      return number === undefined
        ? []
        : [{ container: container.name, name: sizing.maxSizeName, number }];
    }),
  };
}

function minimumsOf(
  own: ObservedContainer,
  siblings: readonly Beside[],
  { sizing, resolve }: { readonly sizing: Sizing; readonly resolve: Resolve },
): Beside[] {
  if (!sizing.refusesLargeMinimum) return [];
  const spare = spareServersIn(own, sizing, resolve);
  return [...siblings, ...minimumsElsewhere(own, sizing, resolve), ...spare];
}

/** Variables of the same pool that the entry does not name. */
function siblingsIn(own: ObservedContainer, sizing: Sizing, resolve: Resolve): Beside[] {
  const { maxSizeName, overflowName, otherNames, maxSizeAliases } = sizing;
  const known = new Set([maxSizeName, overflowName, ...otherNames, ...maxSizeAliases]);
  const names = namesOfPool(own, maxSizeName).filter((name) => !known.has(name));
  return names.slice(0, namesMax).flatMap((name): Beside[] => {
    const number = numberIn(valueOf(own, [name], resolve)?.text ?? "");
    return number === undefined ? [] : [{ container: own.name, name, number }];
  });
}

/**
 * Of an entry that names a variable of its own: the program's configuration refers to it, and what
 * the framework reads under its own name wins over that, or is another pool.
 */
function boundIn(own: ObservedContainer, sizing: Sizing, resolve: Resolve): Beside[] {
  const { maxSizeName, maxSizeAliases, bindsProperties } = sizing;
  if (bindsProperties) return [];
  const known = [maxSizeName, ...maxSizeAliases];
  const names = boundNames(own.env).filter((name) => !known.some((one) => isSameName(one, name)));
  return names.flatMap((name): Beside[] => {
    const number = numberIn(valueOf(own, [name], resolve)?.text ?? "");
    return number === undefined || number < 1 ? [] : [{ container: own.name, name, number }];
  });
}

/** Worked out once for a template. */
const boundNames = oncePer((env: ObservedContainer["env"]): readonly string[] => {
  const names = [...new Set(env.map(({ name }) => name))];
  return names.filter((name) => usualBoundSizes.has(plainName(name))).slice(0, namesMax);
});

/** It is counted beside the size as what Spring Boot reads by itself. */
export function isCountedBeside(
  { name, value = "" }: EnvEntry,
  { bindsProperties }: Pick<Sizing, "bindsProperties">,
): boolean {
  return !bindsProperties && usualBoundSizes.has(plainName(name)) && (numberIn(value) ?? 0) >= 1;
}

const usualBoundSizes: ReadonlySet<string> = new Set(
  Object.values(presets).flatMap(({ bindsProperties, maxSize }) => {
    return bindsProperties ? [plainName(maxSize)] : [];
  }),
);

function isMinimum({ name }: Beside): boolean {
  return isMinimumName(name);
}

function isOverflow({ name }: Beside): boolean {
  return isOverflowName(name);
}

function largest(all: readonly Beside[]): Beside | undefined {
  const [first, ...others] = all;
  return first && others.reduce((a, b) => (b.number > a.number ? b : a), first);
}

/** Connections of a pod that no grant changes, beside those that the entry speaks of. */
export function extraConnectionsOf(
  { overflow, others, bound }: BesideTheSize,
  { processesPerPod, ceiling }: Sizing,
): number {
  const number = Math.ceil(overflow?.number ?? 0);
  // Without a limit it is as much again, and what the server shows beyond that.
  const ofProcess = (number < 0 ? ceiling : number) + Math.ceil(bound?.number ?? 0);
  const beyond = ofProcess * processesPerPod;
  return others.reduce((sum, { number }) => sum + number, beyond);
}

/** `sizing` with what stands beside: no grant below the minimum, and all connections counted. */
export function fittedSizing(
  sizing: Sizing,
  { minimum }: Pick<BesideTheSize, "minimum">,
  extraConnections: number,
): Sizing {
  const floor = Math.max(sizing.floor, Math.ceil(minimum?.number ?? 0));
  return {
    ...sizing,
    floor,
    ceiling: Math.max(sizing.ceiling, floor),
    extraConnectionsPerPod: sizing.extraConnectionsPerPod + extraConnections,
  };
}

/** `isBounded`: the entry itself says how large the pool may be. */
export function besideFindings(
  { minimum, overflow, others, bound }: BesideTheSize,
  sizing: Sizing,
  isBounded: boolean,
): Finding[] {
  return [
    ...(bound ? [boundFinding(bound)] : []),
    ...(minimum ? minimumFinding(minimum, sizing, isBounded) : []),
    ...(overflow ? [overflowFinding(overflow)] : []),
    ...others.map(otherFinding),
  ];
}

function minimumFinding(
  { container, name, number, place, fix = fixOfMinimum(place) }: Beside,
  { floor, ceiling, maxSizeName }: Sizing,
  isBounded: boolean,
): Finding[] {
  if (number <= floor) return [];
  const where = place === undefined ? "" : ` in ${place}`;
  const what = `container ${container} also sets ${name}=${number}${where}`;
  if (isBounded && number > ceiling) {
    const message = `${what}, which is above poolSize.max ${ceiling}: pools refuse to start with that, so the workload is not sized; ${fix}`;
    return [{ reason: "MinimumInTemplate", severity: "blocking", message }];
  }
  const message = `${what}, so no ${maxSizeName} below ${number} is given; ${fix}`;
  return [{ reason: "MinimumInTemplate", severity: "degraded", message }];
}

function fixOfMinimum(place: string | undefined): string {
  return place === undefined
    ? "name it in spec.workloads[].env.minSize or env.initialSize, or remove it"
    : "remove it there";
}

function boundFinding({ container, name, number }: Beside): Finding {
  const message =
    `container ${container} also sets ${name}=${number}, which Spring Boot reads by itself: it is counted beside the ` +
    "pool size; remove it, or name it in an entry (preset: hikari, tomcat or dbcp2)";
  return { reason: "PoolBesideSize", severity: "info", message };
}

function overflowFinding({ container, name, number }: Beside): Finding {
  const what = `container ${container} also sets ${name}=${number}`;
  const fix = "name it in spec.workloads[].env.overflow";
  if (number < 0) {
    const message = `${what}, which is no limit, so the workload is not sized; ${fix}`;
    return { reason: "Unlimited", severity: "blocking", message };
  }
  const message = `${what}, which is counted beside the pool size; ${fix} to make both one size`;
  return { reason: "PoolBesideSize", severity: "info", message };
}

function otherFinding({ container, name, number }: Beside): Finding {
  const message = `container ${container} sets ${name} too: its ${number} connections are counted beside the size and left as they are`;
  return { reason: "PoolBesideSize", severity: "info", message };
}
