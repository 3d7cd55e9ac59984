// The logins of policies. The URI of a policy's database is in a Secret, which seldom stands among
// the manifests, and must not stand on a command line. Where it does not, a variable of the
// environment says it; where that does not either, a name that no server can have stands for the
// server: enough to know which policies share one.

import { engines, meantUri } from "../api/engines.ts";
import { type PoolPolicySpec, parseSpec } from "../api/poolpolicy.ts";
import type { ServerKey } from "../domain/facts/facts.ts";
import { uriReaderFor } from "../domain/supply/connection-uris.ts";
import type { ObservedPolicy } from "../observed.ts";
import type { ManifestStores } from "./manifest-stores.ts";

/** Of the environment. */
export const uriVariable = "POOLWARDEN_DATABASE_URI";

/** Who logs in where nobody says: no role of anybody's. */
export const unknownLogin = "unknown";

type Data = Readonly<Record<string, string>>;

export interface FilledSecrets {
  readonly data: ReadonlyMap<string, Data>;
  /** By the name that stands for its server: the Secret, as `namespace/name`. */
  readonly standIns: ReadonlyMap<ServerKey, string>;
  /** What is wrong with the variable, for whom it stands. */
  readonly uriProblems: readonly string[];
}

/** `data` with the Secrets that policies name and the manifests do not have. */
export function withMissingSecrets(
  { policies }: Pick<ManifestStores, "policies">,
  data: ReadonlyMap<string, Data>,
  said: string | undefined,
  /** What is known of a policy's server without its Secret. */
  known: (policy: ObservedPolicy) => string | undefined = () => undefined,
): FilledSecrets {
  const uri = said === "" ? undefined : said;
  const filled = new Map(data);
  const standIns = new Map<ServerKey, string>();
  const uriProblems = new Set<string>();
  for (const policy of policies.values()) {
    const secret = secretOf(policy, data);
    if (!secret) continue;
    const { id, name, key, caKey, spec } = secret;
    const given = uri ?? known(policy);
    const host = `${name}.${policy.namespace}.secret.invalid`;
    if (given === undefined) standIns.set(serverOf(host, spec), `${policy.namespace}/${name}`);
    else for (const problem of problemsOf(given, spec)) uriProblems.add(problem);
    const standIn = `${schemeOf(spec)}://${unknownLogin}@${host}/unknown`;
    filled.set(id, { ...filled.get(id), ...(caKey && { [caKey]: "" }), [key]: given ?? standIn });
  }
  return { data: filled, standIns, uriProblems: [...uriProblems] };
}

interface MissingSecret {
  /** Of the data. */
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly caKey?: string | undefined;
  readonly spec: PoolPolicySpec;
}

/** Undefined where a policy names none, cannot be read, or names one that `data` has. */
function secretOf(
  { namespace, spec: raw }: ObservedPolicy,
  data: ReadonlyMap<string, Data>,
): MissingSecret | undefined {
  const parsed = parseSpec(raw);
  if (!("spec" in parsed) || !parsed.spec.database.secretRef) return undefined;
  const { name, key, caKey } = parsed.spec.database.secretRef;
  const id = `Secret/${namespace}/${name}`;
  return data.has(id) ? undefined : { id, name, key, caKey, spec: parsed.spec };
}

/** Of logins without which there is no answer. */
export function loginProblems(
  { standIns, uriProblems }: FilledSecrets,
  { reads }: { readonly reads: boolean },
): readonly string[] {
  if (!reads) return uriProblems;
  const unknown = [...standIns.values()].map(
    (secret) =>
      `--read: Secret ${secret} is not among the manifests and ${uriVariable} is not set: ` +
      "add the Secret, or set the variable",
  );
  return [...uriProblems, ...unknown];
}

/** It never repeats any part of the URI. */
function problemsOf(text: string, spec: PoolPolicySpec): readonly string[] {
  const { engine } = spec.database;
  const meant = meantUri(text.trim(), engine);
  const parsed = uriReaderFor(meant, engine).read(meant, { ca: undefined });
  return parsed.kind === "problem" ? [`${uriVariable}: ${parsed.message}`] : [];
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
