// The logins of policies. The URI of a policy's database is in a Secret, which seldom stands among
// the manifests, and must not stand on a command line. Where it does not, a variable of the
// environment says it; where that does not either, a name that no server can have stands for the
// server: enough to know which policies share one.

import { type EngineName, engines, meantUri, usualEngine } from "../api/engines.ts";
import { parseSpec } from "../api/poolpolicy.ts";
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
  /** Servers of different engines cannot be one. */
  readonly standInEngines: ReadonlyMap<ServerKey, EngineName>;
  /** What is wrong with the variable, for whom it stands. */
  readonly uriProblems: readonly string[];
}

/** A key of a Secret that policies take the URI of a server from. */
export interface LoginKey {
  /** `Secret/namespace/name`, as of data. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly caKey?: string | undefined;
  readonly engine: EngineName;
  /** Of the server behind the policy's pooler. */
  readonly isBehind: boolean;
}

export function loginId({ id, key }: Pick<LoginKey, "id" | "key">): string {
  return `${id} ${key}`;
}

export interface LoginSources {
  /** `POOLWARDEN_DATABASE_URI`. */
  readonly said: string | undefined;
  /** What is known of logins without their Secrets, by loginId; it counts before what is said. */
  readonly known?: ReadonlyMap<string, string> | undefined;
}

/** `data` with the Secrets that policies name and that are not there. */
export function withMissingSecrets(
  { policies }: Pick<ManifestStores, "policies">,
  data: ReadonlyMap<string, Data>,
  { said, known }: LoginSources,
): FilledSecrets {
  const filled = new Map(data);
  const standIns = new Map<ServerKey, string>();
  const standInEngines = new Map<ServerKey, EngineName>();
  const uriProblems = new Set<string>();
  const missing = [...policies.values()].flatMap(loginKeysOf).filter(({ id }) => !data.has(id));
  const hosts = standInHosts(missing);
  for (const login of missing) {
    const { id, key, caKey, namespace, name } = login;
    const { port, schemes } = engines[login.engine];
    const host = hosts.get(loginId(login)) ?? "";
    const given = known?.get(loginId(login)) ?? (said === "" ? undefined : said);
    const server = `${host}:${port}`;
    if (given === undefined) {
      standIns.set(server, `${namespace}/${name}`);
      standInEngines.set(server, login.engine);
    } else for (const problem of problemsOf(given, login)) uriProblems.add(problem);
    const standIn = `${schemes[0]}://${unknownLogin}@${host}/${unknownLogin}`;
    filled.set(id, { ...filled.get(id), ...(caKey && { [caKey]: "" }), [key]: given ?? standIn });
  }
  return { data: filled, standIns, standInEngines, uriProblems: [...uriProblems] };
}

/** Of a policy's server and its read replicas; none where the policy cannot be read. */
export function loginKeysOf({
  namespace,
  spec: raw,
}: Pick<ObservedPolicy, "namespace" | "spec">): readonly LoginKey[] {
  const parsed = parseSpec(raw);
  if (!("spec" in parsed)) return [];
  const { database } = parsed.spec;
  const { engine, serverBehind, readReplicas = [] } = database;
  const servers = [database, ...readReplicas].map((one) => ({
    ...one,
    of: engine,
    isBehind: false,
  }));
  const behind = serverBehind ? [{ ...serverBehind, of: usualEngine, isBehind: true }] : [];
  return [...servers, ...behind].flatMap(({ secretRef, of, isBehind }) => {
    if (!secretRef) return [];
    const { name, key, caKey } = secretRef;
    const id = `Secret/${namespace}/${name}`;
    return [{ ...{ id, namespace, name, key, caKey }, engine: of, isBehind }];
  });
}

/** Named after the Secret, and after the key where a Secret has several servers. */
function standInHosts(logins: readonly LoginKey[]): ReadonlyMap<string, string> {
  const bySecret = Map.groupBy(logins, ({ id }) => id);
  return new Map(
    logins.map(({ id, key, name, namespace }) => {
      const isAlone = bySecret.get(id)?.every((one) => one.key === key) === true;
      const part = isAlone ? "" : `${key.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-")}.`;
      return [loginId({ id, key }), `${part}${name}.${namespace}.secret.invalid`];
    }),
  );
}

/** A URI that only says where the server is, or stands for one. */
export function isUnknownLogin(uri: string): boolean {
  return uri.includes(`://${unknownLogin}@`) && uri.endsWith(`/${unknownLogin}`);
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
function problemsOf(text: string, { engine }: LoginKey): readonly string[] {
  const parsed = readUri(text, engine);
  return parsed.kind === "problem" ? [`${uriVariable}: ${parsed.message}`] : [];
}

/** The server that a URI means; undefined where it cannot be read. */
export function serverIn(text: string, engine: EngineName): ServerKey | undefined {
  const parsed = readUri(text, engine);
  return parsed.kind === "problem" ? undefined : parsed.uri.server;
}

function readUri(
  text: string,
  engine: EngineName,
): ReturnType<ReturnType<typeof uriReaderFor>["read"]> {
  const meant = meantUri(text.trim(), engine);
  return uriReaderFor(meant, engine).read(meant, { ca: undefined });
}
