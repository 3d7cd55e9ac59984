// Which of two states of one object is the older one: what a watch shows may be from before our own
// write.

/**
 * Resource versions are comparable as integers (KEP-5504, guaranteed for built-in storage from
 * 1.35).
 */
export function isOlder(cached: string, written: string): boolean {
  if (!/^\d+$/.test(cached) || !/^\d+$/.test(written)) return cached !== written;
  return BigInt(cached) < BigInt(written);
}
