// What the MutatingAdmissionPolicy does to a new pod, told anew in TypeScript: its CEL runs inside
// real API servers, which test/integration holds to the same table. Each API server has its own
// idea of the policies: late by its lag, and nothing at all before it has noticed the policy.

import {
  identifierPattern,
  isStillForbidden,
  storedSizeWordPattern,
} from "../../../src/api/environment.ts";
import { furtherPool } from "../../../src/api/keys.ts";
import type { Grant, PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import { variablePrefix } from "../../../src/api/prefixes.ts";
import { presetEndings } from "../../../src/api/preset-names.ts";
import { namesOfPreset, presets } from "../../../src/api/presets.ts";
import { profiles } from "../../../src/api/profiles.ts";
import { matches } from "../../../src/api/rules.ts";
import { holdsNumber } from "../../../src/reconcile/sizes/not-a-number.ts";
import type { EnvEntry, ObservedContainer, ObservedPolicy } from "../../../src/observed.ts";

/** One API server of several. May be changed at any time. */
export interface ApiServerSettings {
  /** False: it lets pods pass as they are, for example after its start. */
  admissionActive: boolean;
  /** How late it sees what policies say. */
  policyLagMs: number;
}

export interface AdmittedPod {
  readonly containers: readonly ObservedContainer[];
  readonly annotation: string | undefined;
  /** Of further pools, by their names. */
  readonly furtherAnnotations?: Readonly<Record<string, string>>;
  /** It got the file that follows its annotation. */
  readonly live?: true;
  /** It waits behind the gate. */
  readonly gated?: true;
  /** Since when surely all do. */
  readonly gatedFromMs?: number;
}

interface Version {
  readonly atMs: number;
  readonly policy: ObservedPolicy | undefined;
}

interface History {
  readonly key: string;
  /** Oldest first. */
  versions: Version[];
}

/** What the policies of each namespace said, and when. */
export class PolicyHistory {
  /** By name within each namespace: pods ask much more often than policies come. */
  readonly #byNamespace = new Map<string, History[]>();

  /** `policy` undefined: it is gone. */
  note(key: string, policy: ObservedPolicy | undefined, atMs: number): void {
    const namespace = key.slice(0, key.indexOf("/"));
    const history = this.#historyOf(namespace, key);
    const { versions } = history;
    history.versions = versions.filter((_, at) => isNeeded(versions, at, atMs));
    history.versions.push({ atMs, policy });
  }

  /** The policies of a namespace as they were then, by name. */
  at(namespace: string, atMs: number): readonly ObservedPolicy[] {
    const found: ObservedPolicy[] = [];
    for (const { versions } of this.#byNamespace.get(namespace) ?? []) {
      const seen = versions.findLast((one) => one.atMs <= atMs);
      if (seen?.policy) found.push(seen.policy);
    }
    return found;
  }

  #historyOf(namespace: string, key: string): History {
    const histories = this.#byNamespace.get(namespace) ?? [];
    const known = histories.find((one) => one.key === key);
    if (known) return known;
    const added: History = { key, versions: [] };
    const all = [...histories, added].sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#byNamespace.set(namespace, all);
    return added;
  }
}

/** No API server is later than this. */
const lagMaxMs = 10 * 60_000;

function isNeeded(versions: readonly Version[], at: number, nowMs: number): boolean {
  const next = versions[at + 1];
  return next === undefined || next.atMs > nowMs - lagMaxMs;
}

export interface PodToAdmit {
  readonly namespace: string;
  /** `Kind/name`. */
  readonly workload: string;
  readonly containers: readonly ObservedContainer[];
  /** Of a pod that entries may pick by them. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** An API server's view, which never goes back in time. */
export class ApiServer {
  readonly settings: ApiServerSettings;
  #seenMs = -Infinity;
  /** From when on it acts on the installed admission policy. */
  activeFromMs = Infinity;

  constructor(settings: ApiServerSettings) {
    this.settings = settings;
  }

  admit(policies: PolicyHistory, pod: PodToAdmit, nowMs: number): AdmittedPod {
    this.#seenMs = this.#seesUntilMs(nowMs);
    return this.preview(policies, pod, nowMs);
  }

