// What keeps the caches from being filled, told to a person once: when a server is away every
// informer loses it, and a line from each, with every retry, would bury the one that matters.

import type { ErrorCode } from "../errors.ts";
import type { Log } from "../ports.ts";

export interface Problem {
  /** Kind of object that cannot be read. */
  readonly kind: string;
  readonly code: ErrorCode | "UNEXPECTED";
  readonly message: string;
}

export class Problems {
  readonly #log: Log;
  readonly #current = new Map<string, Problem>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** What cannot be read now, one entry per informer. */
  list(): readonly Problem[] {
    return [...this.#current.values()];
  }

  /** `id` names the informer. Warns when the problem is a new one for it, or has another cause. */
  report(id: string, problem: Problem): void {
    const before = this.#current.get(id);
    const isShared = sharedCodes.has(problem.code) && this.#has(problem.code);
    this.#current.set(id, problem);
    const level = before?.code === problem.code || isShared ? "debug" : "warn";
    // `message` is the name of the line's own text.
    const { message: detail, ...fields } = problem;
    const text = messages[problem.code] ?? "an object cannot be read, trying again";
    this.#log[level]({ ...fields, detail }, text);
  }

  /** The informer works again. */
  solve(id: string): void {
    const before = this.#current.get(id);
    if (!this.#current.delete(id) || before === undefined) return;
    const level = sharedCodes.has(before.code) && this.#has(before.code) ? "debug" : "info";
    this.#log[level]({ kind: before.kind, code: before.code }, "reading works again");
  }

  #has(code: Problem["code"]): boolean {
    return this.list().some((problem) => problem.code === code);
  }
}

/** What meets every informer alike. */
const sharedCodes: ReadonlySet<Problem["code"]> = new Set(["K8S_UNAVAILABLE", "CONFIG_INVALID"]);

const messages: Partial<Record<Problem["code"], string>> = {
  K8S_UNAVAILABLE: "the API server does not answer, trying again",
  CONFIG_INVALID: "the kubeconfig cannot be used, trying again",
  K8S_FORBIDDEN: "a permission is missing, trying again",
  K8S_NOT_FOUND: "the API server does not know this kind of object, trying again",
};
