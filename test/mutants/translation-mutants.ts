// Defects in telling whose sessions are that come through address translation.

import type { Mutant } from "./mutant.ts";

export const translationMutants: readonly Mutant[] = [
  {
    name: "behind address translation a session that has yet to log in is foreign",
    file: "src/domain/supply/session-sorting.ts",
    from: "for (const group of withLogins(sample, matching)) {",
    to: "for (const group of sample.sessions) {",
  },
  {
    name: "every session with the fleet's role taken for the fleet's behind address translation",
    file: "src/domain/supply/matched-sessions.ts",
    from: "const slots = Math.max(0, count - left);",
    to: "const slots = count + 0 * left;",
  },
  {
    name: "a session more than pods can hold cuts the budget for ten minutes, by login",
    file: "src/domain/supply/session-sorting.ts",
    from: "claim(matched, surplus, sorting.surplus)",
    to: "claim(matched, surplus, surplus)",
  },
  {
    name: "after a start nothing more than pods can hold is foreign for a minute, by login",
    file: "src/domain/supply/standing-surplus.ts",
    from: "if (first && last && last.atMs - first.atMs < standingMs)",
    to: "if (first && last && last.atMs < first.atMs)",
  },
  {
    name: "what pods show at their own addresses claimed again by login",
    file: "src/domain/supply/matched-sessions.ts",
    from: "Math.max(0, heldOf(key) - (this.#ofPolicy.get(key) ?? 0))",
    to: "Math.max(0, heldOf(key))",
  },
  {
    name: "sessions matched by login although nobody has said so",
    file: "src/domain/supply/login-matching.ts",
    from: "candidatesOf(snapshot).filter(isLogin)",
    to: "candidatesOf(snapshot)",
  },
  {
    name: "nobody asks whose the address is that a session with the fleet's role has",
    file: "src/domain/supply/login-matching.ts",
    from: "return addressesOfOthers.has(address) || operatorName.test(applicationName);",
    to: "return false;",
  },
  {
    name: "a bounded namespace takes the sessions of others by naming their role",
    file: "src/domain/supply/login-matching.ts",
    from: "one.namespace === namespace && one.role === role",
    to: "one.namespace === namespace || one.role === role",
  },
  {
    name: "what a lost node has left is taken for what the other pods have open",
    file: "src/domain/supply/matched-sessions.ts",
    from: "Math.max(0, more, beyondNodes(own, scene.sample, now.node))",
    to: "Math.max(0, more)",
  },
  {
    name: "sessions that are matched by login belong to no pod that is gone",
    file: "src/domain/supply/foreign.ts",
    from: "}, matchedGhosts(found));",
    to: "}, 0 * matchedGhosts(found));",
  },
  {
    name: "what pods held a moment ago is foreign behind address translation",
    file: "src/reconcile/memory/server-memory.ts",
    from: "const most = mostHeld(memory.samples.flatMap((one) => one.held ?? []));",
    to: "const most = mostHeld(sample.held ? [sample.held] : []);",
  },
  {
    name: "what a pod that is gone has left is foreign after the window, by login",
    file: "src/domain/supply/matched-sessions.ts",
    from: "role ? Math.max(kept, seen.left(user, role, heldOf)) : 0",
    to: "role ? Math.max(0 * kept, seen.left(user, role, heldOf)) : 0",
  },
  {
    name: "sessions that come anew are taken for those that a pod has left, by login",
    file: "src/reconcile/memory/claimed-sessions.ts",
    from: "const slots = Math.min(group.count, left.get(keyOf(group)) ?? 0);",
    to: "const slots = left.has(keyOf(group)) ? group.count : 0;",
  },
  {
    name: "what a lost node has left is forgotten after the window",
    file: "src/reconcile/memory/server-memory.ts",
    from: "return new Map([...lost, ...most]);",
    to: "return new Map([...lost.slice(lost.length), ...most]);",
  },
  {
    name: "an address of another pod is forgotten with the pod",
    file: "src/reconcile/memory/others-addresses.ts",
    from: "this.#untilMs.set(address, monotonicMs + this.#windowMs);",
    to: "this.#untilMs.set(address, monotonicMs);",
  },
  {
    name: "sessions matched by login count in a database's limit where their pods do not",
    file: "src/domain/supply/matched-within.ts",
    from: "return Math.max(Math.min(total, ofOthers), more);",
    to: "return Math.max(0 * Math.min(total, ofOthers), more);",
  },
  {
    name: "who logs in to another database with the role may hold what is within a database's limit",
    file: "src/domain/supply/matched-within.ts",
    from: "policies.filter(({ database = name }) => database === name)",
    to: "policies.filter(({ database = name }) => database !== undefined && name !== undefined)",
  },
  {
    name: "what is more than pods of the database can hold is theirs within its limit",
    file: "src/domain/supply/matched-within.ts",
    from: "return isAll ? 0 : total - unseen(role, members, shown);",
    to: "return isAll ? 0 : 0 * (total - unseen(role, members, shown));",
  },
  {
    name: "sessions of pods on the network of their node held against another policy's pods",
    file: "src/domain/supply/of-hosts.ts",
    from: "const own = Math.min(count, left);",
    to: "const own = 0 * Math.min(count, left);",
  },
  {
    name: "foreign sessions that a pod which is not ready may hide do not run",
    file: "src/domain/decide/running.ts",
    from: "endingSlots + hiddenSlots;",
    to: "endingSlots;",
  },
  {
    name: "no session hides behind a pod that was not ready when it was read",
    file: "src/reconcile/memory/server-memory.ts",
    from: "sample.unreadySlots = sample.held.unready;",
    to: "sample.unreadySlots = 0 * sample.held.unready;",
  },
  {
    name: "no session of a limit hides behind a pod that was not ready",
    file: "src/domain/supply/login-sessions.ts",
    from: "hiddenSlots: Math.max(0, Math.min(hiding, gone)),",
    to: "hiddenSlots: 0 * Math.max(0, Math.min(hiding, gone)),",
  },
  {
    name: "a pod that came since a reading has sessions that it shows",
    file: "src/domain/supply/matched-sessions.ts",
    from: "heldByOlder(workloads, sample.newestPodMs ?? Infinity);",
    to: "heldByOlder(workloads, Infinity);",
  },
  {
    name: "sessions of pods that are gone forgotten behind a pod that is not ready",
    file: "src/domain/supply/matched-sessions.ts",
    from: "const known = Math.max(least, unheldBefore.get(user) ?? 0);",
    to: "const known = least;",
  },
  {
    name: "sessions of pods that are gone counted on when no pod can hide them",
    file: "src/domain/supply/matched-sessions.ts",
    from: "const slots = Math.min(known, least + unreadySlots);",
    to: "const slots = known;",
  },
  {
    name: "foreign sessions counted once more as those of pods that are gone",
    file: "src/domain/supply/matched-sessions.ts",
    from: "const more = (unheld.get(user) ?? 0) - foreign;",
    to: "const more = unheld.get(user) ?? 0;",
  },
  {
    name: "what a reading showed of pods that are gone not known to the next one",
    file: "src/reconcile/memory/claimed-sessions.ts",
    from: "return this.#unheld.get(name) ?? none;",
    to: "return name === '' ? (this.#unheld.get(name) ?? none) : none;",
  },
  {
    name: "sessions look translated where no pod runs that could have opened them",
    file: "src/domain/supply/login-matching.ts",
    from: "return pods.some(({ isOnHostNetwork }) => !isOnHostNetwork);",
    to: "return pods.every(({ isOnHostNetwork }) => !isOnHostNetwork);",
  },
];