  /** What it would do now, were it asked. */
  preview(policies: PolicyHistory, pod: PodToAdmit, nowMs: number): AdmittedPod {
    let admitted: AdmittedPod = { containers: pod.containers, annotation: undefined };
    if (!this.settings.admissionActive || nowMs < this.activeFromMs) return admitted;
    for (const policy of policies.at(pod.namespace, this.#seesUntilMs(nowMs))) {
      const grants = grantsOn(policy, pod.workload);
      admitted = sized(
        admitted,
        grants.length > 0 ? grants : grantsByLabels(policy, pod, admitted),
      );
    }
    return admitted;
  }

  #seesUntilMs(nowMs: number): number {
    return Math.max(this.#seenMs, nowMs - this.settings.policyLagMs);
  }
}

interface PoolGrant {
  /** Undefined: the main one. */
  readonly pool: string | undefined;
  readonly grant: Grant;
}

/** What each version of a policy gives to whom: it is asked at every pod. */
const known = new WeakMap<ObservedPolicy, Map<string, readonly PoolGrant[]>>();

function grantsOn(policy: ObservedPolicy, workload: string): readonly PoolGrant[] {
  const grants = known.get(policy) ?? new Map<string, readonly PoolGrant[]>();
  if (!known.has(policy)) known.set(policy, grants);
  const found = grants.get(workload) ?? readGrants(policy, workload);
  grants.set(workload, found);
  return found;
}

/** Of the main pool, and of each that an entry of the policy names now. */
function readGrants(policy: ObservedPolicy, workload: string): readonly PoolGrant[] {
  const status = policy.status as PoolPolicyStatus | undefined;
  const { mode = "Enforce", workloads = [] } = policy.spec as {
    readonly mode?: string;
    readonly workloads?: readonly { readonly pool?: string }[];
  };
  if (policy.deleting || mode !== "Enforce" || status?.delivery !== "Admission") return [];
  const grants = status.grants ?? {};
  const pools = new Set([undefined, ...workloads.map(({ pool }) => furtherPool(pool))]);
  return [...pools].flatMap((pool) => {
    const key = pool === undefined ? workload : `${workload}/${pool}`;
    const grant = Object.hasOwn(grants, key) ? grants[key] : undefined;
    return grant && isSafe(grant, policy) ? { pool, grant } : [];
  });
}

interface PickingEntry {
  readonly name?: string;
  readonly pods?: { readonly matchLabels: Readonly<Record<string, string>> };
}

/** Of the first entry that picks the pod, unless it has a size already. */
function grantsByLabels(
  policy: ObservedPolicy,
  { labels = {} }: PodToAdmit,
  { annotation, containers }: AdmittedPod,
): readonly PoolGrant[] {
  const { workloads = [] } = policy.spec as { readonly workloads?: readonly PickingEntry[] };
  const entry = workloads.find(({ pods }) => {
    const wanted = Object.entries(pods?.matchLabels ?? {});
    return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
  });
  if (!entry || annotation !== undefined) return [];
  const grants = grantsOn(policy, `Pods/${policy.name}:${entry.name ?? ""}`);
  const [first] = containers;
  // Where a grant names no container, the pods of the world have one that opens the pool.
  return grants.flatMap(({ pool, grant }) => {
    return pool === undefined && first
      ? { pool, grant: { ...grant, container: grant.container || first.name } }
      : [];
  });
}

function sized(pod: AdmittedPod, granted: readonly PoolGrant[]): AdmittedPod {
  const written = writtenOf(pod, granted);
  if (written.length === 0) return pod;
  const containers = pod.containers.map((container) => {
    const own = written.filter(({ grant }) => grant.container === container.name);
    const ours = own.flatMap(envOf);
    const names = new Set(ours.map(({ name }) => name));
    const kept = container.env.filter(({ name }) => !names.has(name));
    return own.length === 0 ? container : { ...container, env: [...ours, ...kept] };
  });
  const sizes = written.map(({ pool, grant }) => [pool, String(grant.poolSize)] as const);
  const further = Object.fromEntries(sizes.flatMap(([pool, size]) => (pool ? [[pool, size]] : [])));
  return {
    ...pod,
    containers,
    annotation: sizes.find(([pool]) => pool === undefined)?.[1] ?? pod.annotation,
    ...(Object.keys(further).length > 0 && {
      furtherAnnotations: { ...pod.furtherAnnotations, ...further },
    }),
    ...(written.some(isLive) && { live: true }),
    ...gateOf(written),
  };
}

/** Only main pools of workloads are resized while their pods run. */
function isLive({ pool, grant }: PoolGrant): boolean {
  return pool === undefined && grant.liveVariable !== undefined;
}

function gateOf(written: readonly PoolGrant[]): Pick<AdmittedPod, "gated" | "gatedFromMs"> {
  const gatedFrom = written.find(isLive)?.grant.gatedFrom;
  return gatedFrom === undefined ? {} : { gated: true, gatedFromMs: Date.parse(gatedFrom) };
}

function envOf(granted: PoolGrant): readonly EnvEntry[] {
  const { env, liveVariable } = granted.grant;
  return env.map((entry) => {
    const isOwnSize = isLive(granted) && entry.name === liveVariable;
    return isOwnSize ? { name: entry.name, isOwnSize } : entry;
  });
}

/** Of two that would write one variable the first. */
function writtenOf(pod: AdmittedPod, granted: readonly PoolGrant[]): readonly PoolGrant[] {
  const fitting = granted.filter(({ grant }) => {
    const target = pod.containers.find(({ name }) => name === grant.container);
    return target !== undefined && isWritable(target, grant);
  });
  return fitting.filter(
    ({ grant }, place) =>
      !fitting.slice(0, place).some((before) => {
        const names = new Set(before.grant.env.map(({ name }) => name));
        const isSame = before.grant.container === grant.container;
        return isSame && grant.env.some(({ name }) => names.has(name));
      }),
  );
}

/** None of what is to become a number holds something else now. */
function isWritable({ env }: ObservedContainer, grant: Grant): boolean {
  const numbers = new Set(
    grant.env.flatMap(({ name, value }) => (/^\d+$/.test(value) ? name : [])),
  );
  return env.every((entry) => !numbers.has(entry.name) || holdsNumber(entry, env));
}

const presetNames = Object.values(presets).flatMap(namesOfPreset);
const settings = Object.values(profiles).flatMap((profile) => profile.settings);
const knownNames = new Set([...presetNames, ...settings.map(({ name }) => name)]);
const settingWords = new Set(settings.map(({ name, value }) => `${name}=${value}`));

function isSafe(grant: Grant, policy: ObservedPolicy): boolean {
  const ownNames = namesIn(policy.spec);
  const isSafeName = (name: string): boolean =>
    knownNames.has(name) ||
    prefixesIn(policy.spec).some((prefix) => isUnder(prefix, name)) ||
    (ownNames.has(name) &&
      matches(name, identifierPattern) &&
      matches(name, storedSizeWordPattern) &&
      !isStillForbidden(name));
  const isSafeEntry = ({ name, value }: Grant["env"][number]): boolean =>
    isSafeName(name) && (/^[0-9]{1,10}$/.test(value) || settingWords.has(`${name}=${value}`));
  const saysIt = grant.env.some(({ value }) => value === String(grant.poolSize));
  return grant.poolSize > 0 && saysIt && grant.env.every(isSafeEntry);
}

function prefixesIn(spec: unknown): readonly string[] {
  const { workloads = [] } = spec as { readonly workloads?: readonly { prefix?: string }[] };
  return workloads.flatMap(({ prefix }) => (prefix === undefined ? [] : variablePrefix(prefix)));
}

function isUnder(prefix: string, name: string): boolean {
  return name.startsWith(prefix) && presetEndings.includes(name.slice(prefix.length));
}

function namesIn(spec: unknown): ReadonlySet<string> {
  const { workloads = [] } = spec as {
    readonly workloads?: readonly { readonly env?: Readonly<Record<string, string>> }[];
  };
  return new Set(workloads.flatMap(({ env = {} }) => Object.values(env)));
}
