// Limits of roles, databases and pairs of both, each with the setting that it comes from, so that
// people are told what to change. Every pod of a pooler has limits of its own, and they add up.

/** There is one: without, it is undefined. */
export interface Bound {
  readonly slots: number;
  /** The setting. */
  readonly by: string;
}

export type Bounds = ReadonlyMap<string, Bound | undefined>;

/** The smaller one. Infinity is none. */
export function stricter(...bounds: readonly (Bound | undefined)[]): Bound | undefined {
  return bounds.reduce((least, one) => {
    if (one === undefined || one.slots === Infinity) return least;
    return least !== undefined && least.slots <= one.slots ? least : one;
  }, undefined);
}

/** Of all pods. One without a limit is no limit. */
export function summed(pods: readonly Bounds[]): Bounds {
  const names = [...(pods[0]?.keys() ?? [])];
  return new Map(
    names.map((name) => {
      const each = pods.flatMap((pod) => pod.get(name) ?? []);
      const [first] = each;
      if (first === undefined || each.length < pods.length) return [name, undefined];
      return [name, { ...first, slots: sum(each.map(({ slots }) => slots)) }];
    }),
  );
}

/** As a reading says them: -1 is none. */
export function limitsIn(bounds: Bounds): Readonly<Record<string, number>> {
  // Without a prototype: a role may be called `constructor`.
  const found = Object.create(null) as Record<string, number>;
  for (const [name, bound] of bounds) found[name] = bound?.slots ?? -1;
  return found;
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
