// Statuses that were sent and never answered. Such a write may have landed, or land yet, as long as
// the policy is of the version that it was sent for. Until another version is seen, a larger grant
// that it carries counts as one that may be handed out: the larger of both. It counts as settling,
// so the next status says it, and that is a write whose answer tells how things are.

import { poolNameIn } from "../../api/keys.ts";
import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { PolicyFacts, PolicyKey, PoolFacts } from "../../domain/facts/facts.ts";

type Version = Pick<PolicyFacts, "key" | "uid" | "resourceVersion">;

interface Doubtful {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The largest that was sent, by Kind/name, or Kind/name/pool. */
  readonly poolSizes: ReadonlyMap<string, number>;
  /** Those that were sent without the gate: new pods of them may start at once. */
  readonly ungated: ReadonlySet<string>;
}

export class DoubtfulGrants {
  readonly #sent = new Map<PolicyKey, Doubtful>();

  /** Nobody knows what became of this status, which was sent for the policy as it is here. */
  note(policy: Version, { grants = {} }: Pick<PoolPolicyStatus, "grants">): void {
    const { uid, resourceVersion } = policy;
    const before = this.#of(policy);
    const poolSizes = new Map(before?.poolSizes);
    const ungated = new Set(before?.ungated);
    for (const [name, { poolSize, gatedFrom }] of Object.entries(grants)) {
      poolSizes.set(name, Math.max(poolSize, poolSizes.get(name) ?? 0));
      if (gatedFrom === undefined) ungated.add(name);
    }
    this.#sent.set(policy.key, { uid, resourceVersion, poolSizes, ungated });
  }

  /** The same facts, with a larger grant that may have been published counted as settling. */
  counted(
    given: PoolFacts,
    policy: Version,
    { nowMs, settleTimeMs }: { readonly nowMs: number; readonly settleTimeMs: number },
  ): PoolFacts {
    const workload = this.#withoutDoubtfulGate(given, policy);
    const sent = this.#of(policy)?.poolSizes.get(poolNameIn(workload.poolKey)) ?? 0;
    const grant = workload.grant ?? firstGrant(workload);
    if (sent <= grant.poolSize) return workload;
    const settling = nowMs < grant.settledAtMs ? grant.settlingPoolSize : 0;
    const settlingPoolSize = Math.max(sent, settling);
    return {
      ...workload,
      grant: { ...grant, settlingPoolSize, settledAtMs: nowMs + settleTimeMs },
    };
  }

  #withoutDoubtfulGate(pool: PoolFacts, policy: Version): PoolFacts {
    const isDoubtful = this.#of(policy)?.ungated.has(poolNameIn(pool.poolKey)) === true;
    if (!isDoubtful || pool.grant?.gatedFromMs === undefined) return pool;
    return { ...pool, grant: { ...pool.grant, gatedFromMs: Infinity } };
  }

  keys(): readonly PolicyKey[] {
    return [...this.#sent.keys()];
  }

  forget(policy: PolicyKey): void {
    this.#sent.delete(policy);
  }

  /** Of the policy as it is now: for another version the write would be refused. */
  #of({ key, uid, resourceVersion }: Version): Doubtful | undefined {
    const sent = this.#sent.get(key);
    if (!sent) return undefined;
    if (sent.uid === uid && sent.resourceVersion === resourceVersion) return sent;
    this.#sent.delete(key);
    return undefined;
  }
}

/** None is published yet: what pods get is what their template says. */
function firstGrant({ template }: PoolFacts): NonNullable<PoolFacts["grant"]> {
  const { poolSize } = template;
  const common = { poolSize, settlingPoolSize: 0, settledAtMs: 0 };
  return { ...common, isInherited: true, isUnanswered: true };
}
