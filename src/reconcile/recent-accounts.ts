// What namespaces held of a server lately, by our own decisions. While a policy of one is awaited,
// perhaps one that was made anew over pods that run, others keep that much for it.

import type { AwaitedPolicy } from "../domain/awaited-facts.ts";
import type { PolicyKey, ServerKey } from "../domain/facts.ts";
import { Exposure } from "../domain/exposure.ts";
import { namespaceOf } from "../domain/namespace-of.ts";
import { isBounded, type NamespaceShare } from "../domain/namespace-shares.ts";
import type { Plan } from "../domain/plan.ts";
import type { Position } from "../domain/position.ts";

/** As long as sessions of others are remembered. */
const windowMs = 600_000;
/** For how long growth of everybody waits for policies of one namespace. */
const waitingMs = 2_000;
/** Counted from when it first waited; within that time it is not waited for again. */
const waitingPerMs = 60_000;

interface Account {
  slots: number;
  atMs: number;
  /** When it counted last in a CONNECTION LIMIT, by the limit's name. */
  readonly limits: Map<string, number>;
  /** Since when growth of everybody has waited for it; undefined: not lately. */
  waitsSinceMs: number | undefined;
}

export class RecentAccounts {
  readonly #accounts = new Map<ServerKey, Map<string, Account>>();

  /** `monotonicMs`: of the decision. Namespaces of which something is missing are left out. */
  note({ server, snapshot, positions, limits }: Plan, monotonicMs: number): void {
    const known = this.#of(server);
    const missing = new Set((snapshot.awaited ?? []).map(({ policy }) => namespaceOf(policy)));
    const present = new Set(snapshot.policies.map(({ namespace }) => namespace));
    for (const namespace of present) {
      if (missing.has(namespace)) continue;
      const isOwn = ({ workload }: Position): boolean => workload.namespace === namespace;
      const own = positions.filter(isOwn);
      const { slots } = new Exposure(own, limits.server.limit.rolloutsMax, 0);
      const names = limits.narrow.flatMap(({ limit, positions: members }) =>
        limit.kind === "login" && members.some(isOwn) ? [limit.name] : [],
      );
      this.#noteOne(known, { namespace, slots, names }, monotonicMs);
    }
    for (const [namespace, { atMs }] of known) {
      if (!present.has(namespace) && monotonicMs - atMs >= windowMs) known.delete(namespace);
    }
  }

  /**
   * How the policy is awaited. One of a namespace that nothing bounds, and of which this process
   * knows nothing, is waited for by all; else that is so for a moment at most.
   */
  awaited(
    server: ServerKey,
    policy: PolicyKey,
    {
      shares,
      monotonicMs,
    }: { readonly shares: readonly NamespaceShare[]; readonly monotonicMs: number },
  ): AwaitedPolicy {
    const namespace = namespaceOf(policy);
    const account = this.#accounts.get(server)?.get(namespace);
    const isWaitedFor = !isBounded(namespace, shares) && isStillWaitedFor(account, monotonicMs);
    return {
      policy,
      holdsUpAll: isWaitedFor,
      lateSlots: account?.slots ?? 0,
      lateLimits: [...(account?.limits.keys() ?? [])],
    };
  }

  forget(server: ServerKey): void {
    this.#accounts.delete(server);
  }

  #of(server: ServerKey): Map<string, Account> {
    const known = this.#accounts.get(server) ?? new Map<string, Account>();
    this.#accounts.set(server, known);
    return known;
  }

  #noteOne(
    known: Map<string, Account>,
    { namespace, slots, names }: { namespace: string; slots: number; names: readonly string[] },
    atMs: number,
  ): void {
    const before = known.get(namespace);
    const isStill = before !== undefined && before.slots > slots && atMs - before.atMs < windowMs;
    const limits = new Map(
      [...(before?.limits ?? [])].filter(([, last]) => atMs - last < windowMs),
    );
    for (const name of names) limits.set(name, atMs);
    const most = isStill ? { slots: before.slots, atMs: before.atMs } : { slots, atMs };
    known.set(namespace, { ...most, limits, waitsSinceMs: before?.waitsSinceMs });
  }
}

function isStillWaitedFor(account: Account | undefined, monotonicMs: number): boolean {
  if (!account) return true;
  const { waitsSinceMs } = account;
  const isNew = waitsSinceMs === undefined || monotonicMs - waitsSinceMs >= waitingPerMs;
  if (isNew) account.waitsSinceMs = monotonicMs;
  return isNew || monotonicMs - waitsSinceMs < waitingMs;
}
