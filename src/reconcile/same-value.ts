// Whether two things say the same, compared as values: the API server returns keys in its own
// order. What is neither a plain object nor an array, such as a Map, is never taken to be the same
// as another: that costs a decision or a write that was not needed, and hides none that was.

/** Plain objects, arrays, and what JSON knows. */
export function isSameValue(a: unknown, b: unknown): boolean {
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
    keys.every((key) => Object.hasOwn(right, key) && isSameValue(left[key], right[key]))
  );
}
