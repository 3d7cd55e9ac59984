// Policies that break a rule, each with what the user must read. The unit test holds parseSpec to
// them, the integration test the API server, so that the two cannot part.

export interface BadPolicy {
  readonly name: string;
  readonly spec: object;
  /** What both must say: the field and the way out. */
  readonly want: readonly string[];
  /** The field's path as the API server prints it, where `want` does not name it. */
  readonly wantField: string;
  /** What the API server says in its own words (bounds, types), instead of `want`. */
  readonly wantServer?: readonly string[];
}

export const secretDatabase = { secretRef: { name: "orders-db" } };

/** A spec that is right but for what `entry` brings. */
export function specWith(entry: object, more: object = {}): object {
  return { database: secretDatabase, workloads: [{ name: "web", ...entry }], ...more };
}

export function withDatabase(database: object): object {
  return { database, workloads: [{ name: "web" }] };
}

/** So many labels, expressions and values in all selectors together; from 969 to 1,001. */
export function specDemanding(count: number): object {
  const values = Array.from({ length: 50 }, (_, index) => `v${index}`);
  const large = { matchExpressions: [{ key: "app", operator: "NotIn", values }] };
  const labels = Array.from({ length: count - 19 * 51 }, (_, index) => [`l${index}`, "x"] as const);
  const selectors = Array.from({ length: 19 }, () => ({ selector: large }));
  const last = { selector: { matchLabels: Object.fromEntries(labels) } };
  return { database: secretDatabase, workloads: [...selectors, last] };
}

