// Defects in what a policy on a pooler sees of the tier behind: modes, pods, reserves, and whose
// word counts.

import type { Mutant } from "./mutant.ts";

export const tierMutants: readonly Mutant[] = [
  {
    name: "clients of a pooler in transaction mode are bound by its pools",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: "if (isOfAll || !this.#isSession(role, database)) return undefined;",
    to: "if (isOfAll) return undefined;",
  },
  {
    name: "the mode of an entry is not looked at",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: 'return own ?? this.said.settings.get("pool_mode") ?? session;',
    to: 'return this.said.settings.get("pool_mode") ?? own ?? session;',
  },
  {
    name: "a mode of the user is not looked at",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: "return (this.#ownMode(user) ?? this.#modeOf(database)) === session;",
    to: "return this.#modeOf(database) === session;",
  },
  {
    name: "the reserve of a pool is forgotten",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: "least: Math.min(...limits) + Math.min(...reserves),",
    to: "least: Math.min(...limits),",
  },
  {
    name: "a reserve counts that PgBouncer does not use",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: 'return this.said.settings.get("reserve_pool_timeout") !== "0";',
    to: "return true;",
  },
  {
    name: "the pools of a pooler's pods are not added up",
    file: "src/adapters/pgbouncer/bounds.ts",
    from: "return [name, { ...first, slots: sum(each.map(({ slots }) => slots)) }];",
    to: "return [name, first];",
  },
  {
    name: "what one pod of a pooler may open stands for all",
    file: "src/adapters/pgbouncer/login-bounds.ts",
    from: "const maySlots = sum(parts.map((one) => one.maySlots));",
    to: "const maySlots = parts[0]?.maySlots ?? 0;",
  },
  {
    name: "a pool without a limit counts as none",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: "size === 0 && this.#isZeroNoLimit() ? Infinity : size",
    to: "size",
  },
  {
    name: "the pool of one database is another one's too",
    file: "src/domain/supply/connection-limits.ts",
    from: "return role === undefined || database === undefined ? undefined : pairNameOf({ role, database });",
    to: 'return role === undefined ? undefined : pairNameOf({ role, database: "orders" });',
  },
  {
    name: "a server behind a pooler bounds clients that share connections",
    file: "src/domain/supply/tiers-behind.ts",
    from: "if (!isKnown || !behind.every(({ isSession }) => isSession)) return [];",
    to: "if (!isKnown) return [];",
  },
  {
    name: "a server behind a pooler is a limit though another one is not known",
    file: "src/domain/supply/tiers-behind.ts",
    from: "behind.length > 0 && behind.every((one) => one.known !== undefined);",
    to: "behind.some((one) => one.known !== undefined);",
  },
  {
    name: "a policy is told of a server behind that is no business of its namespace",
    file: "src/reconcile/observe/tiers-behind.ts",
    from: "const there = known.book.of(server).filter((one) => namespaces.has(one.namespace));",
    to: 'const there = known.book.of(server).filter((one) => namespaces.size > 0 && one.key !== "");',
  },
  {
    name: "whoever has a quota says for others what is behind the pooler",
    file: "src/reconcile/observe/tiers-behind.ts",
    from: "const isHeard = !isBounded(namespace, namespaceQuotas);",
    to: 'const isHeard = !isBounded(namespace, namespaceQuotas) || namespace !== "";',
  },
  {
    name: "two names that policies have for the server behind a pooler are no limit",
    file: "src/reconcile/observe/tiers-behind.ts",
    from: "const areOfOne = behind.length === 1 && meant.size > 0;",
    to: "const areOfOne = behind.length === 1 && meant.size === 1;",
  },
  {
    name: "of two names for the server behind a pooler the first one counts",
    file: "src/reconcile/observe/tiers-behind.ts",
    from: "return words.toSorted((a, b) => a.slots - b.slots)[0];",
    to: "return words[0];",
  },
  {
    name: "what a server behind a pooler had is forgotten with the operator that read it",
    file: "src/reconcile/observe/tiers-behind.ts",
    from: "return isToBeRead ? remembered.filter((one) => one.server === server) : [];",
    to: "return isToBeRead && server === '' ? [...remembered] : [];",
  },
  {
    name: "a server behind a pooler that is only declared by now has what was read of it once",
    file: "src/reconcile/observe/tiers-behind.ts",
    from: "hasSecret: one.said.address === undefined,",
    to: "hasSecret: true,",
  },
  {
    name: "the status forgets the server behind while a new operator has not read the pooler",
    file: "src/domain/explain/tier-rows.ts",
    from: "if (!behind) return reading || before.length === 0 ? {} : { behind: before };",
    to: "if (!behind) return {};",
  },
  {
    name: "pools on a pooler grow before the server behind it was asked",
    file: "src/reconcile/observe/replica-fleets.ts",
    from: "if (!failure || (replica.isBehind && failure.isReplicaUnread !== true)) continue;",
    to: "if (!failure || replica.isBehind) continue;",
  },
  {
    name: "a user in another mode lifts the maximum of an entry for those in session mode",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: 'return stricter(pool, positive(this.#maxOfEntry(database), "max_db_connections"));',
    to: "return stricter(pool);",
  },
  {
    name: "the smaller of two limits is told with the setting of the larger one",
    file: "src/reconcile/same-server.ts",
    from: "return { limitSettings: { ...a.limitSettings, ...Object.fromEntries(settings) } };",
    to: "return { limitSettings: { ...Object.fromEntries(settings), ...a.limitSettings } };",
  },
  {
    name: "a refused login is told what others read of the server behind a pooler",
    file: "src/reconcile/observe/tiers-behind.ts",
    from: "const working = readers.filter((one) => logins.mayBeTold(server, one));",
    to: "const working = readers.filter((one) => logins.mayBeTold(server, one) || one.hasSecret !== null);",
  },
  {
    name: "a refused login is told where a pooler connects to",
    file: "src/domain/explain/tier-rows.ts",
    from: "return policy && hasLoginWorked(policy, database) ? (database.behind ?? []) : [];",
    to: "return policy?.spec.database.secretRef ? (database.behind ?? []) : [];",
  },
  {
    name: "the status forgets the server behind while its login is refused",
    file: "src/domain/explain/tier-rows.ts",
    from: "const kept = before.filter(({ server }) => present.has(server));",
    to: "const kept = before.filter(({ server }) => present.has(server) && server === '');",
  },
  {
    name: "doubt about one server holds up growth on those that are tied to it",
    file: "src/domain/decide/limit-accounts.ts",
    from: "return Math.min(...free);",
    to: "return Math.min(...free) - Math.max(...this.all.map(doubtedIn));",
  },
  {
    name: "a replica that was not asked holds up everybody without end",
    file: "src/reconcile/observe/replica-fleets.ts",
    from: "if (!isOwnMatter && replicaHolds.isHold(namespace, scene)) return policy;",
    to: "if (replicaHolds.isHold(namespace, scene) || !isOwnMatter) return policy;",
  },
  {
    name: "a policy without a pool says what weights speak of",
    file: "src/domain/decide/decisions.ts",
    from: "const own = speakers(policies).filter(({ key }) => withPool.has(key));",
    to: "const own = speakers(policies).filter(({ key }) => withPool.size > 0 && key !== '');",
  },
  {
    name: "a namespace with a quota says what the weights of others speak of",
    file: "src/domain/decide/decisions.ts",
    from: "const counting = free.length > 0 ? free : speaking;",
    to: "const counting = speaking;",
  },
  {
    name: "each of thousands of roles adds up the pools of all entries anew",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: "if (this.#addedUp.size >= addedUpMax) return Math.min(...this.#addedUp.values());",
    to: "if (this.#addedUp.size < 0) return Math.min(...this.#addedUp.values());",
  },
  {
    name: "a request body without end is read and thrown away",
    file: "src/runtime/http-server.ts",
    from: '...(hasBody(request) ? { connection: "close" } : {}),',
    to: '...(hasBody(request) && body.length < 0 ? { connection: "close" } : {}),',
  },
  {
    name: "a user of a pooler with a row of his own counts once more among those without",
    file: "src/adapters/pgbouncer/pools-behind.ts",
    from: "left.set(name, (left.get(name) ?? 0) + 1);",
    to: "left.set(name, 0);",
  },
  {
    name: "a forced user of a pooler has no pools but that one",
    file: "src/adapters/pgbouncer/server-side.ts",
    from: "const own = users.databasesOf(user).filter(isFree);",
    to: "const own = forced.has(user) ? [] : users.databasesOf(user).filter(isFree);",
  },
];
