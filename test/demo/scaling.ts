// How an autoscaler takes a service up: with default settings by at most 4 pods or 100 % a step,
// whichever is more. The demo scales as it would, only with less time between the steps.

/** Replicas after each step from `from` up to `to`: 3 to 15 is 7, 14, 15. */
export function scaleUpSteps(from: number, to: number): number[] {
  const steps: number[] = [];
  for (let replicas = from; replicas < to;) {
    replicas = Math.min(to, Math.max(replicas * 2, replicas + 4));
    steps.push(replicas);
  }
  return steps;
}
