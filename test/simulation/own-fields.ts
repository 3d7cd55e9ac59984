// What an applied object may hold: the pod template's annotations of ours, the environment entries
// of pool sizes, and the identity of the object. Anything else would be a field that is not ours.

import { group } from "../../src/api/group.ts";
import type { Manifest } from "../../src/ports.ts";

const allowed = [
  /^(apiVersion|kind|metadata\.(name|namespace|resourceVersion|uid))$/,
  new RegExp(`^metadata\\.annotations\\.${group}/`),
  new RegExp(`^spec\\.template\\.metadata\\.annotations\\.${group}/`),
  /^spec\.template\.spec\.containers\[app\]\.name$/,
  /^spec\.template\.spec\.containers\[app\]\.env\[(DB_POOL_M(IN|AX)_SIZE|DB_ENV)\]\.(name|value)$/,
  /^spec\.template\.spec\.containers\[app\]\.env\[(REPORTS|JOBS)_POOL_SIZE\]\.(name|value)$/,
];

const ownKinds = new Set(["PrometheusRule"]);

/** Paths of a workload's manifest that we have no business with. */
export function foreignFields(manifest: Manifest): string[] {
  if (ownKinds.has(manifest.kind)) return [];
  return pathsOf(manifest, "").filter((path) => !allowed.some((one) => one.test(path)));
}

function pathsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((one: { readonly name?: string }) =>
      pathsOf(one, `${path}[${one.name ?? ""}]`),
    );
  }
  if (typeof value !== "object" || value === null) return [path];
  const dot = path === "" ? "" : ".";
  return Object.entries(value).flatMap(([name, one]) => pathsOf(one, `${path}${dot}${name}`));
}
