// Which ConfigMaps and Secrets one decision looks something up in. A template names as many as its
// author likes, and each costs a request and memory, so only so many of one namespace are looked up
// in: of a workload that refers to more, the rest counts as not readable.

import { kindAndName } from "../../api/keys.ts";
import type { Reference } from "../sizes/variable-values.ts";

/** One ConfigMap or Secret of a namespace, and the keys that are looked up in it. */
export interface Source {
  readonly kind: Reference["kind"];
  readonly namespace: string;
  readonly name: string;
  readonly keys: ReadonlySet<string>;
}

/** In one namespace for one decision. */
export const wantedMax = 500;

export class WantedValues {
  /** By namespace, then by kind and name. */
  readonly #namespaces = new Map<string, Map<string, Source & { readonly keys: Set<string> }>>();

  /** False where it is one too many. */
  note(namespace: string, { kind, name, key }: Reference): boolean {
    const wanted = this.#namespaces.get(namespace) ?? new Map<string, never>();
    const id = kindAndName({ kind, name });
    const known = wanted.get(id);
    if (!known && wanted.size >= wantedMax) return false;
    const source = known ?? { kind, namespace, name, keys: new Set<string>() };
    source.keys.add(key);
    this.#namespaces.set(namespace, wanted.set(id, source));
    return true;
  }

  *sources(): Iterable<Source> {
    for (const wanted of this.#namespaces.values()) yield* wanted.values();
  }
}
