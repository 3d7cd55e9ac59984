// From a stored policy to the server that it means. A secret is fetched by name and read anew each
// time, so that a rotated one is picked up. Whatever is wrong becomes a failure that names field,
// value and way out; the server that was known before stays known, so that the workloads of a
// policy with a lost secret, or with a spec that cannot be used, stay on that server's ledger.

import { parseSpec, type PoolPolicySpec } from "../../api/poolpolicy.ts";
import { engineOfUri, engines, meantUri, usualEngine } from "../../api/engines.ts";
import { salvageSpec } from "../../api/salvage.ts";
import {
  hostOf,
  type HostPattern,
  isAllowed,
  needsOwnEntry,
} from "../../domain/supply/allowed-hosts.ts";
import { uriReaderFor } from "../../domain/supply/connection-uris.ts";
import { canonicalAddress } from "../../domain/supply/database-host.ts";
import type { ServerKey } from "../../domain/facts/facts.ts";
import { hasLogin } from "../../domain/supply/readers.ts";
import type { ObservedPolicy } from "../../observed.ts";
import type { Cluster, Failure } from "../../ports.ts";
import { secretGrantCommands } from "../../render/rights.ts";
import { rememberedServer } from "./server-changes.ts";
import { caCharactersMax } from "./certificate-texts.ts";
import { type PolicyBook, policyKeyOf, type ResolvedPolicy } from "./policy-book.ts";
import { rememberedReplicas, resolveReplicas } from "./replicas.ts";
import type { Problem, Resolution } from "./resolved-policy.ts";
import { seniorityOf } from "./seniority.ts";

/** Undefined when nothing at all is known: the spec was never valid. Then `problem` says why. */
export type PolicyResolution =
  | { readonly kind: "resolved"; readonly policy: ResolvedPolicy }
  | { readonly kind: "invalid"; readonly problem: string };

/** What a policy is resolved with. */
export interface Means {
  readonly cluster: Cluster;
  /** Of the operator, as `namespace:name`, where it is not the usual one. */
  readonly serviceAccount?: string | undefined;
  /** Database hosts that policies may name; none: all that need no entry of their own. */
  readonly allowedHosts?: readonly HostPattern[] | undefined;
  /** Told how long what was read kept the only thread busy. */
  readonly tellBusy?: ((namespace: string, busyMs: number) => void) | undefined;
  /** Which CAs others of the namespace have; none: no bound on them together. */
  readonly book?: Pick<PolicyBook, "hasRoomFor"> | undefined;
}

export async function resolvePolicy(
  policy: ObservedPolicy,
  before: ResolvedPolicy | undefined,
  means: Means,
): Promise<PolicyResolution> {
  const parsed = parsedSpec(policy.spec);
  if (!("problem" in parsed)) {
    return {
      kind: "resolved",
      policy: await resolveSpec(policy, parsed.spec, { before, means }),
    };
  }
  const { problem } = parsed;
  const last = before ?? (await salvaged(policy, means));
  if (!last) return { kind: "invalid", problem };
  const failure = { reason: "InvalidSpec" as const, message: problem };
  return { kind: "resolved", policy: { ...last, source: sourceOf(policy), failure } };
}

const parsedSpecs = new WeakMap<object, ReturnType<typeof parseSpec>>();

/**
 * Cached objects never change, and a policy comes back with every interval: the same spec is parsed
 * once. So its parts stay the same objects, too, by which others tell that nothing has changed.
 */
export function parsedSpec(raw: unknown): ReturnType<typeof parseSpec> {
  if (typeof raw !== "object" || raw === null) return parseSpec(raw);
  const known = parsedSpecs.get(raw);
  if (known) return known;
  const parsed = parseSpec(raw);
  parsedSpecs.set(raw, parsed);
  return parsed;
}

/** After a restart: its workloads run, wherever it stood when its spec could be used. */
async function salvaged(policy: ObservedPolicy, means: Means): Promise<ResolvedPolicy | undefined> {
  const server = rememberedServer(policy);
  if (server === undefined) return undefined;
  const spec = salvageSpec(policy.spec, policy.status, server);
  return await resolveSpec(policy, spec, { before: undefined, means });
}

