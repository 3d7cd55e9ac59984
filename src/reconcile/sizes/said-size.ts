// What a text says of a pool's size: a number of connections, no limit, or nothing that we know.

import { numberIn } from "../../api/size-text.ts";
import type { Sizing } from "../../api/sizing.ts";
import type { OwnSize } from "../../domain/facts/facts.ts";
import { poolSizeMax } from "../../domain/demand/slots.ts";

export type SaidSize = Pick<OwnSize, "poolSize" | "unlimited"> & {
  /** It is no whole number: the next one above counts. */
  readonly isRounded?: true;
};

/** Undefined where it is no size. */
export function saidSize(text: string, sizing: Sizing): SaidSize | undefined {
  const poolSize = poolSizeIn(text);
  if (poolSize !== undefined) return { poolSize };
  const number = numberIn(text);
  if (number === undefined) return undefined;
  if (number < sizing.unlimitedBelow || number > poolSizeMax) return withoutLimit(sizing);
  return number < 1 ? undefined : { poolSize: Math.ceil(number), isRounded: true };
}

/**
 * More than any grant by the profile or the policy, so that it never looks like one. What it opens
 * beyond that is seen at the server.
 */
export function withoutLimit({ ceiling, unmanagedPoolSize }: Sizing): SaidSize {
  return { poolSize: Math.max(ceiling + 1, unmanagedPoolSize), unlimited: true };
}

/** A whole number from 1 to a million, or undefined. `1e3`, `-1`, `fifty` and nothing are none. */
export function poolSizeIn(text: string): number | undefined {
  if (!/^\s*[0-9]{1,9}\s*$/.test(text)) return undefined;
  const poolSize = Number(text);
  return poolSize >= 1 && poolSize <= poolSizeMax ? poolSize : undefined;
}

/** The first of the largest; undefined where there is none. */
export function largestOf([first, ...others]: readonly OwnSize[]): OwnSize | undefined {
  return first && others.reduce((a, b) => (b.poolSize > a.poolSize ? b : a), first);
}
