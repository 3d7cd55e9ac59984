// What is the same for everybody who asks of a plan, of a snapshot, or of a namespace, is worked
// out once for it: a server may have thousands of policies and workloads, and each of them is told.
// Neither ever changes, so what was worked out stays true as long as it is there.

interface Found<T> {
  readonly found: T;
}

interface Known<K, T> {
  get(key: K): Found<T> | undefined;
  set(key: K, found: Found<T>): unknown;
}

/** Remembered as long as the whole is there. */
export function oncePer<K extends object, T>(workOut: (whole: K) => T): (whole: K) => T {
  return remembered(new WeakMap<K, Found<T>>(), workOut);
}

/** The same by name, such as that of a namespace; remembered as long as what is returned. */
export function oncePerName<T>(workOut: (name: string) => T): (name: string) => T {
  return remembered(new Map<string, Found<T>>(), workOut);
}

/** The same of texts that anybody may write: no more than so many are remembered. */
export function oncePerText<T>(
  textsMax: number,
  workOut: (text: string) => T,
): (text: string) => T {
  const known = new Map<string, Found<T>>();
  const of = remembered(known, workOut);
  return (text) => {
    if (known.size >= textsMax && !known.has(text)) known.clear();
    return of(text);
  };
}

function remembered<K, T>(known: Known<K, T>, workOut: (key: K) => T): (key: K) => T {
  return (key) => {
    const before = known.get(key);
    if (before) return before.found;
    const found = workOut(key);
    known.set(key, { found });
    return found;
  };
}
