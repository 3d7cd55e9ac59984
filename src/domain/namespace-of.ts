// Keys begin with their namespace (`shop/orders`, `shop/Deployment/web`), and no name holds a
// slash: whoever needs the namespace alone reads it off in one way.

/** `shop` of the policy key `shop/orders`, or of the workload key `shop/Deployment/web`. */
export function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}
