// Defects in reading objects by themselves that are too large to be parsed at each change.

import type { Mutant } from "./mutant.ts";

export const largeObjectMutants: readonly Mutant[] = [
  {
    name: "large objects parsed at each of their changes",
    file: "src/adapters/kubernetes/list-watch.ts",
    from: "line.length > parsedEventBytes ? headingOf(line)",
    to: "line.length < 0 ? headingOf(line)",
  },
  {
    name: "large objects charged to nobody",
    file: "src/late-reads.ts",
    from: "chargedMs(spent.take(namespaceOf(objectKeyOf(key))), unchargedMs)",
    to: "0 * chargedMs(spent.take(namespaceOf(objectKeyOf(key))), unchargedMs)",
  },
  {
    name: "a large object not read again once the API server refused it",
    file: "src/late-reads.ts",
    from: 'error.retry === "never") return after(refusedPauseMs);',
    to: 'error.retry === "never") throw error;',
  },
  {
    name: "a large object that was deleted while it was read kept",
    file: "src/runtime/unread-objects.ts",
    from: "if (this.#unread.get(key) !== unread) return undefined;",
    to: "",
  },
  {
    name: "a change of a large object lost that came while it was read",
    file: "src/runtime/unread-objects.ts",
    from: "if (unread.event === event || hasAll) this",
    to: "if (unread.event === event || !hasAll) this",
  },
  {
    name: "a large object taken back to what the watch brings late",
    file: "src/runtime/informer.ts",
    from: "if (!this.#unread.isKnown(event.object)) this.#takeWhole",
    to: "this.#takeWhole",
  },
  {
    name: "growth goes on beside large objects that are not read",
    file: "src/domain/decide/decisions.ts",
    from: "areSizesRead(namespace, snapshot) && lateFor(namespace, snapshot) === undefined",
    to: "areSizesRead(namespace, snapshot)",
  },
  {
    name: "who changes large objects without end holds up others without end",
    file: "src/reconcile/memory/bounded-holds.ts",
    from: "return monotonicMs - heldSinceMs < holdMs;",
    to: "return monotonicMs - heldSinceMs < Number(holdMs * holdAgainMs);",
  },
  {
    name: "a bounded namespace holds up others by its large objects",
    file: "src/domain/supply/late-objects.ts",
    from: "late.isHold && !isBounded(late.namespace, namespaceQuotas)",
    to: "late.isHold && (!isBounded(late.namespace, namespaceQuotas) || true)",
  },
  {
    name: "pods are evicted beside large objects that are not read",
    file: "src/domain/decide/evictions.ts",
    from: "if (!isHeld(namespace, terms)) return undefined;",
    to: "if (!isHeld('', terms)) return undefined;",
  },
];
