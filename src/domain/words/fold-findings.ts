// A fleet may have thousands of workloads, and one cause may befall all of them at once (pods that
// started before the admission policy acted). A person wants to read it once, with a count; and a
// status has a size limit. So what several workloads have in common is told of the first few.

import type { Finding } from "../facts/facts.ts";

export interface WorkloadFinding {
  /** Kind/name. */
  readonly workload: string;
  readonly finding: Finding;
}

/** Findings of one reason that stand alone; the others become one. */
const toldMax = 5;
const namesMax = 3;

/** In the order of their first occurrence; at most `toldMax` + 1 of each reason. */
export function foldFindings(findings: readonly WorkloadFinding[]): Finding[] {
  return [...Map.groupBy(findings, ({ finding }) => finding.reason).values()].flatMap((alike) => {
    const told = alike.length <= toldMax + 1 ? alike : alike.slice(0, toldMax);
    const rest = alike.slice(told.length);
    return [...told.map(tell), ...(rest.length > 0 ? [tellTogether(rest)] : [])];
  });
}

function tell({ workload, finding }: WorkloadFinding): Finding {
  return { ...finding, message: `${workload}: ${finding.message}` };
}

function tellTogether(rest: readonly WorkloadFinding[]): Finding {
  const [first] = rest;
  if (!first) throw new RangeError("there is nothing to tell");
  const names = nameFew(rest, ({ workload }) => workload);
  return { ...first.finding, message: `the same for ${rest.length} more: ${names}` };
}

/** `a, b, c and 4 more` */
export function nameFew<T>(all: readonly T[], say: (one: T) => string = String): string {
  const more = all.length - namesMax;
  const names = all.slice(0, namesMax).map(say).join(", ");
  return more <= 0 ? names : `${names} and ${more} more`;
}

/** `a and b`; where they are many, as `nameFew`. */
export function sayAllOfFew(all: readonly string[]): string {
  return all.length <= namesMax ? all.join(" and ") : nameFew(all);
}