async function resolveSpec(
  policy: ObservedPolicy,
  spec: PoolPolicySpec,
  { before, means }: { readonly before: ResolvedPolicy | undefined; readonly means: Means },
): Promise<ResolvedPolicy> {
  const key = policyKeyOf(policy);
  const found = await resolvePlace(policy, spec, means);
  const known = before?.source.uid === policy.uid ? before.seniority : undefined;
  const seniority = known ?? seniorityOf(policy);
  const base = { key, namespace: policy.namespace, source: sourceOf(policy), seniority, spec };
  const replicas = before?.replicas ?? rememberedReplicas(policy, spec);
  if (!("reason" in found)) {
    const resolve = (own: PoolPolicySpec): ReturnType<typeof resolvePlace> =>
      resolvePlace(policy, own, means);
    return { ...base, ...found, ...(await resolveReplicas(spec, { resolve, before: replicas })) };
  }
  const server = before?.server ?? rememberedServer(policy);
  // After a restart the spec may say the role all the same: a CONNECTION LIMIT counts its pods.
  const { connection, role = spec.database.role, database } = { ...nothing, ...before };
  return { ...base, server, connection, role, database, replicas, failure: found };
}

async function resolvePlace(
  policy: ObservedPolicy,
  spec: PoolPolicySpec,
  means: Means,
): Promise<Resolution | Problem> {
  return hasLogin({ spec }) ? await fromSecret(policy, spec, means) : fromAddress(spec, means);
}

function sourceOf({ uid, generation }: ObservedPolicy): ResolvedPolicy["source"] {
  return { uid, generation };
}

const nothing = { connection: undefined, role: undefined, database: undefined };

/** Of a CA; the bundle of all regions of a cloud has 165,000. */
const caLimitCharacters = 262_144;

function fromAddress({ database }: PoolPolicySpec, means: Means): Resolution | Problem {
  const address = canonicalAddress(database.address ?? "", engines[database.engine]);
  if (address.kind === "problem") {
    return { reason: "InvalidSpec", message: `spec.database.address: ${address.message}` };
  }
  const { role } = database;
  const forbidden = hostNotAllowed([address.server], "spec.database.address", means);
  return forbidden ?? { server: address.server, ...nothing, role, failure: undefined };
}

async function fromSecret(
  policy: ObservedPolicy,
  spec: PoolPolicySpec,
  means: Means,
): Promise<Resolution | Problem> {
  const { serviceAccount } = means;
  const { namespace } = policy;
  const reference = spec.database.secretRef;
  if (!reference) return { reason: "InvalidSpec", message: "spec.database.secretRef is missing" };
  const secret = await readSecret(namespace, reference, means);
  if (secret.kind === "forbidden") return forbidden(namespace, reference.name, serviceAccount);
  if (secret.kind !== "ok") return secretProblem(namespace, reference.name, secret);
  const { data } = secret.value;
  const missing = missingKey(data, reference);
  if (missing !== undefined) {
    // Not which it has: who may read policies may not read secrets.
    const message = `secret ${namespace}/${reference.name} has no key ${missing}: add it, or correct spec.database.secretRef`;
    return { reason: "SecretKeyMissing", message };
  }
  const text = data[reference.key] ?? "";
  const ca = reference.caKey === undefined ? undefined : data[reference.caKey];
  const tooLarge = tooLargeCa(ca, policy, means);
  if (tooLarge !== undefined) {
    const message =
      `secret ${namespace}/${reference.name}, key ${reference.caKey} has ${ca?.length} characters; ` +
      `${tooLarge}: leave only the certificates that the server's leads to`;
    return { reason: "TlsRefused", message };
  }
  const where = `secret ${reference.name}, key ${reference.key}`;
  return fromUri(text, ca, { spec, where, means });
}

type SecretReference = NonNullable<PoolPolicySpec["database"]["secretRef"]>;

async function readSecret(
  namespace: string,
  reference: SecretReference,
  { cluster, tellBusy }: Means,
): ReturnType<Cluster["readData"]> {
  const secret = await cluster.readData("Secret", namespace, reference.name, keysOf(reference));
  if (secret.kind === "ok") tellBusy?.(namespace, secret.value.busyMs ?? 0);
  return secret;
}

