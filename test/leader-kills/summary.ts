// What a run has shown, in a few lines for people.
import type { Verdict } from "./run.ts";

export function summarise(verdict: Verdict, leaseDuration: string, budget: number): string[] {
  const { losses, takeOvers, writes, intrusions, violations, refused } = verdict;
  const takenAfter = losses.flatMap(({ to, atMs }) =>
    takeOvers.filter((one) => one.to === to).map(({ takenMs }) => takenMs - atMs),
  );
  const silent = takeOvers.map(({ takenMs, renewedMs }) => takenMs - renewedMs);
  const firstWrite = takeOvers.flatMap(({ firstWriteAfterMs }) => firstWriteAfterMs ?? []);
  return [
    ...[...intrusions, ...violations].map((one) => `violation: ${one}`),
    `from a loss to the next leader:          ${spread(takenAfter)} (lease duration ${leaseDuration})`,
    `from the last renewal to the next leader: ${spread(silent)}`,
    `from its lease to its first write:       ${spread(firstWrite)}`,
    `leader-kills: ${losses.length} leaders lost, ${takeOvers.length} take-overs, ${writes} writes, ` +
      `${intrusions.length} by a second writer, peak ${verdict.peakSessions} of ${budget} sessions ` +
      `in ${verdict.looks} looks, ${violations.length} violations, ${refused} refused logins`,
  ];
}

/** `0.10 to 0.30 s, median 0.20 s`. */
function spread(timesMs: readonly number[]): string {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const seconds = (index: number): string => ((sorted.at(index) ?? 0) / 1000).toFixed(2);
  const middle = Math.floor(sorted.length / 2);
  return `${seconds(0)} to ${seconds(-1)} s, median ${seconds(middle)} s`;
}
