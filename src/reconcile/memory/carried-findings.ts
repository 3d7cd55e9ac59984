// What went wrong outside the decision (a rule that could not be written, a refused write), kept
// until it goes right, so that the next status says it.

import type { Finding, PolicyKey } from "../../domain/facts/facts.ts";

export class CarriedFindings {
  readonly #notes = new Map<PolicyKey, Map<string, Finding>>();

  /** `topic` tells notes of one policy apart; undefined takes the note back. */
  set(policy: PolicyKey, topic: string, finding: Finding | undefined): void {
    const notes = this.#notes.get(policy) ?? new Map<string, Finding>();
    if (finding) notes.set(topic, finding);
    else notes.delete(topic);
    if (notes.size > 0) this.#notes.set(policy, notes);
    else this.#notes.delete(policy);
  }

  /** Of any policy. */
  has(topic: string): boolean {
    return [...this.#notes.values()].some((notes) => notes.has(topic));
  }

  /** Whose notes there are. */
  keys(): readonly PolicyKey[] {
    return [...this.#notes.keys()];
  }

  forget(policy: PolicyKey): void {
    this.#notes.delete(policy);
  }

  of(policy: PolicyKey): readonly Finding[] {
    return [...(this.#notes.get(policy)?.values() ?? [])];
  }
}
