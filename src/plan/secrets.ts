// The logins of policies. The URI of a policy's database is in a Secret, which seldom stands among
// the manifests, and must not stand on a command line. Where it does not, a variable of the
// environment says it; where that does not either, a name that no server can have stands for the
// server: enough to know which policies share one.

import { engines } from "../api/engines.ts";
import { type PoolPolicySpec, parseSpec } from "../api/poolpolicy.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import type { ManifestStores } from "./manifest-stores.ts";

/** Of the environment. */
export const uriVariable = "POOLWARDEN_DATABASE_URI";

type Data = Readonly<Record<string, string>>;

export interface FilledSecrets {
  readonly data: ReadonlyMap<string, Data>;
  /** By the name that stands for its server: the Secret, as `namespace/name`. */
  readonly standIns: ReadonlyMap<ServerKey, string>;
}

/** `data` with the Secrets that policies name and the manifests do not have. */
export function withMissingSecrets(
  { policies }: Pick<ManifestStores, "policies">,
  data: ReadonlyMap<string, Data>,
  uri: string | undefined,
): FilledSecrets {
  const filled = new Map(data);
  const standIns = new Map<ServerKey, string>();
  for (const { namespace, spec: raw } of policies.values()) {
    const parsed = parseSpec(raw);
    if (!("spec" in parsed) || !parsed.spec.database.secretRef) continue;
    const { name, key, caKey } = parsed.spec.database.secretRef;
    const id = `Secret/${namespace}/${name}`;
    if (data.has(id)) continue;
    const host = `${name}.${namespace}.secret.invalid`;
    const standIn = `${schemeOf(parsed.spec)}://unknown@${host}/unknown`;
    if (uri === undefined) standIns.set(serverOf(host, parsed.spec), `${namespace}/${name}`);
    const ofCa = caKey === undefined ? {} : { [caKey]: "" };
    filled.set(id, { ...filled.get(id), ...ofCa, [key]: uri ?? standIn });
  }
  return { data: filled, standIns };
}

function engineOf({ database }: PoolPolicySpec): (typeof engines)[keyof typeof engines] {
  return engines[database.engine];
}

function schemeOf(spec: PoolPolicySpec): string {
  return engineOf(spec).schemes[0];
}

function serverOf(host: string, spec: PoolPolicySpec): ServerKey {
  return `${host}:${engineOf(spec).port}`;
}
