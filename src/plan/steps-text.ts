// What applying manifests does, as numbered lines, and the worst moment on the way.

import type { Answer } from "./answer.ts";

/** JSON has all of them. */
const stepsTold = 100;

/** None where no cluster was asked. */
export function stepLines({ steps = [] }: Answer): readonly string[] {
  const told = steps
    .slice(0, stepsTold)
    .map(({ by, object, message }) => `${by}: ${object} ${message}`);
  const more = steps.length - stepsTold;
  return more > 0 ? [...told, `and ${more} more: see --output json`] : told;
}

const wayOut =
  "Logins may be refused until then. Raise maxReplicas or maxPods first, wait until the policy is Ready, then scale";

/** Each server that is over on the way. */
export function peakLines({ peaks = [] }: Answer): readonly string[] {
  return peaks.map(({ server, slots, budget, untilStep }) => {
    const until = untilStep === undefined ? "" : `, until step ${untilStep} is done`;
    return `${server}: pods hold up to ${slots} of ${budget} slots${until}. ${wayOut}`;
  });
}
