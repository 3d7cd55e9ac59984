// Whether two statuses say the same, so that nothing is written when nothing changed. The API
// server returns keys in its own order, so they are compared as values.

import type { PoolPolicyStatus } from "../api/poolpolicy.ts";

export function isSameStatus(a: PoolPolicyStatus | undefined, b: PoolPolicyStatus): boolean {
  return isSame(a, b);
}

/** As values: plain objects, arrays, and what JSON knows. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  // Their entries are no keys: two of them are never taken to be the same.
  if (a instanceof Map || a instanceof Set) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key]))
  );
}
