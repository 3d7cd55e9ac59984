// How long a lease lasts in a run, as the operator's flags take it.

export type ElectionTimes = {
  readonly leaseDuration: string;
  readonly renewDeadline: string;
  readonly retryPeriod: string;
};

/** The operator's own defaults. */
export const USUAL_TIMES: ElectionTimes = {
  leaseDuration: "15s",
  renewDeadline: "10s",
  retryPeriod: "2s",
};

/** For whoever cannot wait. */
export const SHORT_TIMES: ElectionTimes = {
  leaseDuration: "4s",
  renewDeadline: "2500ms",
  retryPeriod: "500ms",
};
