// Policies of one namespace that select pools of the same workload. Where they count on different
// servers, a rollout of that workload starts pods on each of these, so the servers are decided
// together. Who selects what is told from the caches at each decision, before anything is decided:
// ties come and go with entries and labels, and nothing of them is stored. They are bounded as
// those of read replicas are, which come first: policies that would tie more servers are not tied,
// and none of them sizes what they share. Every decision asks, so of very many sets of policies the
// first ones count.

import type { PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { Linking, Names, ServerLinks } from "./server-links.ts";

/** Policies that share a workload, in order. */
export type Sharing = readonly PolicyKey[];

/** Sets of policies that share workloads, of one namespace. */
export const sharingsMax = 200;

/** The same text for the same policies. */
export const textOf = oncePer((policies: Sharing): string => policies.join(" "));

interface Noted {
  readonly sharing: readonly Sharing[];
  /** By which servers were linked; as long as it is the same, nothing is worked out again. */
  readonly text: string;
  readonly links: readonly Linking[];
  /** Those that would tie too many servers, and those beyond the first. */
  readonly refused: ReadonlySet<string>;
}

interface Known {
  readonly links: ServerLinks;
  readonly names: Names;
  /** Under which name the policy's server is budgeted. */
  readonly serverOf: (policy: PolicyKey) => ServerKey | undefined;
}

export class WorkloadTies {
  readonly #known: Known;
  readonly #noted = new Map<string, Noted>();

  constructor(known: Known) {
    this.#known = known;
  }

  /** All that share a workload of the namespace now. */
  note(namespace: string, sharing: readonly Sharing[]): void {
    if (sharing.length === 0 && !this.#noted.has(namespace)) return;
    this.#tie(namespace, sharing);
  }

  /** A policy of the namespace has come, gone, or counts elsewhere. Returns whose ties changed. */
  renew(namespace: string): readonly ServerKey[] {
    const before = this.#noted.get(namespace);
    if (!before) return [];
    this.#tie(namespace, before.sharing, { isForced: true });
    const after = this.#noted.get(namespace);
    if (after?.text === before.text) return [];
    return [...before.links, ...(after?.links ?? [])].flatMap(serversOf);
  }

  /** Whether these policies may size pools of one workload. */
  mayShare(namespace: string, sharing: Sharing): boolean {
    return this.#noted.get(namespace)?.refused.has(textOf(sharing)) !== true;
  }

  #tie(namespace: string, sharing: readonly Sharing[], { isForced = false } = {}): void {
    const { links, names, serverOf } = this.#known;
    const inOrder = inOrderOfText(sharing);
    const first = inOrder.slice(0, sharingsMax);
    const wanted = first.flatMap((policies) => {
      const servers = new Set(policies.flatMap((policy) => serverOf(policy) ?? []));
      const [server, ...others] = [...servers].sort();
      const replicas = others.map((one) => ({ server: one }));
      return server === undefined || others.length === 0
        ? []
        : [{ policies, link: { namespace, server, replicas } }];
    });
    const text = JSON.stringify(wanted);
    const before = this.#noted.get(namespace);
    if (before?.text === text && !isForced) return;
    const all = wanted.map(({ link }) => link);
    const accepted = new Set(links.tie(namespace, all, names));
    const tooMany = wanted.flatMap(({ policies, link }) => (accepted.has(link) ? [] : [policies]));
    const refused = [...tooMany, ...inOrder.slice(sharingsMax)];
    this.#noted.delete(namespace);
    // Policies that come back are noted again before anything is decided.
    const areGone = isForced && !first.flat().some((policy) => serverOf(policy) !== undefined);
    if (sharing.length === 0 || areGone) return;
    this.#noted.set(namespace, {
      ...{ sharing, text, links: [...accepted] },
      refused: new Set(refused.map(textOf)),
    });
  }
}

function serversOf({ server, replicas = [] }: Linking): readonly ServerKey[] {
  return [...(server === undefined ? [] : [server]), ...replicas.map((one) => one.server)];
}

const inOrderOfText = oncePer((sharing: readonly Sharing[]): readonly Sharing[] => {
  const byText = new Map(sharing.map((policies) => [textOf(policies), policies]));
  return [...byText.keys()].sort().flatMap((text) => [byText.get(text) ?? []]);
});
