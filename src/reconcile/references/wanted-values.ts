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
/** In one source. What is kept of it is as large. */
export const keysMax = 200;
/**
 * Look-ups of one namespace, of the same as well: nothing else is done meanwhile. 3,000 workloads
 * of three pods each, with two sources, take some 40,000.
 */
const lookupsMax = 300_000;

interface Wanted {
  lookups: number;
  /** By kind and name. */
  readonly sources: Map<string, Source & { readonly keys: Set<string> }>;
}

export class WantedValues {
  readonly #namespaces = new Map<string, Wanted>();

  /** False where it is one too many. */
  note(namespace: string, { kind, name, key }: Reference): boolean {
    const wanted = this.#wantedIn(namespace);
    if (++wanted.lookups > lookupsMax) return false;
    const { sources } = wanted;
    const id = kindAndName({ kind, name });
    const known = sources.get(id);
    if (!known && sources.size >= wantedMax) return false;
    const source = known ?? { kind, namespace, name, keys: new Set<string>() };
    if (source.keys.size >= keysMax && !source.keys.has(key)) return false;
    source.keys.add(key);
    sources.set(id, source);
    return true;
  }

  *sources(): Iterable<Source> {
    for (const { sources } of this.#namespaces.values()) yield* sources.values();
  }

  #wantedIn(namespace: string): Wanted {
    const known = this.#namespaces.get(namespace);
    if (known) return known;
    const wanted: Wanted = { lookups: 0, sources: new Map() };
    this.#namespaces.set(namespace, wanted);
    return wanted;
  }
}
