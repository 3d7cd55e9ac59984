// How long a lease lasts in a run, as the operator's flags take it.

import { defaults } from "../../src/usage.ts";

export type ElectionTimes = {
  readonly leaseDuration: string;
  readonly renewDeadline: string;
  readonly retryPeriod: string;
};

/** The operator's own defaults. */
export const USUAL_TIMES: ElectionTimes = {
  leaseDuration: defaults["lease-duration"],
  renewDeadline: defaults["renew-deadline"],
  retryPeriod: defaults["retry-period"],
};

/** For whoever cannot wait. */
export const SHORT_TIMES: ElectionTimes = {
  leaseDuration: "4s",
  renewDeadline: "2500ms",
  retryPeriod: "500ms",
};
