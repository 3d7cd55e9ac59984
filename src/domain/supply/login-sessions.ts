// Sessions within the CONNECTION LIMITs of one server, by login: whose they are is worked out once
// for all logins, because there may be a limit for each of many roles, and many thousand sessions
// of several readings.

import { type Login, loginIn } from "./connection-limits.ts";
import type { PoolFacts, SessionGroup, SessionSample, Snapshot } from "../facts/facts.ts";
import { countedOf, type ForeignSessions, ghostsAmong, hidingSlots, latestOf } from "./foreign.ts";
import { type LoginCircle, workloadsOf } from "./login-circles.ts";
import { groupByEach } from "../group-by-each.ts";
import type { ByRole, Claimed } from "./matched-sessions.ts";
import { MatchedWithin, type ShownWithin } from "./matched-within.ts";
import { oncePer } from "../once-per.ts";
import { countOf, type Sorting, sortingOf, split, type Split } from "./session-sorting.ts";
import { standingSurplus } from "./standing-surplus.ts";

type SessionsNow = Pick<ForeignSessions, "slotsNow" | "ghostSlots" | "hiddenSlots">;

export class LoginSessions {
  readonly #snapshot: Snapshot;
  readonly #sorting: Sorting;
  #counted: readonly SampleByLogin[] | undefined;
  #latest: readonly SampleByLogin[] | undefined;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.#sorting = sortingOf(snapshot);
  }

  /**
   * Foreign sessions at their highest within the window, and ghosts now. Sessions of pods whose
   * policies are not of the circle are foreign here: they take from the limit, and nothing else
   * counts them there.
   */
  within(login: Login, circle: LoginCircle): Pick<ForeignSessions, "slots" | "ghostSlots"> {
    const { ghostSlots } = this.nowWithin(login, circle);
    return { slots: this.#peakWithin(login, circle.policies), ghostSlots };
  }

  #peakWithin(login: Login, policies: LoginCircle["policies"]): number {
    const members = workloadsOf(this.#snapshot, policies);
    const splits = this.#splitsWithin(this.#allCounted, login, members);
    return Math.max(0, ...splits.map(({ foreign }) => countOf(foreign)));
  }

  /** By the latest reading. Who may have the login is counted by what it may hold. */
  nowWithin(login: Login, circle: LoginCircle): SessionsNow {
    this.#latest ??= this.#byLogin(latestOf(this.#snapshot.database.sessionSamples));
    const counted = [...circle.policies, ...circle.possible];
    const members = workloadsOf(this.#snapshot, counted);
    const latest = this.#splitsWithin(this.#latest, login, members);
    const ghosts = latest.map((one) => ghostsAmong(one, this.#snapshot));
    const slotsNow = Math.max(0, ...latest.map(({ foreign }) => countOf(foreign)));
    const hiding = hidingSlots(this.#snapshot);
    const gone = hiding > 0 ? this.#peakWithin(login, counted) - slotsNow : 0;
    return {
      ...{ slotsNow, ghostSlots: Math.max(0, ...ghosts) },
      hiddenSlots: Math.max(0, Math.min(hiding, gone)),
    };
  }

  #byLogin(samples: readonly SessionSample[]): readonly SampleByLogin[] {
    return samples.map((sample) => new SampleByLogin(sample, split(sample, this.#sorting)));
  }

  #splitsWithin(
    samples: readonly SampleByLogin[],
    login: Login,
    members: ReadonlySet<PoolFacts>,
  ): Split[] {
    const { workloads } = this.#snapshot;
    const owners = ownersOf(workloads);
    const isOfOthers = ({ address = "" }: SessionGroup): boolean =>
      owners.get(address)?.some((workload) => !members.has(workload)) === true;
    const { matching } = this.#sorting;
    const within = new MatchedWithin({ login, members, workloads, matching });
    const standing = this.#standing(login, within);
    return samples.map((one) => {
      const { ofFleet, foreign, ...rest } = one.of(login);
      const [matched, ofOthers] = within.divide(one.within(login), standing);
      return {
        ...rest,
        matched,
        ofFleet: ofFleet.filter((group) => !isOfOthers(group)),
        foreign: [...foreign, ...ofFleet.filter((group) => isOfOthers(group)), ...ofOthers],
      };
    });
  }

  #standing(login: Login, within: MatchedWithin): ByRole {
    const counted = new Map(this.#allCounted.map((one) => [one.sample, one]));
    return standingSurplus([...counted.keys()], (sample) => {
      const shown = counted.get(sample)?.within(login);
      return shown ? within.surplusIn(shown) : nobody;
    });
  }

  get #allCounted(): readonly SampleByLogin[] {
    this.#counted ??= this.#byLogin(countedOf(this.#snapshot, this.#sorting).samples);
    return this.#counted;
  }
}

const nobody: ByRole = new Map();

/** The sessions of one sample by the role and by the database that they logged in with. */
class SampleByLogin {
  readonly #ofFleet: ByLogin<SessionGroup>;
  readonly #matched: ByLogin<Claimed>;
  readonly #foreign: ByLogin<SessionGroup>;
  readonly #whole: Pick<Split, "left" | "seen">;
  readonly sample: SessionSample;

  constructor(sample: SessionSample, { ofFleet, matched, foreign, left, seen }: Split) {
    this.sample = sample;
    this.#ofFleet = byLogin(ofFleet, (group) => group);
    this.#matched = byLogin(matched, ({ group }) => group);
    this.#foreign = byLogin(foreign, (group) => group);
    this.#whole = { left, seen };
  }

  of({ kind, name }: Login): Split {
    return {
      ofFleet: this.#ofFleet[kind].get(name) ?? [],
      matched: this.#matched[kind].get(name) ?? [],
      foreign: this.#foreign[kind].get(name) ?? [],
      ...this.#whole,
    };
  }

  within(login: Login): ShownWithin {
    const { matched, seen } = this.of(login);
    return { sample: this.sample, matched, seen };
  }
}

type ByLogin<T> = Readonly<Record<Login["kind"], ReadonlyMap<string, readonly T[]>>>;

function byLogin<T>(all: readonly T[], groupOf: (one: T) => SessionGroup): ByLogin<T> {
  const by = (kind: Login["kind"]): ReadonlyMap<string, readonly T[]> =>
    Map.groupBy(all, (one) => loginIn(kind, groupOf(one)));
  return { role: by("role"), database: by("database"), pair: by("pair") };
}

/** Whose pods have an address, by address: nearly always one. */
const ownersOf = oncePer((workloads: readonly PoolFacts[]) =>
  groupByEach(workloads, ({ pods }) => pods.flatMap(({ addresses }) => addresses)),
);

/** Once for all who ask of a snapshot. */
export const loginSessionsOf = oncePer((snapshot: Snapshot) => new LoginSessions(snapshot));
