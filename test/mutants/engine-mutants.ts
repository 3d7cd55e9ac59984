// Defects in what is different between engines: words, a limit, who may see what, and what a server
// of MySQL may ask of its client.

import type { Mutant } from "./mutant.ts";

export const engineMutants: readonly Mutant[] = [
  {
    name: "a URI of another engine than the policy says is read all the same",
    file: "src/reconcile/resolve/resolve-policy.ts",
    from: "if (engine === usualEngine || found === engine) return undefined;",
    to: "if (engine.length > 0) return undefined;",
  },
  {
    name: "a server is told of in PostgreSQL's words, whatever its URI says",
    file: "src/domain/supply/server-engine.ts",
    from: "engine ?? spec.database.engine",
    to: "spec.database.engine",
  },
  {
    name: "a policy of a pooler is read as one of PostgreSQL",
    file: "src/api/engines.ts",
    from: "if (found === undefined || found !== speaks) return uri;",
    to: "if (found === undefined || found !== engine) return uri;",
  },
  {
    name: "of a pooler's pods the first one's limit counts",
    file: "src/adapters/pgbouncer/answer.ts",
    from: "const maxConnections = sum(pods.map(({ maxClients }) => maxClients));",
    to: "const maxConnections = pods[0]?.maxClients ?? 0;",
  },
  {
    name: "a pooler's clients that log in are not counted",
    file: "src/adapters/pgbouncer/answer.ts",
    from: "inLogin === 0 ? groups",
    to: "inLogin >= 0 ? groups",
  },
  {
    name: "pods of a pooler that came later are not read",
    file: "src/adapters/pgbouncer/database.ts",
    from: "const fresh = addresses.filter(({ address }) => !this.#pods.has(address));",
    to: "const fresh = addresses.filter(() => this.#pods.size === 0);",
  },
  {
    name: "nobody is told that a pooler stands between",
    file: "src/adapters/postgres/queries.ts",
    from: "return processId !== asked.processId;",
    to: "return processId === undefined;",
  },
  {
    name: "sessions that a user is not shown are not counted",
    file: "src/adapters/mysql/queries.ts",
    from: "sessions: seesAll ? seen : [...seen, { ...unseen, count: hidden }],",
    to: "sessions: seen,",
  },
  {
    name: "the server's max_user_connections bounds nobody",
    file: "src/adapters/mysql/queries.ts",
    from: "own === -1 ? limits.ofServer : own",
    to: "own",
  },
  {
    name: "a limit below nothing is none, and lets everybody in",
    file: "src/adapters/mysql/queries.ts",
    from: "told < 0) return 0;",
    to: "told < 0) return -1;",
  },
  {
    name: "a pool may keep its connections for as long as the server does",
    file: "src/api/lifetimes.ts",
    from: "const percentOfIdleLimit = 90;",
    to: "const percentOfIdleLimit = 100;",
  },
  {
    name: "a pool that keeps its connections for ever is told nothing",
    file: "src/domain/explain/lifetime-findings.ts",
    from: "(lifetime.lifetimeMs === 0 || lifetime.lifetimeMs > longestMs)",
    to: "lifetime.lifetimeMs > longestMs",
  },
  {
    name: "a profile's idle lifetime is written whatever the server's limit is",
    file: "src/api/sizing.ts",
    from: "Number(value) > longest",
    to: "Number(value) < 0",
  },
  {
    name: "the most of a user's accounts counts",
    file: "src/adapters/mysql/queries.ts",
    from: "Math.min(a, b)",
    to: "Math.max(a, b)",
  },
  {
    name: "a login by any plugin is made",
    file: "src/adapters/mysql/conversation.ts",
    from: "if (!ours.includes(plugin)) throw notOurs(plugin);",
    to: "",
  },
  {
    name: "the password is encrypted with whatever key an open line brings",
    file: "src/adapters/mysql/conversation.ts",
    from: "else if (trustsSentKey)",
    to: "else if (!isSecure)",
  },
  {
    name: "what came before TLS counts as said under it",
    file: "src/adapters/mysql/wire.ts",
    from: "if (frames.isMidway) throw",
    to: "if (!frames) throw",
  },
  {
    name: "a mode of TLS that checks nobody beside a CA",
    file: "src/domain/supply/mysql-uri.ts",
    from: 'if (hasCa && !mode.startsWith("VERIFY_")) {',
    to: "if (hasCa && mode.length === 0) {",
  },
  {
    name: "nobody is told that the server takes MD5",
    file: "src/adapters/postgres/database.ts",
    from: 'loginMethod === "md5" &&',
    to: 'loginMethod === "none" &&',
  },
  {
    name: "the password is sent to whatever listens there",
    file: "src/adapters/redis/connection.ts",
    from: '[{ words: ["HELLO"] }]',
    to: '[{ words: ["HELLO", "2", "AUTH", uri.user, uri.password()] }]',
  },
  {
    name: "clients that a list leaves out are not counted",
    file: "src/adapters/redis/answers.ts",
    from: "sessions: hidden > 0 ? [...shown,",
    to: "sessions: hidden < 0 ? [...shown,",
  },
  {
    name: "links of replicas hold no slot",
    file: "src/adapters/redis/answers.ts",
    from: ' + numberIn(info, "connected_slaves");',
    to: ";",
  },
  {
    name: "links of a cluster are given to applications",
    file: "src/adapters/redis/answers.ts",
    from: 'slots: numberIn(info, "cluster_connections")',
    to: "slots: 0",
  },
  {
    name: "two processes of Redis that began in one second are one",
    file: "src/adapters/redis/answers.ts",
    from: 'isStandby ? "master_replid" : "run_id"',
    to: 'isStandby ? "master_replid" : "redis_version"',
  },
  {
    name: "the client that asks counts as somebody's",
    file: "src/adapters/redis/client-list.ts",
    from: "if (id !== this.#ownId) this.#count(line);",
    to: "this.#count(line);",
  },
  {
    name: "a Sentinel is taken for a server",
    file: "src/adapters/redis/connection.ts",
    from: 'if (hello.mode === "sentinel") throw',
    to: 'if (hello.mode === "") throw',
  },
  {
    name: "a reply that nobody asked for is kept for the next question",
    file: "src/adapters/redis/replies.ts",
    from: "if (this.#expected.length === 0) throw",
    to: "if (this.#expected.length > 99) throw",
  },
  {
    name: "redis:// is gone without TLS although a CA is given",
    file: "src/domain/supply/redis-uri.ts",
    from: 'if (!hasCa) return "none";',
    to: 'if (hasCa || !hasCa) return "none";',
  },
];