function tooLargeCa(
  ca: string | undefined,
  policy: ObservedPolicy,
  { book }: Means,
): string | undefined {
  if (ca === undefined) return undefined;
  if (ca.length > caLimitCharacters) return `at most ${caLimitCharacters} are read as a CA`;
  if (book?.hasRoomFor(ca, policy) !== false) return undefined;
  const { namespace } = policy;
  return `the CAs of namespace ${namespace} may have ${caCharactersMax} together, each counted once`;
}

/** A CA that is named and not there must not turn into no CA. */
function missingKey(
  data: Readonly<Record<string, string>>,
  { key, caKey }: { readonly key: string; readonly caKey?: string | undefined },
): string | undefined {
  return keysOf({ key, caKey }).find((one) => !Object.hasOwn(data, one));
}

function keysOf({
  key,
  caKey,
}: {
  readonly key: string;
  readonly caKey?: string | undefined;
}): string[] {
  return caKey === undefined ? [key] : [key, caKey];
}

function fromUri(
  written: string,
  ca: string | undefined,
  { spec, where, means }: { readonly spec: PoolPolicySpec; where: string; means: Means },
): Resolution | Problem {
  const text = meantUri(written.trim(), spec.database.engine);
  const reader = uriReaderFor(text, spec.database.engine);
  const parsed = reader.read(text, { ca });
  if (parsed.kind === "problem") {
    return { reason: "InvalidConnectionUri", message: `${where}: ${parsed.message}` };
  }
  const contradiction = otherEngine(text, spec, where);
  if (contradiction) return contradiction;
  const { server, user, database } = parsed.uri;
  const forbidden = hostNotAllowed([server, ...reader.namedIn(text)], where, means);
  if (forbidden) return forbidden;
  const role = spec.database.role ?? user;
  return { server, connection: { uri: text, ca }, role, database, failure: undefined };
}

/** The usual engine may be there because nobody said anything. */
function otherEngine(text: string, spec: PoolPolicySpec, where: string): Problem | undefined {
  const { engine } = spec.database;
  const found = engineOfUri(text.trim()) ?? engine;
  if (engine === usualEngine || found === engine) return undefined;
  const message =
    `${where}: the connection URI is a ${found} one, and spec.database.engine is ${engine}: ` +
    "correct one of them";
  return { reason: "InvalidConnectionUri", message };
}

function forbidden(namespace: string, name: string, serviceAccount?: string): Problem {
  const message =
    `the operator may not read secret ${namespace}/${name}; allow it with: ` +
    secretGrantCommands(namespace, name, serviceAccount);
  return { reason: "SecretForbidden", message };
}

/** Before anything is sent anywhere: a look-up of the name would be a packet as well. */
function hostNotAllowed(
  servers: readonly (ServerKey | undefined)[],
  where: string,
  { allowedHosts = [] }: Means,
): Problem | undefined {
  const place = servers.findIndex((one) => one === undefined || !isAllowed(one, allowedHosts));
  if (place < 0) return undefined;
  const server = servers[place];
  const host = server ?? "a host without a network address";
  const way =
    server !== undefined && needsOwnEntry(server)
      ? ownEntryFor(server, allowedHosts)
      : "name a host that is listed, or ask the operator's administrator to add this one";
  const message = `${where}: ${host} is not in --allowed-database-hosts; it was not contacted. To fix: ${way}`;
  return { reason: "HostNotAllowed", message };
}

/** A list of that host alone would shut out all others. The list itself is no tenant's business. */
function ownEntryFor(server: ServerKey, allowedHosts: readonly HostPattern[]): string {
  const host = hostOf(server);
  const change =
    allowedHosts.length === 0
      ? `set --allowed-database-hosts=*,${host} on the operator`
      : `add ${host} to the operator's --allowed-database-hosts`;
  return `${change}: loopback, link-local and metadata addresses need an entry of their own`;
}

function secretProblem(namespace: string, name: string, failure: Failure): Problem {
  if (failure.kind === "absent") {
    const message = `secret ${namespace}/${name} does not exist: create it, or correct spec.database.secretRef.name`;
    return { reason: "SecretNotFound", message };
  }
  if (failure.kind === "invalid") {
    const message = `secret ${namespace}/${name} cannot be used (${failure.message}): keep the connection in a secret of its own`;
    return { reason: "SecretTooLarge", message };
  }
  return {
    reason: "DatabaseUnreachable",
    message: `reading secret ${namespace}/${name}: ${failure.message}`,
  };
}
