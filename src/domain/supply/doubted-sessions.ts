// Sessions of which it cannot be told yet whose they are. A pod's address reaches the cache a
// moment after its first session reaches the server, so a reading that is made just then shows a
// session of the fleet's login, or one that has not logged in yet, at an address that nobody knew:
// most likely of a new pod, whose slots are in the account already, as those of a pod that may
// start. Counted as foreign they would be there twice, and sizes would fall and rise again. So for
// a few seconds they cut no budget, and meanwhile nothing grows into what they hold: a stranger's
// session cuts it those seconds later, and nobody was given its slots. Growth that fits beside them
// goes on, else whoever comes from a new address each time would stop everybody's for ever. An
// address that an earlier reading showed is not new.

import type { SessionGroup, SessionSample } from "../facts/facts.ts";

/** Whether a group of a sample would be foreign, and logs in as the fleet does, or has yet to. */
export type IsStranger = (group: SessionGroup, sample: SessionSample) => boolean;

export interface Counted {
  /** The samples without what is in doubt. */
  readonly samples: readonly SessionSample[];
  /** How long until all of it counts; undefined where nothing is in doubt. */
  readonly doubtedForMs: number | undefined;
  /** The most that is in doubt in one sample. */
  readonly doubtedSlots: number;
}

export function withoutDoubted(samples: readonly SessionSample[], isStranger: IsStranger): Counted {
  const doubted = doubtedAddresses(samples, isStranger);
  if (doubted.size === 0) return { samples, doubtedForMs: undefined, doubtedSlots: 0 };
  const isDoubted = ({ address }: SessionGroup): boolean => doubted.has(address ?? "");
  const inDoubt = samples.filter((one) => isNew(one) && one.sessions.some(isDoubted));
  const isHeld = new Set(inDoubt);
  return {
    samples: samples.map((sample) => {
      if (!isHeld.has(sample)) return sample;
      return { ...sample, sessions: sample.sessions.filter((group) => !isDoubted(group)) };
    }),
    doubtedForMs: Math.max(...inDoubt.map(({ newForMs = 0 }) => newForMs)),
    doubtedSlots: Math.max(
      ...inDoubt.map(({ sessions }) => {
        return sessions.filter(isDoubted).reduce((sum, { count }) => sum + count, 0);
      }),
    ),
  };
}

/** None where there was no reading before: all that it shows would be new. */
function doubtedAddresses(samples: readonly SessionSample[], isStranger: IsStranger): Set<string> {
  const doubted = new Set<string>();
  const before = samples.filter((sample) => !isNew(sample));
  if (before.length === 0) return doubted;
  for (const sample of samples.filter(isNew)) {
    for (const group of sample.sessions) {
      const { address } = group;
      if (address !== undefined && isStranger(group, sample)) doubted.add(address);
    }
  }
  if (doubted.size === 0) return doubted;
  for (const { sessions } of before)
    for (const { address } of sessions) doubted.delete(address ?? "");
  return doubted;
}

function isNew({ newForMs }: SessionSample): boolean {
  return newForMs !== undefined;
}
