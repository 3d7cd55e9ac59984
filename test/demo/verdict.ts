// The one line in which the demo says how it went, and whether it showed what it promises: logins
// are refused without the policy, none with it, and the sessions stay within the limit.
import type { Extremes } from "./recording.ts";

export type Verdict = { readonly line: string; readonly passed: boolean };

export function judge(without: Extremes, withPolicy: Extremes, limit: number): Verdict {
  const line =
    `demo: refused without=${without.refused} with=${withPolicy.refused}, ` +
    `peak without=${without.peak} with=${withPolicy.peak}, limit=${limit}`;
  const passed = without.refused > 0 && withPolicy.refused === 0 && withPolicy.peak <= limit;
  return { line, passed };
}
