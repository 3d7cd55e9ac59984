// A grant outlives the moment in which a workload changes hands: relabelled from one policy to
// another, deleted and made anew, or moved to the Template delivery. A grant that were withdrawn
// before something else is in force would let pods start with their template's larger size. All of
// it is told from the cluster: the policies' own statuses, the workloads and their pods.

import { handedOut } from "../../api/granted-names.ts";
import type { Grant } from "../../api/poolpolicy.ts";
import { timeMs } from "../../domain/words/iso-time.ts";
import { oncePer } from "../../domain/once-per.ts";
import { forbidsTemplate } from "../../domain/decide/wishes.ts";
import type { GrantFacts, KeptGrant, PolicyFacts, PoolFacts } from "../../domain/facts/facts.ts";

/** How long a grant is kept for a workload that exists and that no policy claims any more. */
const unclaimedKeptMs = 60_000;

/** A policy's grants while the API server acts on them, by Kind/name. */
export function grantsInForce({
  spec,
  status,
  findings,
}: PolicyFacts): Readonly<Record<string, Grant>> {
  const isMissing = findings.some(({ reason }) => reason === "AdmissionMissing");
  const isActive = spec.mode === "Enforce" && status?.delivery === "Admission" && !isMissing;
  return (isActive && status.grants && handedOutOf(status.grants)) || {};
}

const handedOutOf = oncePer(handedOut);

export function grantNamed(
  grants: Readonly<Record<string, Grant>>,
  name: string,
): Grant | undefined {
  return Object.hasOwn(grants, name) ? grants[name] : undefined;
}

function grantFacts(grant: Grant): GrantFacts {
  return {
    poolSize: grant.poolSize,
    settlingPoolSize: grant.settlingPoolSize ?? 0,
    settledAtMs: timeMs(grant.settledAt) ?? 0,
    ...(grant.gatedFrom !== undefined && { gatedFromMs: timeMs(grant.gatedFrom) ?? Infinity }),
    ...(grant.markedFrom !== undefined && { markedFromMs: timeMs(grant.markedFrom) ?? Infinity }),
  };
}

/** What is granted to one container of a workload, by its own policy and by the others around. */
export interface GrantsOnWorkload {
  readonly own: Grant | undefined;
  readonly others: readonly Grant[];
}

/** What a grant must fit to be one of this pool. */
interface PoolToSize extends Pick<PoolFacts, "leastPoolSize"> {
  readonly container: string | undefined;
  /** The variable that says the pool's size. */
  readonly maxSizeName: string;
}

/**
 * The workload's grant as a decision sees it. A grant for another container, or of another pool's
 * variable, reaches no pool; with one below the template's minimum no pod starts, so it has to go.
 * One of another policy is taken over until there is one of ours.
 */
export function grantOn(
  { own, others }: GrantsOnWorkload,
  pool: PoolToSize,
): Pick<PoolFacts, "grant" | "otherGrantPoolSize"> {
  const isForIt = (grant: Grant | undefined): grant is Grant =>
    grant !== undefined &&
    grant.container === pool.container &&
    canStartWith(grant, pool) &&
    grant.env.some(({ name }) => name === pool.maxSizeName);
  const [first, ...more] = others.filter(isForIt);
  const grant = isForIt(own) ? grantFacts(own) : undefined;
  if (!first) return { grant };
  const largest = more.reduce((a, b) => (b.poolSize > a.poolSize ? b : a), first);
  const inherited = { ...grantFacts(largest), isInherited: true as const };
  return { grant: grant ?? inherited, otherGrantPoolSize: largest.poolSize };
}

/** A pool does not start with a size below its minimum, which stands in the template. */
export function canStartWith(
  { poolSize }: Pick<Grant, "poolSize">,
  { leastPoolSize = 0 }: Pick<PoolFacts, "leastPoolSize">,
): boolean {
  return poolSize >= leastPoolSize;
}

/** Who has a workload now whose grant a policy still holds. */
export interface Successor {
  /** The workload is there. */
  readonly exists: boolean;
  /** Pods of it are there, ending ones included. */
  readonly hasPods: boolean;
  /** By the enforcing policies that claim it. */
  readonly heirs: readonly Heir[];
  /** The policy still names the workload, and not this pool of it. */
  readonly isTakenOut?: true;
}

export interface Heir {
  readonly policy: PolicyFacts;
  readonly workload: PoolFacts;
}

export interface KeptTerms {
  readonly cooldownMs: number;
  readonly nowMs: number;
  /** Its server cannot be read just now. */
  readonly isUnread: boolean;
}

/**
 * Until when a grant of a workload that the policy has no more has to stay. It may be made anew
 * under its name (kubectl replace --force, for example), and its pods would start with the size of
 * their template: nothing grows while the server cannot be read.
 */
export function keptGrant(
  workload: string,
  grant: Grant,
  { exists, hasPods, heirs, isTakenOut }: Successor,
  { cooldownMs, nowMs, isUnread }: KeptTerms,
): KeptGrant {
  const sinceMs = timeMs(grant.keptSince) ?? nowMs;
  if (!exists) {
    const isHeld = hasPods || isUnread;
    return { workload, untilMs: isHeld ? Number.POSITIVE_INFINITY : sinceMs + cooldownMs };
  }
  // Its entry was taken out, or has another name: from then on the template's size applies.
  if (isTakenOut) return { workload, untilMs: 0 };
  if (heirs.length === 0) {
    return { workload, untilMs: sinceMs + Math.min(cooldownMs, unclaimedKeptMs) };
  }
  const ready = heirs.map((heir) => readyAtMs(heir, workload, grant));
  return { workload, untilMs: Math.min(...ready) };
}

/** From when on the heir's own way gives the next pod its size. */
function readyAtMs({ policy, workload }: Heir, name: string, { poolSize }: Grant): number {
  if (policy.delivery === "Template") {
    return isTemplateInForce(workload, poolSize) ? 0 : Number.POSITIVE_INFINITY;
  }
  const successor = grantNamed(grantsInForce(policy), name);
  if (!successor) return Number.POSITIVE_INFINITY;
  return timeMs(successor.settledAt) ?? 0;
}

/** Every pod that starts without a grant gets `poolSizeMax` at most, by the template itself. */
function isTemplateInForce(workload: PoolFacts, poolSizeMax: number): boolean {
  const { template, templateIsWhole, rollingOut } = workload;
  // A ReplicaSet of an older template still replaces its own pods.
  return templateIsWhole && template.poolSize <= poolSizeMax && !rollingOut;
}

/**
 * Workloads of a policy on its way to Template that would start larger without their grants. Pods
 * that are picked by labels always would: they have no template of ours.
 */
export function notInTemplate(policy: PolicyFacts, workloads: readonly PoolFacts[]): PoolFacts[] {
  return workloads.filter(
    (workload) =>
      workload.policy === policy.key &&
      workload.grant !== undefined &&
      !isTemplateInForce(workload, workload.grant.poolSize),
  );
}

/** What keeps a template from being written does not keep the grant from being changed. */
export function whileMoving(workload: PoolFacts): PoolFacts {
  const findings = workload.findings.map((finding) =>
    forbidsTemplate(finding) ? { ...finding, severity: "degraded" as const } : finding,
  );
  return { ...workload, findings };
}