export const badPolicies: readonly BadPolicy[] = [
  {
    name: "neither secret nor address",
    spec: withDatabase({}),
    wantField: "spec.database",
    want: ["give database.secretRef or database.address"],
  },
  {
    name: "both a secret and an address",
    spec: withDatabase({ ...secretDatabase, address: "db:5432", maxConnections: 100 }),
    wantField: "spec.database",
    want: ["give database.secretRef or database.address, not both"],
  },
  {
    name: "a secret name with a command in it, which a condition would print for somebody to run",
    spec: withDatabase({ secretRef: { name: "x; kubectl create role all" } }),
    wantField: "spec.database.secretRef.name",
    want: ["give the name of a Secret"],
  },
  {
    name: "a secret name with a flag in it",
    spec: withDatabase({ secretRef: { name: "orders-db --verb=list" } }),
    wantField: "spec.database.secretRef.name",
    want: ["give the name of a Secret"],
  },
  {
    name: "a secret key with a blank",
    spec: withDatabase({ secretRef: { name: "orders-db", key: "the uri" } }),
    wantField: "spec.database.secretRef.key",
    want: ["give a key of a Secret"],
  },
  {
    name: "an address without maxConnections",
    spec: withDatabase({ address: "db.shop.svc:5432" }),
    wantField: "spec.database.maxConnections",
    want: ["database.address needs database.maxConnections"],
  },
  {
    name: "a role with a zero byte",
    spec: withDatabase({ ...secretDatabase, role: "app\u0000" }),
    wantField: "spec.database.role",
    want: ["give the name of a role, without control characters"],
  },
  {
    name: "an address without a port",
    spec: withDatabase({ address: "db.shop.svc", maxConnections: 100 }),
    wantField: "spec.database.address",
    want: ['"db.shop.svc"', "give host:port, such as db.shop.svc:5432"],
  },
  {
    name: "an address with a port beyond 65535",
    spec: withDatabase({ address: "db:65536", maxConnections: 100 }),
    wantField: "spec.database.address",
    want: ['"db:65536"', "give host:port"],
  },
  {
    name: "an IPv6 address without brackets",
    spec: withDatabase({ address: "2001:db8::1:5432", maxConnections: 100 }),
    wantField: "spec.database.address",
    want: ["an IPv6 address goes in brackets, such as [2001:db8::1]:5432"],
  },
  {
    name: "a URI as address",
    spec: withDatabase({ address: "postgres://db:5432/shop", maxConnections: 100 }),
    wantField: "spec.database.address",
    want: ["give host:port"],
  },
  {
    name: "maxConnections 0",
    spec: withDatabase({ ...secretDatabase, maxConnections: 0 }),
    wantField: "spec.database.maxConnections",
    want: ["spec.database.maxConnections is 0: it must be at least 1"],
    wantServer: ["Invalid value: 0", "should be greater than or equal to 1"],
  },
  {
    name: "maxConnections 2147483648",
    spec: withDatabase({ ...secretDatabase, maxConnections: 2_147_483_648 }),
    wantField: "spec.database.maxConnections",
    want: ["spec.database.maxConnections is 2147483648: it must be at most 1000000"],
    wantServer: ["2147483648", "should be less than or equal to 1000000"],
  },
  {
    name: "maxConnections as a text",
    spec: withDatabase({ ...secretDatabase, maxConnections: "200" }),
    wantField: "spec.database.maxConnections",
    want: ['spec.database.maxConnections is "200": it must be a whole number'],
    wantServer: ["must be of type integer"],
  },
  {
    name: "a reserve beyond 100 percent",
    spec: specWith({}, { reserve: { connections: "101%" } }),
    wantField: "spec.reserve.connections",
    want: ['"101%"', "as a percentage from 0% to 100%, such as 5%"],
  },
  {
    name: "a reserve below zero",
    spec: specWith({}, { reserve: { connections: -1 } }),
    wantField: "spec.reserve.connections",
    want: ["-1", "give reserve.connections as a number of slots that is not negative"],
  },
  {
    name: "a reserve that is a number in quotes",
    spec: specWith({}, { reserve: { connections: "10" } }),
    wantField: "spec.reserve.connections",
    want: ['"10"', "give reserve.connections as a number of slots"],
  },
  {
    name: "a cooldown without a unit",
    spec: specWith({}, { stability: { cooldown: "5" } }),
    wantField: "spec.stability.cooldown",
    want: ['"5"', "give stability.cooldown as a duration such as 90s, 5m or 1h30m"],
  },
  {
    name: "a cooldown in words",
    spec: specWith({}, { stability: { cooldown: "5 minutes" } }),
    wantField: "spec.stability.cooldown",
    want: ['"5 minutes"', "give stability.cooldown as a duration such as 90s, 5m or 1h30m"],
  },
  {
    name: "no workloads",
    spec: { database: secretDatabase, workloads: [] },
    wantField: "spec.workloads",
    want: ["spec.workloads: it must have at least 1 entry"],
    wantServer: ["should have at least 1 items"],
  },
  {
    name: "a selector and a name",
    spec: specWith({ selector: { matchLabels: { app: "web" } } }),
    wantField: "spec.workloads[0]",
    want: ["give either selector, or name (with kind), or pods: exactly one of them"],
  },
  {
    name: "neither selector nor name",
    spec: { database: secretDatabase, workloads: [{ weight: 2 }] },
    wantField: "spec.workloads[0]",
    want: ["give either selector, or name (with kind), or pods: exactly one of them"],
  },
  {
    name: "a kind without a name",
    spec: {
      database: secretDatabase,
      workloads: [{ kind: "Deployment", selector: { matchLabels: { app: "web" } } }],
    },
    wantField: "spec.workloads[0].name",
    want: ["kind goes with name: give name as well, or leave kind out"],
  },
  {
    name: "an empty selector",
    spec: { database: secretDatabase, workloads: [{ selector: {} }] },
    wantField: "spec.workloads[0].selector",
    want: ["give selector.matchLabels or selector.matchExpressions"],
  },
  {
    name: "selectors that say too much together",
    spec: specDemanding(1_001),
    wantField: "spec.workloads",
    want: ["have more than 1000 labels, expressions and values", "say less"],
  },
  {
    name: "a selector with empty labels",
    spec: { database: secretDatabase, workloads: [{ selector: { matchLabels: {} } }] },
    wantField: "spec.workloads[0].selector",
    want: ["give selector.matchLabels or selector.matchExpressions"],
  },
  {
    name: "a label that Kubernetes would not accept",
    spec: { database: secretDatabase, workloads: [{ selector: { matchLabels: { app: "a b" } } }] },
    wantField: "spec.workloads[0].selector.matchLabels",
    want: ["give label names and values that Kubernetes accepts"],
  },
  {
    name: "In without values",
    spec: specSelecting({ key: "app", operator: "In" }),
    wantField: "spec.workloads[0].selector.matchExpressions[0].values",
    want: ["operator In or NotIn needs values"],
  },
  {
    name: "NotIn with an empty list",
    spec: specSelecting({ key: "app", operator: "NotIn", values: [] }),
    wantField: "spec.workloads[0].selector.matchExpressions[0].values",
    want: ["operator In or NotIn needs values"],
  },
  {
    name: "Exists with values",
    spec: specSelecting({ key: "app", operator: "Exists", values: ["web"] }),
    wantField: "spec.workloads[0].selector.matchExpressions[0].values",
    want: ["operator Exists or DoesNotExist takes no values"],
  },
  {
    name: "min above max",
    spec: specWith({ poolSize: { min: 9, max: 3 } }),
    wantField: "spec.workloads[0].poolSize.min",
    want: ["spec.workloads[0].poolSize.min is 9", "lower min or raise max"],
    wantServer: ["poolSize.min is 9, above poolSize.max, which is 3: lower min or raise max"],
  },
  {
    name: "a pool of no connections",
    spec: specWith({ poolSize: { max: 0 } }),
    wantField: "spec.workloads[0].poolSize.max",
    want: ["spec.workloads[0].poolSize.max is 0: it must be at least 1"],
    wantServer: ["should be greater than or equal to 1"],
  },
  {
    name: "a preset and own names",
    spec: specWith({ preset: "hikari", env: { maxSize: "POOL" } }),
    wantField: "spec.workloads[0]",
    want: ["give preset or env, not both"],
  },
  {
    name: "a preset that does not exist",
    spec: specWith({ preset: "c3p0" }),
    wantField: "spec.workloads[0].preset",
    want: ['"c3p0"', "generic, hikari, tomcat, dbcp2, pgbouncer"],
    wantServer: ['"c3p0"', '"generic", "hikari", "tomcat", "dbcp2", "pgbouncer"'],
  },
  {
    name: "more pools in a pod than anybody plans for",
    spec: specWith({ preset: "pgbouncer", processesPerPod: 40, poolsPerProcess: 26 }),
    wantField: "spec.workloads[0].poolsPerProcess",
    want: ["processesPerPod times poolsPerProcess is above 1000"],
  },
  {
    name: "one variable for both sizes",
    spec: specWith({ env: { minSize: "POOL", maxSize: "POOL" } }),
    wantField: "spec.workloads[0].env",
    want: ["env.minSize and env.maxSize must differ"],
  },
  {
    name: "own names without the maximum's",
    spec: specWith({ env: { minSize: "POOL" } }),
    wantField: "spec.workloads[0].env.maxSize",
    want: ["spec.workloads[0].env.maxSize is missing: it must be a text"],
    wantServer: ["Required value"],
  },
  {
    name: "a name that is no variable",
    spec: specWith({ env: { maxSize: "pool-size" } }),
    wantField: "spec.workloads[0].env.maxSize",
    want: ['"pool-size"', "give a variable name of letters, digits and '_'"],
  },
  {
    name: "a variable that says nothing of a size",
    spec: specWith({ env: { maxSize: "PORT" } }),
    wantField: "spec.workloads[0].env.maxSize",
    want: ['"PORT"', "give a variable whose name says that it is the size of a pool"],
  },
  {
    name: "a variable that a runtime reads, as minimum",
    spec: specWith({ env: { minSize: "NODE_OPTIONS", maxSize: "POOL" } }),
    wantField: "spec.workloads[0].env.minSize",
    want: ['"NODE_OPTIONS"', "this variable could change what a process runs"],
  },
];

export function specSelecting(expression: object): object {
  return {
    database: secretDatabase,
    workloads: [{ selector: { matchExpressions: [expression] } }],
  };
}
