// How many of the sessions that are matched by login are the fleet's: of each role as many as the
// pods of its policies could hold about then, less what the server shows at addresses of their own.
// Those of pods that are gone stay so, however long, while the server shows them at the same
// address. What is more is foreign once it has stood for a minute (standing-surplus.ts). No pod
// holds any more what is beyond what the pods that are there now can hold, in all, or on the nodes
// that the sessions come from.

import type { PoolFacts, SessionGroup, SessionSample } from "../facts/facts.ts";
import type { HeldBy } from "../facts/session-facts.ts";
import { add, heldByOlder } from "./held-by.ts";
import type { LoginMatching, MatchedRole } from "./login-matching.ts";
import { oncePer } from "../once-per.ts";
import type { UnclearSessions } from "./unclear-sessions.ts";

/** A matched group and how many of it are the fleet's. */
export interface Claimed {
  readonly group: SessionGroup;
  readonly slots: number;
}

/** Sessions of one sample at addresses that pods alone have. */
export class SeenSlots {
  readonly #policyAt: ReadonlyMap<string, string>;
  readonly #ofPolicy = new Map<string, number>();
  /** At addresses of pods that are gone. */
  readonly #ofRole = new Map<string, number>();
  slots = 0;

  constructor(workloads: readonly PoolFacts[]) {
    this.#policyAt = policiesByAddress(workloads);
  }

