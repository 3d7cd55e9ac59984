// Defects in telling which readings can prove that a live pool has become smaller.

import type { Mutant } from "./mutant.ts";

const proving = "src/domain/supply/proving-rounds.ts";

export const provingMutants: readonly Mutant[] = [
  {
    name: "a full server shows that live pods have shrunk",
    file: proving,
    from: "const isServerFull = ofLatest.some(",
    to: "const isServerFull = [].some(",
  },
  {
    name: "a full CONNECTION LIMIT shows that live pods have shrunk",
    file: proving,
    from: "claimedBy.some((key) => bound.has(key)) ? ofBound : rounds",
    to: "rounds",
  },
  {
    name: "a full CONNECTION LIMIT of others keeps live pods from showing what they have",
    file: proving,
    from: "claimedBy.some((key) => bound.has(key)) ? ofBound : rounds",
    to: "bound.size > 0 && claimedBy.length > 0 ? ofBound : rounds",
  },
  {
    name: "a server that was just started shows that live pods have shrunk",
    file: proving,
    from: "Math.abs(round.askedAtMs - ms) < reopenedWithinMs",
    to: "Math.abs(round.askedAtMs - ms) < 0",
  },
  {
    name: "when a server was restarted told by the clocks of others alone",
    file: proving,
    from: "[seen, podsChangedAtMs].filter((ms) => ms !== undefined)",
    to: "[podsChangedAtMs].filter((ms) => ms !== undefined)",
  },
  {
    name: "a pooler that was just restarted shows that live pods have shrunk",
    file: proving,
    from: "[seen, podsChangedAtMs].filter((ms) => ms !== undefined)",
    to: "[seen].filter((ms) => ms !== undefined)",
  },
];
