// What running pods may have read from a ConfigMap or Secret. An environment is read when a
// container starts, so an edited ConfigMap says nothing of the pods that run: each of them counts
// with the largest value that was there since it was first seen, until it is gone. It may take up
// the newest at any moment, when its container is started anew. Kept only for pods that refer to
// something.

import type { ObservedPod } from "../../observed.ts";
import type { Store } from "../../ports.ts";
import { poolSizeIn } from "../sizes/said-size.ts";
import type { Reference, Resolve } from "../sizes/variable-values.ts";

/** Of one pod. Beyond them all references count as one, with the largest value of any. */
const referencesMax = 50;

interface Seen {
  readonly uid: string;
  /** By reference: the largest pool size. */
  readonly sizes: Map<string, number>;
}

export class SeenSizes {
  readonly #pods = new Map<string, Seen>();

  /** Answers what the pod may have read, given what is there now. */
  resolverFor(pod: Pick<ObservedPod, "key" | "uid">, resolve: Resolve): Resolve {
    return (reference) => {
      const text = resolve(reference);
      const size = text === undefined ? undefined : poolSizeIn(text);
      const largest = this.#largest(pod, idOf(reference), size);
      return largest === undefined ? text : String(largest);
    };
  }

  /** Drops pods that are not there any more. */
  forgetGone(pods: Pick<Store<ObservedPod>, "get">): void {
    for (const [key, { uid }] of this.#pods) {
      if (pods.get(key)?.uid !== uid) this.#pods.delete(key);
    }
  }

  #largest(
    { key, uid }: Pick<ObservedPod, "key" | "uid">,
    asked: string,
    size: number | undefined,
  ): number | undefined {
    const known = this.#pods.get(key);
    const seen = known?.uid === uid ? known : undefined;
    const reference = seen ? keptAs(asked, seen) : asked;
    const before = seen?.sizes.get(reference);
    if (size === undefined || (before !== undefined && before >= size)) return before;
    if (seen) seen.sizes.set(reference, size);
    else this.#pods.set(key, { uid, sizes: new Map([[reference, size]]) });
    return size;
  }
}

function keptAs(reference: string, { sizes }: Seen): string {
  return sizes.has(reference) || sizes.size < referencesMax ? reference : "others";
}

function idOf({ kind, name, key }: Reference): string {
  return `${kind}/${name}/${key}`;
}