  add({ address = "", user, count }: SessionGroup): void {
    const policy = this.#policyAt.get(address);
    if (policy === undefined) add(this.#ofRole, user, count);
    else add(this.#ofPolicy, policy, count);
    this.slots += count;
  }

  /** What is left for a role of what its policies' pods can hold. */
  left(role: string, { policies }: MatchedRole, heldOf: (policy: string) => number): number {
    const unseen = policies.reduce((sum, { key }) => {
      return sum + Math.max(0, heldOf(key) - (this.#ofPolicy.get(key) ?? 0));
    }, 0);
    return Math.max(0, unseen - (this.#ofRole.get(role) ?? 0));
  }
}

const policiesByAddress = oncePer((workloads: readonly PoolFacts[]) => {
  const policies = new Map<string, string>();
  for (const { policy, pods } of workloads) {
    for (const { addresses } of pods) {
      for (const address of addresses) policies.set(address, policy);
    }
  }
  return policies;
});

export type ByRole = ReadonlyMap<string, number>;

interface Shown {
  readonly sample: SessionSample;
  readonly seen: SeenSlots;
}

/** How many of these sessions are more than pods can hold. Nobody has looked at the pods: all. */
export function surplusAmong(
  matched: readonly SessionGroup[],
  { roles }: LoginMatching,
  { sample, seen }: Shown,
): ByRole {
  const surplus = new Map<string, number>();
  const heldOf = (policy: string): number => sample.fleetSlotsBy?.policy.get(policy) ?? 0;
  for (const [user, shown] of shownBy(matched)) {
    const role = roles.get(user);
    const kept = sample.claimed?.get(user) ?? 0;
    const more = shown - (role ? Math.max(kept, seen.left(user, role, heldOf)) : 0);
    if (more > 0) surplus.set(user, more);
  }
  return surplus;
}

function shownBy(matched: readonly SessionGroup[]): ByRole {
  const shown = new Map<string, number>();
  for (const { user, count } of matched) add(shown, user, count);
  return shown;
}

/** `standing`: how many of what is more are foreign; the rest is about to end. */
export function claim(
  matched: readonly SessionGroup[],
  surplus: ByRole,
  standing: ByRole,
): readonly Claimed[] {
  if (surplus.size === 0 || standing.size === 0) {
    return matched.map((group) => ({ group, slots: group.count }));
  }
  const foreign = new Map<string, number>();
  const claimed = matched.toReversed().map((group) => {
    const { user, count } = group;
    const most = Math.min(surplus.get(user) ?? 0, standing.get(user) ?? 0);
    const left = foreign.get(user) ?? most;
    const slots = Math.max(0, count - left);
    foreign.set(user, left - (count - slots));
    return { group, slots };
  });
  return claimed.reverse();
}

/** How many of these sessions no pod can hold any more. */
export function leftOf(
  claimed: readonly Claimed[],
  matching: LoginMatching,
  scene: LeftScene,
): ByRole {
  const groups = claimed.map(({ group }) => group);
  const unheld = unheldAmong(groups, matching, scene).known;
  const now = heldNow(scene);
  const left = new Map<string, number>();
  for (const [user, own] of Map.groupBy(claimed, ({ group }) => group.user)) {
    if (!matching.roles.has(user)) continue;
    const more = (unheld.get(user) ?? 0) - foreignOf(own);
    const beyond = Math.max(0, more, beyondNodes(own, scene.sample, now.node));
    if (beyond > 0) left.set(user, beyond);
  }
  return left;
}

/** How many more than are `left` may be no pod's, as far as any reading has shown. */
export function unclearAmong(
  claimed: readonly Claimed[],
  matching: LoginMatching,
  { left, ...scene }: LeftScene & { readonly left: ByRole },
): readonly UnclearSessions[] {
  const groups = claimed.map(({ group }) => group);
  const { most } = unheldAmong(groups, matching, scene);
  const byRole = Map.groupBy(claimed, ({ group }) => group.user);
  return [...byRole].flatMap(([role, own]) => {
    const known = foreignOf(own) + (left.get(role) ?? 0);
    const slots = (most.get(role) ?? 0) - known;
    const { policies = [] } = matching.roles.get(role) ?? {};
    const shownSlots = own.reduce((sum, { group }) => sum + group.count, 0);
    return slots > 0 ? [{ role, policies: policies.map(({ key }) => key), slots, shownSlots }] : [];
  });
}

function foreignOf(claimed: readonly Claimed[]): number {
  return claimed.reduce((sum, { group, slots }) => sum + group.count - slots, 0);
}

/** By login: how many no pod holds, foreign ones included. */
export interface Unheld {
  /** Those that were seen as such. */
  readonly known: ByRole;
  /** Of each login that was looked for, also where there are none. */
  readonly most: ByRole;
}

/**
 * A pod that is not ready may have opened none of its own: so many of those that the reading before
 * showed may still be there behind it. Where none was sorted before, as after a start of ours,
 * nobody has seen yet what is behind it: that may be as many as it can hold.
 */
export function unheldAmong(
  matched: readonly SessionGroup[],
  { roles }: LoginMatching,
  scene: LeftScene,
): Unheld {
  const { unheldBefore = none, mostUnheldBefore = none } = scene.sample;
  const now = heldNow(scene);
  const shownOf = shownBy(matched);
  const [known, most] = [new Map<string, number>(), new Map<string, number>()];
  for (const [user, role] of roles) {
    const shown = shownOf.get(user) ?? 0;
    const least = shown - scene.seen.left(user, role, (policy) => now.policy.get(policy) ?? 0);
    const hiding = least + unreadySlots(role, scene.sample);
    const slots = Math.min(Math.max(least, unheldBefore.get(user) ?? 0), hiding);
    if (shown > 0 && slots > 0) known.set(user, slots);
    const before = Math.max(least, mostUnheldBefore.get(user) ?? shown);
    most.set(user, Math.max(0, Math.min(before, hiding)));
  }
  return { known, most };
}

function unreadySlots({ policies }: MatchedRole, { unreadySlotsOf = none }: SessionSample): number {
  return policies.reduce((sum, { key }) => sum + (unreadySlotsOf.get(key) ?? 0), 0);
}

const none: ByRole = new Map();

/** What has come since can have none of the sessions that it shows. */
function heldNow({ sample, workloads }: LeftScene): HeldBy {
  return heldByOlder(workloads, sample.newestPodMs ?? Infinity);
}

interface LeftScene {
  readonly seen: SeenSlots;
  readonly sample: SessionSample;
  readonly workloads: readonly PoolFacts[];
}

/**
 * What comes from nodes beyond what the pods there can hold. Only where each session comes from the
 * node of its pod: through a gateway all come from one that has few pods or none.
 */
function beyondNodes(
  claimed: readonly Claimed[],
  { fleetSlotsBy }: SessionSample,
  held: ReadonlyMap<string, number>,
): number {
  const byNode = [...Map.groupBy(claimed, ({ group }) => group.address ?? "")];
  const shown = byNode.map(([node, own]) => ({ node, slots: sumOf(own) }));
  const isOfNode = shown.every(({ node, slots }) => slots <= (fleetSlotsBy?.node.get(node) ?? 0));
  if (!isOfNode) return 0;
  return shown.reduce((sum, { node, slots }) => {
    return sum + Math.max(0, slots - (held.get(node) ?? 0));
  }, 0);
}

function sumOf(claimed: readonly Claimed[]): number {
  return claimed.reduce((sum, { slots }) => sum + slots, 0);
}

/** Of sessions that may be those of one role limit or database alone: no more than these are. */
export function matchedGhosts({ matched, left }: MatchedSplit): number {
  if (left.size === 0) return 0;
  const byRole = Map.groupBy(matched, ({ group }) => group.user);
  return [...left].reduce((sum, [role, slots]) => {
    return sum + Math.min(slots, sumOf(byRole.get(role) ?? []));
  }, 0);
}

interface MatchedSplit {
  readonly matched: readonly Claimed[];
  readonly left: ByRole;
}

/** Their roles, by name. */
export function rolesOf(claimed: readonly Claimed[]): readonly string[] {
  const roles = new Set(claimed.flatMap(({ group, slots }) => (slots > 0 ? [group.user] : [])));
  return [...roles].sort();
}
