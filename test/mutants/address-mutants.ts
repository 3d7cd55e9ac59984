// Defects in what is remembered of addresses, and in which of them may be contacted.

import type { Mutant } from "./mutant.ts";

export const addressMutants: readonly Mutant[] = [
  {
    name: "sessions at an address that the fleet never had pass for its new pod's",
    file: "src/reconcile/memory/fleet-addresses.ts",
    from: "this.#shown.has(address) ? vacantSinceEver : undefined;",
    to: "undefined;",
  },
  {
    name: "sessions at an address pass for those of a pod that its node has started anew there",
    file: "src/reconcile/memory/fleet-addresses.ts",
    from: "const isAnother = vacancy.leftBy !== uid && madeAtMs < vacancy.heldUntilMs;",
    to: "const isAnother = vacancy.leftBy !== uid && madeAtMs < -Infinity;",
  },
  {
    name: "an address that changes hands without end has spans without end",
    file: "src/reconcile/memory/fleet-addresses.ts",
    from: "spans.length <= spansMax ||",
    to: "spans.length > 0 ||",
  },
  {
    name: "spans of an address from before the window kept",
    file: "src/reconcile/memory/fleet-addresses.ts",
    from: "untilMs >= sinceMs);",
    to: "untilMs >= 0 * sinceMs);",
  },
  {
    name: "an address behind a translator of the network's own allowed",
    file: "src/domain/supply/translated-addresses.ts",
    from: "[7, 9, 10, 11], ",
    to: "",
  },
  {
    name: "a namespace is known by its objects alone, and not by the name of a server",
    file: "src/plan/service-names.ts",
    from: "return isNamespace(word) || said.namespaces.has(word)",
    to: "return isNamespace(word)",
  },
  {
    name: "of two domains the first one is taken for the cluster's",
    file: "src/plan/service-names.ts",
    from: "domains.size === 1 ? domains : []",
    to: "domains",
  },
];
