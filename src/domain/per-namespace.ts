// What is the same for all workloads of a namespace is worked out once for it, not once for each of
// them: there may be thousands.

export function perNamespace<T>(workOut: (namespace: string) => T): (namespace: string) => T {
  const known = new Map<string, { readonly found: T }>();
  return (namespace) => {
    const { found } = known.get(namespace) ?? { found: workOut(namespace) };
    known.set(namespace, { found });
    return found;
  };
}
