// The PoolPolicies: what people write and what the operator answers, each with its own right to
// overwrite. A status that breaks the schema is refused, and so is one that says what the schema
// does not know: the API server would drop that without a word.

import { type PoolPolicyStatus, poolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import type { ObservedObject, ObservedPolicy } from "../../../src/observed.ts";
import type { Clock, Outcome } from "../../../src/ports.ts";
import type { PolicyHistory } from "./admission.ts";
import type { ObjectKind } from "./object-kind.ts";

export interface PolicySpec {
  readonly namespace: string;
  readonly name: string;
  /** As a user writes it. */
  readonly spec: object;
  /** As an earlier operator left it. */
  readonly status?: PoolPolicyStatus;
}

export interface PoliciesParts {
  readonly clock: Clock;
  readonly kind: ObjectKind<ObservedPolicy>;
  readonly history: PolicyHistory;
}

export class Policies {
  readonly #parts: PoliciesParts;
  #made = 0;
  #statuses = 0;
  /** The status of each version, as text. */
  readonly #texts = new WeakMap<ObservedPolicy, string>();
  /** Only one in so many statuses is held against the schema: that takes longer than to decide. */
  validateEvery = 1;

  constructor(parts: PoliciesParts) {
    this.#parts = parts;
  }

  create({ namespace, name, spec, status }: PolicySpec): void {
    const key = `${namespace}/${name}`;
    const uid = `policy-${++this.#made}`;
    const common = { key, uid, resourceVersion: "", namespace, name, generation: 1 };
    this.#put({ ...common, spec, status, deleting: false });
  }

  edit(key: string, spec: object): void {
    const before = this.#parts.kind.get(key);
    if (!before || JSON.stringify(before.spec) === JSON.stringify(spec)) return;
    const stored = this.#put({ ...before, spec, generation: before.generation + 1 });
    const text = this.#texts.get(before);
    if (text !== undefined) this.#texts.set(stored, text);
  }

  delete(key: string): void {
    const { kind, history, clock } = this.#parts;
    kind.delete(key);
    history.note(key, undefined, clock.nowMs());
  }

  /** As the sub-resource does it: the whole status, if nobody has written in between. */
  writeStatus(key: string, resourceVersion: string, status: unknown): Outcome<ObservedObject> {
    const before = this.#parts.kind.get(key);
    if (!before) return { kind: "absent", message: `poolpolicies ${key} not found` };
    if (before.resourceVersion !== resourceVersion) {
      const message = `Operation cannot be fulfilled on poolpolicies ${key}: the object has been modified`;
      return { kind: "conflict", message, managers: [] };
    }
    const isChecked = ++this.#statuses % this.validateEvery === 0;
    const problem = isChecked ? problemOf(status) : undefined;
    if (problem !== undefined) return { kind: "invalid", message: problem };
    const text = JSON.stringify(status);
    if (this.#texts.get(before) === text) return { kind: "ok", value: before };
    const stored = this.#put({ ...before, status: JSON.parse(text) as unknown });
    this.#texts.set(stored, text);
    return { kind: "ok", value: stored };
  }

  #put(policy: ObservedPolicy): ObservedPolicy {
    const { kind, history, clock } = this.#parts;
    const stored = kind.put(policy);
    history.note(stored.key, stored, clock.nowMs());
    return stored;
  }
}

function problemOf(status: unknown): string | undefined {
  const parsed = poolPolicyStatus.strict().safeParse(status);
  return parsed.success ? undefined : JSON.stringify(parsed.error.issues);
}
