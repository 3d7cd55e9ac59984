// Whose the sessions within one CONNECTION LIMIT are that are the fleet's by their login. A role
// may serve several databases, and policies of several circles may share it. Those who can hold a
// session are the policies of its role that log in to its database; where none does, all of the
// role may. What those can hold who do not count in the limit is foreign there, and so is what is
// more than those can hold who do, once it has stood for a minute.

import { type Login, partsOf } from "./connection-limits.ts";
import type { PolicyFacts, PoolFacts, SessionGroup, SessionSample } from "../facts/facts.ts";
import type { LoginMatching, MatchedRole } from "./login-matching.ts";
import { type ByRole, claim, type Claimed, type SeenSlots } from "./matched-sessions.ts";
import { oncePerName } from "../once-per.ts";
import { ownWorkloads } from "../demand/own-positions.ts";

/** What one reading shows within the limit. */
export interface ShownWithin {
  readonly sample: SessionSample;
  readonly matched: readonly Claimed[];
  readonly seen: SeenSlots;
}

interface Scene {
  readonly login: Login;
  readonly members: ReadonlySet<PoolFacts>;
  readonly workloads: readonly PoolFacts[];
  readonly matching: LoginMatching;
}

interface Holders {
  readonly members: MatchedRole;
  readonly others: MatchedRole;
  /** Nobody else has the role, here or elsewhere. */
  readonly isAll: boolean;
}

export class MatchedWithin {
  readonly #holdersOf: (role: string) => Holders;

  constructor({ login, members, workloads, matching }: Scene) {
    const isMember = ({ key }: PolicyFacts): boolean =>
      ownWorkloads(workloads, key).every((one) => members.has(one));
    this.#holdersOf = oncePerName((role) => {
      const all = matching.roles.get(role)?.policies ?? [];
      const own = holdersOf(all, login);
      return {
        members: { policies: own.filter(isMember) },
        others: { policies: own.filter((one) => !isMember(one)) },
        isAll: all.every((one) => own.includes(one) && isMember(one)),
      };
    });
  }

  /** More than those who count in the limit can hold. */
  surplusIn(shown: ShownWithin): ByRole {
    return this.#byRole(shown, (role, total) => {
      const { members, isAll } = this.#holdersOf(role);
      return isAll ? 0 : total - unseen(role, members, shown);
    });
  }

  /** `standing`: how many of what is more have stood. */
  divide(shown: ShownWithin, standing: ByRole): readonly [Claimed[], SessionGroup[]] {
    const surplus = this.surplusIn(shown);
    const foreign = this.#byRole(shown, (role, total) => {
      const ofOthers = unseen(role, this.#holdersOf(role).others, shown);
      const more = Math.min(surplus.get(role) ?? 0, standing.get(role) ?? 0);
      return Math.max(Math.min(total, ofOthers), more);
    });
    const claimed = claim(shown.matched.map(groupOf), foreign, foreign);
    const others = claimed.map(({ group, slots }) => ({ ...group, count: group.count - slots }));
    return [claimed.filter(({ slots }) => slots > 0), others.filter(({ count }) => count > 0)];
  }

  #byRole({ matched }: ShownWithin, count: (role: string, total: number) => number): ByRole {
    const byRole = new Map<string, number>();
    for (const [role, own] of Map.groupBy(matched, ({ group }) => group.user)) {
      const found = count(
        role,
        own.reduce((sum, { slots }) => sum + slots, 0),
      );
      if (found > 0) byRole.set(role, found);
    }
    return byRole;
  }
}

/** A policy whose database is not known may log in to any. */
function holdersOf(policies: readonly PolicyFacts[], login: Login): readonly PolicyFacts[] {
  const { database: name } = partsOf(login);
  if (name === undefined) return policies;
  const own = policies.filter(({ database = name }) => database === name);
  return own.some(({ database }) => database === name) ? own : policies;
}

function unseen(role: string, holders: MatchedRole, { sample, seen }: ShownWithin): number {
  return seen.left(role, holders, (policy) => sample.fleetSlotsBy?.policy.get(policy) ?? 0);
}

/** As many of them as are the fleet's. */
function groupOf({ group, slots }: Claimed): SessionGroup {
  return { ...group, count: slots };
}
