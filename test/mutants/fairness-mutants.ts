// Defects in fairness: one server, login or namespace that costs all others their turn, or hides.

import type { Mutant } from "./mutant.ts";

export const fairnessMutants: readonly Mutant[] = [
  {
    name: "a hung run hidden by the one before it",
    file: "src/runtime/controller.ts",
    from: "this.#running.delete(key);\n      queue.finish(key);",
    to: "queue.finish(key);\n      setImmediate(() => this.#running.delete(key));",
  },
  {
    name: "one namespace given every reader",
    file: "src/operator.ts",
    from: "{ groupsOf, runningMax: readersOfNamespace }",
    to: "{ groupsOf, runningMax: readers }",
  },
  {
    name: "a turn for whoever came first",
    file: "src/runtime/turns.ts",
    from: "if (running < fewest) [best, fewest] = [key, running];\n      if (fewest === 0) break;",
    to: "if (running < fewest) [best, fewest] = [key, running];\n      if (best !== undefined) break;",
  },
  {
    name: "a connection URI read however long it is",
    file: "src/domain/connection-uri.ts",
    from: "if (text.length > uriLengthMax) throw",
    to: "if (text.length < 1) throw",
  },
  {
    name: "a host made canonical however long it is",
    file: "src/domain/database-host.ts",
    from: "text.length > hostLengthMax + 1 || ",
    to: "",
  },
  {
    name: "as many ConfigMaps read as a template names",
    file: "src/reconcile/wanted-values.ts",
    from: "if (!known && wanted.size >= wantedMax) return false;",
    to: "",
  },
  {
    name: "every turn of fetching given to one namespace",
    file: "src/reconcile/fetch-turns.ts",
    from: "line.waiting.length > 0 && line.running < ofOneNamespace",
    to: "line.waiting.length > 0",
  },
  {
    name: "what was read kept however much it is",
    file: "src/reconcile/kept-values.ts",
    from: "if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);",
    to: "if (oldest === '') kept.delete(oldest);",
  },
  {
    name: "every policy matched anew at each event",
    file: "src/reconcile/claims.ts",
    from: "const isKnown = before?.specs.has(spec) === true;",
    to: "const isKnown = before?.specs.has(spec) === true && before.places.has(spec);",
  },
  {
    name: "a server that fails asked every five seconds",
    file: "src/reconcile/database-reconciler.ts",
    from: "maxMs: intervalMs });",
    to: "maxMs: Math.min(failedRetryMs, intervalMs) });",
  },
  {
    name: "a server that fails read again for a wish",
    file: "src/reconcile/rereads.ts",
    from: "if (!wish || this.#parts.readings.failureOf(server)) {",
    to: "if (!wish) {",
  },
  {
    name: "a refused login tried each time",
    file: "src/reconcile/logins.ts",
    from: "return pause !== undefined && nowMs < pause.sinceMs + pause.pauseMs;",
    to: "return pause !== undefined && nowMs < pause.sinceMs;",
  },
  {
    name: "a round of refused logins without an end",
    file: "src/reconcile/reading-round.ts",
    from: "(nowMs >= untilMs || logins.isLeftAlone(server, login, nowMs))",
    to: "logins.isLeftAlone(server, login, nowMs)",
  },
  {
    name: "all logins of one namespace before those of the next",
    file: "src/reconcile/logins.ts",
    from: "before.set(namespace, turn + 1);",
    to: "before.set(namespace, turn);",
  },
  {
    name: "policies that are made meanwhile waited for",
    file: "src/reconcile/server-reconciler.ts",
    from: "return stands !== undefined && book.canonical(stands) === server;",
    to: "return stands === undefined || book.canonical(stands) === server;",
  },
  {
    name: "the first look without the policies",
    file: "src/reconcile/first-look.ts",
    from: "if (isLeft && nowMs - sinceMs < policiesMs) return false;",
    to: "if (isLeft && nowMs < sinceMs) return false;",
  },
  {
    name: "an edit without end waited for",
    file: "src/reconcile/server-reconciler.ts",
    from: "return nowMs - sinceMs < editsMs;",
    to: "return nowMs >= sinceMs;",
  },
  {
    name: "a status of the spec before written on top of an edit",
    file: "src/reconcile/apply.ts",
    from: "attempts.leave(policy, editedRetryMs);\n    return true;",
    to: "attempts.leave(policy, editedRetryMs);",
  },
  {
    name: "whose foreign sessions are told to the namespace beside",
    file: "src/domain/foreign-names.ts",
    from: "seen.find((one) => one.namespace === namespace)?.groups",
    to: "(seen.find((one) => one.namespace === namespace) ?? seen[0])?.groups",
  },
  {
    name: "what the true server showed told to a login under another name",
    file: "src/domain/foreign-names.ts",
    from: "views.get(one.name)?.shownTo(one)",
    to: "[...views.values()][0]?.shownTo(one)",
  },
  {
    name: "addresses of others told to a lesser login",
    file: "src/domain/foreign-names.ts",
    from: "if (seesAllSessions) return",
    to: "if (seesAllSessions || role !== '') return",
  },
  {
    name: "a key derived for each challenge of a flood",
    file: "src/adapters/postgres/conversation.ts",
    from: "this.#requests = [request.saslFinal];",
    to: "this.#requests = [request.saslFinal, request.saslContinue];",
  },
  {
    name: "every kind of session remembered of every reading",
    file: "src/reconcile/session-samples.ts",
    from: "groups > maxGroups ||",
    to: "",
  },
  {
    name: "a variable named that bounds logins",
    file: "src/api/environment.ts",
    from: "forbiddenPattern) || speaksOfOther",
    to: "forbiddenPattern) || (speaksOfOther && name === '')",
  },
];
