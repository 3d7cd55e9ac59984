// The fleet of the comparison: 24 services of one PostgreSQL, from a shop front that an autoscaler
// takes from 3 to 50 pods to small ones with 4. Their pods end in the three ways that are met:
// within 2 s of SIGTERM, only when a grace period of 30 s is over (a shell that passes no signal
// on), or late in one of 5 minutes (work that is finished first).

import { seededRandom } from "../support/prng.ts";

export interface Service {
  readonly name: string;
  /** Bounds of its autoscaler. */
  readonly min: number;
  readonly max: number;
  readonly weight: number;
  /** From a pod's creation until it is ready. */
  readonly startMs: number;
  readonly graceMs: number;
  /** What a pod uses of its grace period. */
  readonly stopMs: number;
  /** Hour of the day at which it is busiest. */
  readonly peakHour: number;
}

export const maxConnections = 2_000;
export const superuserReserved = 3;
export const reserveConnections = 10;
/** What static sizes divide: nobody subtracts sessions by hand that may come one day. */
export const declaredBudget = maxConnections - superuserReserved - reserveConnections;

type Ending = "prompt" | "wholeGrace" | "longWork";

const table: readonly (readonly [
  name: string,
  min: number,
  max: number,
  weight: number,
  ending: Ending,
])[] = [
  ["checkout", 3, 50, 2, "wholeGrace"],
  ["web", 6, 30, 2, "prompt"],
  ["api", 6, 30, 2, "wholeGrace"],
  ["search", 4, 20, 1, "prompt"],
  ["catalog", 4, 20, 1, "wholeGrace"],
  ["orders", 4, 16, 2, "wholeGrace"],
  ["cart", 3, 16, 1, "prompt"],
  ["payments", 3, 12, 1, "longWork"],
  ["accounts", 3, 12, 1, "prompt"],
  ["users", 3, 12, 1, "wholeGrace"],
  ["sessions", 3, 12, 1, "prompt"],
  ["pricing", 2, 10, 1, "prompt"],
  ["stock", 2, 10, 1, "wholeGrace"],
  ["shipping", 2, 10, 1, "longWork"],
  ["reviews", 2, 8, 1, "prompt"],
  ["offers", 2, 8, 1, "wholeGrace"],
  ["mailer", 2, 8, 1, "longWork"],
  ["invoices", 2, 8, 1, "longWork"],
  ["returns", 2, 6, 1, "prompt"],
  ["suppliers", 2, 6, 1, "wholeGrace"],
  ["ledger", 2, 6, 1, "longWork"],
  ["admin", 1, 4, 1, "prompt"],
  ["audit", 1, 4, 1, "wholeGrace"],
  ["reports", 1, 4, 1, "longWork"],
];

export const services: readonly Service[] = table.map(serviceOf);

/** Comes later, in one of the traces. */
export const newcomer: Service = serviceOf(["loyalty", 4, 20, 1, "wholeGrace"]);

/** Other numbers for each name, and always the same. */
function serviceOf([name, min, max, weight, ending]: (typeof table)[number]): Service {
  let seed = 7;
  for (const letter of name) seed = seed * 31 + (letter.codePointAt(0) ?? 0);
  const random = seededRandom(seed);
  const startMs = 5_000 + Math.round(15_000 * random.next());
  const peakHour = 11 + 9 * random.next();
  return { name, min, max, weight, startMs, peakHour, ...endingOf(ending, random.next()) };
}

function endingOf(ending: Ending, chance: number): Pick<Service, "graceMs" | "stopMs"> {
  switch (ending) {
    case "prompt":
      return { graceMs: 30_000, stopMs: 1_000 + Math.round(1_000 * chance) };
    case "wholeGrace":
      return { graceMs: 30_000, stopMs: 30_000 };
    case "longWork":
      return { graceMs: 300_000, stopMs: 60_000 + Math.round(240_000 * chance) };
  }
}
