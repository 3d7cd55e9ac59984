// Keys of objects: a policy's or a pod's is `namespace/name`, a workload's `namespace/Kind/name`.
// In rows and grants of a policy, which has its namespace, a workload is `Kind/name`. A pool has
// the key of its workload, with its own name behind where it is not `main`: what was stored before
// there were several pools means the main one. No name holds a slash. Keys are put together and
// taken apart here alone.

/** `shop` of the policy key `shop/orders`, or of the workload key `shop/Deployment/web`. */
export function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

declare const ofPool: unique symbol;

/** `shop/Deployment/web` of the pool `main`, `shop/Deployment/web/replica` of another one. */
export type PoolKey = string & { readonly [ofPool]: true };

/** Of a workload's entry that names no pool. */
export const mainPool = "main";

export function poolKeyOf(workload: string, pool: string = mainPool): PoolKey {
  return (pool === mainPool ? workload : `${workload}/${pool}`) as PoolKey;
}

/** `shop/Deployment/web` of the key of any of its pools. */
export function workloadOfPool(key: PoolKey): string {
  return workloadKeyOf(readWorkloadKey(key));
}

/** `Deployment/web` or `Deployment/web/replica`: how the rows and grants of its policy call it. */
export function poolNameIn(key: PoolKey): string {
  return key.slice(key.indexOf("/") + 1);
}

/** `web` or `web/replica`: how people call it where its kind is known. */
export function bareNameIn(key: PoolKey): string {
  const name = poolNameIn(key);
  return name.slice(name.indexOf("/") + 1);
}

/** `replica`; undefined of the pool `main`. */
export function poolIn(key: PoolKey): string | undefined {
  return key.split("/")[3];
}

/** The kind, in keys, of pods that an entry picks by their own labels, whatever made them. */
export const podsKind = "Pods";

/**
 * `orders:nightly`: of pods that an entry of policy `orders` calls `nightly`. No other name holds a
 * colon, and those of two policies are never the same.
 */
export function podsNameOf(policy: string, entry: string): string {
  return `${policy}:${entry}`;
}

/** `orders` of `orders:nightly`. */
export function policyOfPods(name: string): string {
  return name.slice(0, name.indexOf(":"));
}

interface KeysOfPool {
  /** Of its workload. */
  readonly key: string;
  readonly poolKey: PoolKey;
}

/** It is the pool `main` of its workload. Where all pools are, each workload stands once. */
export function isMain({ key, poolKey }: KeysOfPool): boolean {
  return poolKey === key;
}

/** The same of what an entry calls it. */
export function furtherPool(pool: string | undefined): string | undefined {
  return pool === mainPool ? undefined : pool;
}

interface KindAndName {
  readonly kind: string;
  readonly name: string;
}

/** `Deployment/web` */
export function kindAndName({ kind, name }: KindAndName): string {
  return `${kind}/${name}`;
}

/** `shop/Deployment/web` */
export function workloadKeyOf(workload: KindAndName & { readonly namespace: string }): string {
  return `${workload.namespace}/${kindAndName(workload)}`;
}

/** Of `Deployment/web`; empty where it is no such text. */
export function readKindAndName(text: string): KindAndName {
  const [kind = "", name = ""] = text.split("/");
  return { kind, name };
}

/** Of `shop/Deployment/web`; empty where it is no such key. */
export function readWorkloadKey(key: string): KindAndName & { readonly namespace: string } {
  const [namespace = "", kind = "", name = ""] = key.split("/");
  return { namespace, kind, name };
}

/** Of `shop/orders`; empty where it is no such key. */
export function readObjectKey(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = key.split("/");
  return { namespace, name };
}
