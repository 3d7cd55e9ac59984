// What is said where a value of the chart gives a right that is missing.

/** For the release, chart and namespace of the README. */
export function helmUpgrade(value: string): string {
  return `helm upgrade poolwarden charts/poolwarden -n poolwarden-system --reset-then-reuse-values --set ${value}`;
}
