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
    from: "const isFull = isServerFull || bound.has(policy);",
    to: "const isFull = isServerFull;",
  },
  {
    name: "a full CONNECTION LIMIT of others keeps live pods from showing what they have",
    file: proving,
    from: "const isFull = isServerFull || bound.has(policy);",
    to: "const isFull = isServerFull || bound.size > 0 || limitedLogins(reading).some(() => true);",
  },
  {
    name: "a server that was just started shows that live pods have shrunk",
    file: proving,
    from: "Math.abs(askedAtMs - ms) < reopenedWithinMs",
    to: "Math.abs(askedAtMs - ms) < 0",
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
  {
    name: "a session of others without an address keeps live pods from showing what they have",
    file: proving,
    from: "![...unplaced].some((user) => mayBeOf(role, { user }))",
    to: "unplaced.size === 0 || [role].length === 0",
  },
  {
    name: "a session of the pool's own role without an address is overlooked",
    file: "src/domain/supply/logging-in.ts",
    from: "return role === undefined || session.user === role || isLoggingIn(session);",
    to: "return role === undefined || (session.user === '' && role === '');",
  },
];
