// Sorts the sessions of one reading: which are the fleet's, which are foreign. What decides it is
// the address that a pod has or had at that moment; where our login may not see it, or where it is
// no pod's, the role that they log in with, as far as pods could hold them.

import { isWithin } from "./address-spans.ts";
import type { SessionGroup, SessionSample, Snapshot } from "../facts/facts.ts";
import { isNameless, withLogins } from "./logging-in.ts";
import { OfHosts } from "./of-hosts.ts";
import { isHeard, isMatched, type LoginMatching, matchingOf } from "./login-matching.ts";
import {
  type ByRole,
  claim,
  type Claimed,
  leftOf,
  SeenSlots,
  surplusAmong,
  type Unheld,
  unheldAmong,
} from "./matched-sessions.ts";
import { oncePer } from "../once-per.ts";
import { beyondIn, type ByAddress, standingBeyond } from "./sessions-beyond.ts";
import { standingSurplus } from "./standing-surplus.ts";
import { Holdable, type RoleOwners, roleOwners } from "./unseen.ts";

export interface Sorting {
  readonly owners: RoleOwners;
  readonly fleetAddresses: Snapshot["database"]["fleetAddresses"];
  readonly workloads: Snapshot["workloads"];
  /** Of the sessions at addresses of the fleet, those that are foreign all the same. */
  readonly beyond: ByAddress;
  /** At addresses of nobody, those that are the fleet's all the same. */
  readonly matching: LoginMatching;
  /** Of those that their login decides, how many are more than pods can hold and foreign. */
  readonly surplus: ByRole;
  readonly partsOf: (sample: SessionSample) => Parts;
}

export const sortingOf = oncePer((snapshot: Snapshot): Sorting => {
  const { policies, workloads, database } = snapshot;
  const { fleetAddresses, sessionSamples } = database;
  const known = {
    owners: roleOwners(policies.filter((policy) => isHeard(policy, snapshot))),
    matching: matchingOf(snapshot),
    ...{ fleetAddresses, workloads, beyond: standingBeyond(sessionSamples) },
  };
  const isAnyMatched = known.matching.roles.size > 0;
  const sort = (sample: SessionSample): Parts => partsOf(sample, known);
  // Where any are matched, all samples are sorted before one is counted.
  const sorted = isAnyMatched ? oncePer(sort) : sort;
  const surplusIn = (sample: SessionSample): ByRole => sorted(sample).surplus;
  const surplus = isAnyMatched ? standingSurplus(sessionSamples, surplusIn) : none;
  return { ...known, surplus, partsOf: sorted };
});

const none: ByRole = new Map();

/** What a reading shows of logins that decide whose sessions are. */
export interface SortedByLogin {
  /** What pods can hold, and what was known as theirs before, without what is about to end. */
  readonly claimedIn: (sample: SessionSample) => readonly Claimed[];
  /** By login: how many no pod holds, whoever they are. */
  readonly unheldIn: (sample: SessionSample) => Unheld;
}

export function sortedByLogin(snapshot: Snapshot): SortedByLogin {
  const matching = matchingOf(snapshot);
  if (matching.roles.size === 0) return nothingByLogin;
  const { partsOf: sorted } = sortingOf(snapshot);
  const { workloads } = snapshot;
  return {
    claimedIn: (sample) => {
      const { matched, surplus } = sorted(sample);
      return claim(matched, surplus, surplus);
    },
    unheldIn: (sample) => {
      const { matched, seen } = sorted(sample);
      return unheldAmong(matched, matching, { seen, sample, workloads });
    },
  };
}

const nothingByLogin: SortedByLogin = {
  claimedIn: () => [],
  unheldIn: () => ({ known: none, most: none }),
};

/** What is decided before anything is counted. */
type Whose = Omit<Sorting, "surplus" | "partsOf">;

/** The groups of a sample by what decides whose they are. */
interface Parts {
  readonly atAddresses: readonly { readonly group: SessionGroup; readonly isOfFleet: boolean }[];
  readonly matched: readonly SessionGroup[];
  /** Of those that are matched, how many are more than pods can hold. */
  readonly surplus: ByRole;
  readonly unseen: readonly SessionGroup[];
  readonly seen: SeenSlots;
}

