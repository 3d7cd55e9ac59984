// What is the same for everybody who asks of a plan, or of a snapshot, is worked out once for it: a
// server may have thousands of policies, and each of them is told. Neither ever changes, so what
// was worked out stays true as long as it is there.

export function oncePer<K extends object, T>(workOut: (whole: K) => T): (whole: K) => T {
  const known = new WeakMap<K, { readonly found: T }>();
  return (whole) => {
    const { found } = known.get(whole) ?? { found: workOut(whole) };
    known.set(whole, { found });
    return found;
  };
}
