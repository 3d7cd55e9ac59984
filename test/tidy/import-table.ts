// Who may import whom. The core knows no library and no adapter, so that it can be read, tested and
// simulated without them; each library is known to one folder, so that it can be replaced there.
import { importsOf } from "./imports.ts";
import type { Import } from "./imports.ts";
import type { SourceFile, Violation } from "./source-files.ts";

type Reach = "all" | "types";
type Layer = {
  readonly name: string;
  readonly holds: RegExp;
  /** Layers that may be imported besides one's own. */
  readonly reaches: Readonly<Record<string, Reach>>;
  readonly usesNode: boolean;
};

const PORTS = { ports: "all" } as const;

/**
 * Rooms of the core, each with those below it that it may use: what a decision is made from, what a
 * server has, what pods take of it, who gets what, and what is said of it. Nothing that decides
 * knows how it is told.
 */
const DOMAIN_ROOMS: Readonly<Record<string, Layer["reaches"]>> = {
  facts: { "domain/supply": "types" },
  demand: { "domain/facts": "types" },
  words: { "domain/facts": "types", "domain/demand": "all", "domain/decide": "types" },
  supply: { "domain/facts": "types", "domain/demand": "all", "domain/words": "all" },
  decide: {
    ...{ "domain/facts": "types", "domain/supply": "all" },
    ...{ "domain/demand": "all", "domain/words": "all" },
  },
  explain: {
    ...{ "domain/facts": "types", "domain/supply": "all", "domain/demand": "all" },
    ...{ "domain/decide": "all", "domain/words": "all" },
  },
};

const domainRooms: readonly Layer[] = Object.entries(DOMAIN_ROOMS).map(([room, reaches]) => ({
  name: `domain/${room}`,
  holds: new RegExp(`^src/domain/${room}/`),
  reaches: { domain: "all", api: "types", errors: "all", ...reaches },
  usesNode: false,
}));

/** The whole core, for those outside of it. */
function core(reach: Reach): Readonly<Record<string, Reach>> {
  return Object.fromEntries(
    ["domain", ...domainRooms.map(({ name }) => name)].map((name) => [name, reach]),
  );
}

/** What every room of reconcile may use. */
const RECONCILE: Layer["reaches"] = {
  ...{ ...PORTS, api: "all", ...core("all"), render: "all", errors: "all" },
  ...{ result: "all", backoff: "all", charge: "all", reconcile: "all" },
  "resource versions": "all",
};

/**
 * Rooms of reconcile, each with the others that it may use. Memories are asked by everybody and ask
 * nobody; what observes writes nothing.
 */
const RECONCILE_ROOMS: Readonly<Record<string, Layer["reaches"]>> = {
  memory: { "reconcile/apply": "types" },
  resolve: { "reconcile/memory": "all" },
  sizes: { "reconcile/references": "types", "reconcile/memory": "types" },
  references: { "reconcile/sizes": "all" },
  observe: {
    ...{ "reconcile/memory": "all", "reconcile/resolve": "all", "reconcile/sizes": "all" },
    ...{ "reconcile/references": "types", "reconcile/apply": "types" },
  },
  apply: { "reconcile/memory": "all", "reconcile/observe": "all" },
  report: { "reconcile/memory": "all", "reconcile/apply": "all" },
};

const reconcileRooms: readonly Layer[] = Object.entries(RECONCILE_ROOMS).map(([room, reaches]) => ({
  name: `reconcile/${room}`,
  holds: new RegExp(`^src/reconcile/${room}/`),
  reaches: { ...RECONCILE, ...reaches },
  usesNode: false,
}));

/** An adapter of each engine, with what all of them share. */
const engineLayers: readonly Layer[] = ["postgres", "mysql", "redis", "pgbouncer"].map(
  (engine) => ({
    name: `adapters/${engine}`,
    holds: new RegExp(`^src/adapters/${engine}/`),
    reaches: {
      ...{ ...PORTS, api: "all", ...core("types"), errors: "all", adapters: "all" },
      "adapters/database": "all",
      // A pooler speaks PostgreSQL's protocol.
      ...(engine === "pgbouncer" ? { "adapters/postgres": "all" } : {}),
    },
    usesNode: true,
  }),
);

