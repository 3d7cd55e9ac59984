// Durations as Kubernetes users write them: `90s`, `5m`, `1h30m`.

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What a duration must look like; the CRD carries the same pattern. */
export const durationPattern = "^([0-9]{1,7}(ms|s|m|h))+$";

/** Milliseconds of a duration that matches `durationPattern`, e.g. `1h30m` → 5,400,000. */
export function durationMs(text: string): number {
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/([0-9]{1,7})(ms|s|m|h)/g)) {
    total += Number(digits) * (unitMs[unit ?? ""] ?? 0);
  }
  return total;
}
