// What applying manifests does, as numbered lines, and the worst moment on the way.

import { sayCount } from "../domain/words/say-count.ts";
import type { Answer } from "./answer.ts";
import type { Start } from "./over-live.ts";
import type { Peak } from "./steps.ts";

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

/** Each server that is over on the way. */
export function peakLines({ peaks = [] }: Answer): readonly string[] {
  return peaks.map((peak) => {
    const { server, slots, budget, untilStep } = peak;
    const [until, then] =
      untilStep === undefined ? ["", ""] : [`, until step ${untilStep} is done`, " until then"];
    const held = `${server}: pods hold up to ${slots} of ${budget} slots${until}`;
    return `${held}. Logins may be refused${then}. ${wayOut(peak)}`;
  });
}

/** By what starts the pods that are too many. */
function wayOut({ starts, rolloutsMax }: Peak): string {
  const named = (how: Start): readonly string[] =>
    starts.filter((one) => one.how === how).map(({ object }) => object);
  const [created, scaled, rolled] = [named("created"), named("scaled"), named("rolled")];
  if (created.length > 0) {
    return (
      `Apply the policy and the others first, and ${nameSome(created)} with replicas: 0 and a maxPods in its ` +
      "entry of the policy; wait until the policy is Ready, then scale"
    );
  }
  if (scaled.length > 0) {
    return "Raise maxReplicas or maxPods first, wait until the policy is Ready, then scale";
  }
  const many = `${sayCount(rolled.length, "rollout")} at once: ${nameSome(rolled)}`;
  return `${many}; there is room for ${rolloutsMax}. Apply one after the other, or set reserve.rollouts: ${rolled.length} first`;
}

const namesTold = 3;

function nameSome(names: readonly string[]): string {
  const more = names.length - namesTold;
  const told = names.slice(0, namesTold).join(", ");
  return more > 0 ? `${told} and ${more} more` : told;
}