/** The first layer that holds a file is its own. A file directly in src belongs to `shell`. */
const LAYERS: readonly Layer[] = [
  { name: "api", holds: /^src\/api\//, reaches: {}, usesNode: false },
  ...domainRooms,
  {
    name: "domain",
    holds: /^src\/domain\//,
    reaches: { api: "types", errors: "all" },
    usesNode: false,
  },
  ...reconcileRooms,
  {
    name: "render",
    holds: /^src\/render\//,
    reaches: { api: "all", ...core("types"), ports: "types" },
    usesNode: false,
  },
  {
    name: "errors",
    holds: /^src\/errors\.ts$/,
    reaches: { api: "types", ...core("types") },
    usesNode: false,
  },
  {
    name: "ports",
    holds: /^src\/(ports|console-port|observed)\.ts$/,
    reaches: { api: "types", ...core("types"), errors: "all" },
    usesNode: false,
  },
  {
    name: "reconcile",
    holds: /^src\/reconcile\//,
    reaches: {
      ...RECONCILE,
      ...Object.fromEntries(reconcileRooms.map(({ name }) => [name, "all" as const])),
    },
    usesNode: false,
  },
  {
    name: "backoff",
    holds: /^src\/runtime\/backoff\.ts$/,
    reaches: { ports: "types" },
    usesNode: false,
  },
  { name: "charge", holds: /^src\/runtime\/charge\.ts$/, reaches: {}, usesNode: false },
  {
    name: "resource versions",
    holds: /^src\/runtime\/resource-versions\.ts$/,
    reaches: {},
    usesNode: false,
  },
  { name: "result", holds: /^src\/runtime\/result\.ts$/, reaches: {}, usesNode: false },
  {
    name: "runtime",
    holds: /^src\/runtime\//,
    reaches: {
      ...{ ...PORTS, errors: "all", result: "all", backoff: "all", charge: "all" },
      "resource versions": "all",
    },
    usesNode: true,
  },
  {
    name: "adapters",
    holds: /^src\/adapters\/[^/]+\.ts$/,
    reaches: { ...PORTS, api: "all", ...core("types"), errors: "all" },
    usesNode: true,
  },
  {
    name: "adapters/kubernetes",
    holds: /^src\/adapters\/kubernetes\//,
    reaches: { ...PORTS, api: "all", ...core("types"), errors: "all", adapters: "all" },
    usesNode: true,
  },
  {
    name: "adapters/database",
    holds: /^src\/adapters\/database\//,
    reaches: { ...PORTS, api: "all", ...core("types"), errors: "all", adapters: "all" },
    usesNode: true,
  },
  ...engineLayers,
  {
    name: "top",
    holds: /^src\/top\//,
    reaches: {
      ...{ ...PORTS, api: "types", errors: "all", render: "all", runtime: "all" },
      ...{ "domain/words": "all", "adapters/kubernetes": "all" },
    },
    usesNode: true,
  },
  {
    name: "page",
    holds: /^src\/page\//,
    reaches: { ...PORTS, api: "types", render: "all", runtime: "types", "domain/words": "all" },
    usesNode: false,
  },
  {
    name: "adapters/manifests",
    holds: /^src\/adapters\/manifests\//,
    reaches: {},
    usesNode: true,
  },
  {
    name: "plan",
    holds: /^src\/plan\//,
    reaches: {
      ...{ ...PORTS, api: "all", ...core("all"), errors: "all", runtime: "all" },
      ...{ "adapters/kubernetes": "all", "adapters/manifests": "all", reconcile: "all" },
      render: "all",
    },
    usesNode: true,
  },
  {
    name: "tools",
    holds: /^src\/tools\//,
    reaches: { api: "all", render: "all" },
    usesNode: true,
  },
];

/** Single files that a layer may use although it may not use their layer. */
const GATES: Readonly<Record<string, readonly string[]>> = {
  domain: [
    ...["src/api/keys.ts", "src/api/workload-kinds.ts", "src/api/engines.ts"],
    ...["src/api/lifetimes.ts", "src/api/helm-upgrade.ts"],
  ],
  "adapters/postgres": ["src/domain/supply/connection-uri.ts"],
  plan: [
    ...["src/reconcilers.ts", "src/arguments.ts"],
    ...["claims", "selectors"].map((rule) => `src/reconcile/observe/${rule}.ts`),
  ],
  top: ["src/arguments.ts"],
  "adapters/mysql": ["src/domain/supply/mysql-uri.ts"],
  "adapters/redis": ["src/domain/supply/redis-uri.ts"],
  // What pairs of a role and a database are called.
  "adapters/pgbouncer": [
    "src/domain/supply/pooler-uri.ts",
    "src/domain/supply/connection-limits.ts",
  ],
  tools: ["src/adapters/metric-names.ts", "src/usage.ts", "package.json"],
};

/** Which files may use a library. Types of it count too: they would bind the reader as much. */
const LIBRARIES: Readonly<Record<string, RegExp>> = {
  zod: /^src\/(api\/|config\.ts$)/,
  yaml: /^src\/tools\//,
  "js-yaml": /^src\/adapters\/manifests\//,
  "@kubernetes/client-node": /^src\/adapters\/kubernetes\//,
  undici: /^src\/adapters\/kubernetes\//,
  mysql2: /^src\/adapters\/mysql\//,
  pg: /^src\/adapters\/postgres\//,
  pino: /^src\/adapters\/log\.ts$/,
  "prom-client": /^src\/adapters\/metrics\.ts$/,
};

/** Imports of src that the table does not allow. Tests and files directly in src are free. */
export function forbiddenImports(file: SourceFile): Violation[] {
  if (!file.path.startsWith("src/")) return [];
  const layer = layerOf(file.path);
  return importsOf(file).flatMap((found) => {
    const isOurs = found.path !== undefined;
    const mend = isOurs ? mendOurs(layer, found) : mendLibrary(file.path, layer, found);
    if (mend === undefined) return [];
    return [{ path: file.path, line: found.line, problem: `imports ${found.specifier}`, mend }];
  });
}

function mendOurs(layer: Layer | undefined, { path = "", isType }: Import): string | undefined {
  if (layer === undefined || isAlwaysAllowed(layer, path)) return undefined;
  if (!path.startsWith("src/")) return "src stands on its own: move what it needs there";
  const target = layerOf(path)?.name ?? "shell";
  const reach = layer.reaches[target];
  if (reach === "types" && !isType) return `${layer.name} may take only types: import type`;
  if (reach !== undefined) return undefined;
  return `${layer.name} may use ${namesReached(layer)}, not ${target}: pass it in, or move it`;
}

function isAlwaysAllowed(layer: Layer, path: string): boolean {
  const gates = [layer.name, layer.name.split("/")[0] ?? ""].flatMap((name) => GATES[name] ?? []);
  return layer.holds.test(path) || gates.includes(path);
}

function namesReached({ reaches }: Layer): string {
  return Object.keys(reaches).join(", ") || "no other layer";
}

function layerOf(path: string): Layer | undefined {
  return LAYERS.find(({ holds }) => holds.test(path));
}

function mendLibrary(path: string, layer: Layer | undefined, found: Import): string | undefined {
  if (found.specifier.startsWith("node:")) {
    const isAllowed = layer === undefined || layer.usesNode;
    return isAllowed ? undefined : `${layer.name} is pure: declare a port, let an adapter do it`;
  }
  const allowed = Object.entries(LIBRARIES).find(([name]) => isPartOf(name, found.specifier))?.[1];
  if (allowed === undefined) return "no such library is in the table: do without it, or add it";
  return allowed.test(path) ? undefined : `only ${allowed.source} may: declare a port for it`;
}

function isPartOf(library: string, specifier: string): boolean {
  return specifier === library || specifier.startsWith(`${library}/`);
}
