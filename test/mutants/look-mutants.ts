// Defects in looks at who is at work, and in how long the pods of one decision are written: one
// namespace that takes the time of all, or speaks for another.

import type { Mutant } from "./mutant.ts";

export const lookMutants: readonly Mutant[] = [
  {
    name: "nobody charged with a busy look at who is at work",
    file: "src/operator.ts",
    from: "chargedMs(reconcilers.looks.takeBusyMs(server), unchargedLookMs)",
    to: "0 * reconcilers.looks.takeBusyMs(server)",
  },
  {
    name: "who is at work is looked at with whichever session is open",
    file: "src/adapters/database/reader.ts",
    from: "const session = await this.#connect(target, parsed.uri);\n    return await session.look",
    to: "const session = this.#session ?? (await this.#connect(target, parsed.uri));\n    return await session.look",
  },
  {
    name: "who is at work is looked at with the login that was asked last",
    file: "src/reconcile/database-reconciler.ts",
    from: "bestOf(server, counted)?.login.target",
    to: "attempts.at(-1)?.login.target",
  },
  {
    name: "who is at work is looked at with a login that hides which server it found",
    file: "src/reconcile/database-reconciler.ts",
    from: "own.filter(({ login }) => logins.found.holds(server, login))",
    to: 'own.filter(({ login }) => login.name !== "" || logins.found.holds(server, login))',
  },
  {
    name: "pods of one server take the time of all that are decided with it",
    file: "src/reconcile/apply/pod-time.ts",
    from: "leftMs / Math.max(1, this.#serversLeft)",
    to: "leftMs",
  },
  {
    name: "what pods took is taken from the statuses",
    file: "src/reconcile/apply/status-writes.ts",
    from: "decidedAtMs + writingMs + podTime.spentMs",
    to: "decidedAtMs + writingMs",
  },
  {
    name: "pods of each server have as long as those of a decision",
    file: "src/reconcile/apply/pod-time.ts",
    from: "this.#spentMs += this.#clock",
    to: "this.#spentMs += 0 * this.#clock",
  },
];
