// What a template sets beside the size that we write, and what a pod holds or needs all the same:
// an overflow, a second container with the same variable, a minimum that the size must not be
// below. They have no name in the policy, so they are told by theirs: APP_PG_POOL_MIN_SIZE goes
// with APP_PG_POOL_MAX_SIZE.

import { numberIn } from "../../api/size-text.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { Finding } from "../../domain/facts/facts.ts";
import type { ObservedContainer } from "../../observed.ts";
import { effectiveSize } from "./own-size.ts";
import { isMinimumName, isOverflowName, namesMax, namesOfPool } from "./pool-names.ts";
import { type Resolve, valueOf } from "./variable-values.ts";

/** A variable of the same pool, and the number that it holds. */
interface Beside {
  readonly container: string;
  readonly name: string;
  readonly number: number;
}

export interface BesideTheSize {
  /** The largest minimum that stands there. */
  readonly minimum: Beside | undefined;
  readonly overflow: Beside | undefined;
  /** Pools of other containers. */
  readonly others: readonly Beside[];
}

/** `chosen` is the container that is sized. */
export function besideTheSize(
  containers: readonly ObservedContainer[],
  chosen: string,
  { sizing, resolve }: { readonly sizing: Sizing; readonly resolve: Resolve },
): BesideTheSize {
  const own = containers.find(({ name }) => name === chosen);
  const siblings = own ? siblingsIn(own, sizing, resolve) : [];
  const minimums = sizing.refusesLargeMinimum ? siblings.filter(isMinimum) : [];
  return {
    minimum: largest(minimums),
    overflow: largest(siblings.filter(isOverflow)),
    others: containers.flatMap((container): Beside[] => {
      if (container.name === chosen) return [];
      const number = effectiveSize(container, sizing, resolve)?.poolSize;
      return number === undefined
        ? []
        : [{ container: container.name, name: sizing.maxSizeName, number }];
    }),
  };
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
  { overflow, others }: BesideTheSize,
  { processesPerPod, ceiling }: Sizing,
): number {
  const number = Math.ceil(overflow?.number ?? 0);
  // Without a limit it is as much again, and what the server shows beyond that.
  const beyond = (number < 0 ? ceiling : number) * processesPerPod;
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
  { minimum, overflow, others }: BesideTheSize,
  sizing: Sizing,
  isBounded: boolean,
): Finding[] {
  return [
    ...(minimum ? minimumFinding(minimum, sizing, isBounded) : []),
    ...(overflow ? [overflowFinding(overflow)] : []),
    ...others.map(otherFinding),
  ];
}

function minimumFinding(
  { container, name, number }: Beside,
  { floor, ceiling, maxSizeName }: Sizing,
  isBounded: boolean,
): Finding[] {
  if (number <= floor) return [];
  const what = `container ${container} also sets ${name}=${number}`;
  const fix = "name it in spec.workloads[].env.minSize or env.initialSize, or remove it";
  if (isBounded && number > ceiling) {
    const message = `${what}, which is above poolSize.max ${ceiling}: pools refuse to start with that, so the workload is not sized; ${fix}`;
    return [{ reason: "MinimumInTemplate", severity: "blocking", message }];
  }
  const message = `${what}, so no ${maxSizeName} below ${number} is given; ${fix}`;
  return [{ reason: "MinimumInTemplate", severity: "degraded", message }];
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