function partsOf(
  sample: SessionSample,
  { owners, fleetAddresses, workloads, matching }: Whose,
): Parts {
  const seen = new SeenSlots(workloads);
  const atAddresses: { group: SessionGroup; isOfFleet: boolean }[] = [];
  const matched: SessionGroup[] = [];
  const unseen: SessionGroup[] = [];
  const ofHosts = new OfHosts(workloads);
  const tellOwn = (group: SessionGroup): void => {
    atAddresses.push({ group, isOfFleet: true });
    seen.add(group);
  };
  for (const group of withLogins(sample, matching)) {
    const { address, user } = group;
    const spans = address === undefined ? undefined : fleetAddresses.get(address);
    const isOfFleet = spans !== undefined && isWithin(spans, sample.atMs);
    if (isMatched(matching, group, isOfFleet)) {
      const { own, rest } = ofHosts.divide(group);
      own.forEach(tellOwn);
      matched.push(...rest);
    } else if (isOfFleet) tellOwn(group);
    else if (isUnseen(group, sample) || (address === undefined && owners.has(user))) {
      unseen.push(group);
    } else atAddresses.push({ group, isOfFleet });
  }
  const surplus = surplusAmong(matched, matching, { sample, seen });
  return { atAddresses, matched, surplus, unseen, seen };
}

/** Anybody's: it could be told, had the answer not been longer than what is read. */
function isUnseen(group: SessionGroup, { isInPart }: SessionSample): boolean {
  return isInPart === true && isNameless(group);
}

type Tell = (group: SessionGroup, foreignSlots: number, matched?: Claimed) => void;

/**
 * Tells of each group how many of its sessions are foreign. A sample is a fact of its moment: it is
 * matched with the fleet as it was then.
 */
function sortOut(sample: SessionSample, sorting: Sorting, tell: Tell): SeenSlots {
  const { atAddresses, matched, surplus, unseen, seen } = sorting.partsOf(sample);
  const beyond = beyondOf(sample, sorting);
  for (const { group, isOfFleet } of atAddresses) {
    tell(group, isOfFleet ? beyond(group) : group.count);
  }
  let seenSlots = seen.slots;
  for (const one of claim(matched, surplus, sorting.surplus)) {
    seenSlots += one.slots;
    tell(one.group, one.group.count - one.slots, one);
  }
  const holdable = new Holdable(sorting.owners, sample, seenSlots);
  // Those of nobody may be those of any pod, and come when the others have had theirs.
  for (const group of unseen.filter(({ user }) => user !== "")) {
    tell(group, group.count - holdable.take(group));
  }
  for (const group of unseen.filter(({ user }) => user === "")) {
    tell(group, group.count - holdable.takeAnybodys(group));
  }
  return seen;
}

/** How many of a group of the fleet's addresses are foreign: no more than this reading shows. */
function beyondOf(
  sample: SessionSample,
  { beyond, workloads }: Sorting,
): (group: SessionGroup) => number {
  if (beyond.size === 0) return () => 0;
  const left = new Map(beyondIn(sample, workloads));
  return ({ address = "", count }) => {
    const most = Math.min(left.get(address) ?? 0, beyond.get(address) ?? 0);
    const taken = Math.min(count, most);
    left.set(address, most - taken);
    return taken;
  };
}

export interface Sums {
  readonly foreignSlots: number;
  /** Those that their login decides. */
  readonly claimed: readonly Claimed[];
}

/** The slots of `split(…).foreign`, without a list of them: a window has many thousands. */
export function sumsOf(sample: SessionSample, sorting: Sorting): Sums {
  const claimed: Claimed[] = [];
  let foreignSlots = 0;
  sortOut(sample, sorting, (_, foreign, matched) => {
    foreignSlots += foreign;
    if (matched) claimed.push(matched);
  });
  return { foreignSlots, claimed };
}

/** Every session of a sample once. */
export interface Split {
  /** At addresses of pods, or where nobody sees from where. */
  readonly ofFleet: readonly SessionGroup[];
  /** The fleet's by their login. */
  readonly matched: readonly Claimed[];
  readonly foreign: readonly SessionGroup[];
  /** How many of those that are matched no pod can hold any more, by role, wherever they are. */
  readonly left: ByRole;
  readonly seen: SeenSlots;
}

export function split(sample: SessionSample, sorting: Sorting): Split {
  const ofFleet: SessionGroup[] = [];
  const matched: Claimed[] = [];
  const foreign: SessionGroup[] = [];
  const seen = sortOut(sample, sorting, (group, foreignSlots, claimed) => {
    const fleetSlots = group.count - foreignSlots;
    if (foreignSlots > 0) foreign.push({ ...group, count: foreignSlots });
    if (fleetSlots === 0) return;
    if (claimed) matched.push(claimed);
    else ofFleet.push({ ...group, count: fleetSlots });
  });
  const { matching, workloads } = sorting;
  const left = leftOf(matched, matching, { seen, sample, workloads });
  return { ofFleet, matched, foreign, left, seen };
}

export function countOf(groups: readonly SessionGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}
