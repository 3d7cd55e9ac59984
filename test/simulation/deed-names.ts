// Everything that can happen to a fleet, by name. The first list keeps to the plan: whatever of it
// happens, and in whatever order, the pods that exist must fit the budget (G1). The second goes
// beyond: then the fleet may ask for more for a while, and must be brought back (G3).

export const deedsWithinPlan = [
  "deploy",
  "scale",
  "deletePod",
  "crashPod",
  "breakImage",
  "blockByQuota",
  "killOperator",
  "killOperatorAtCall",
  "stopOperator",
  "jumpClock",
  "loseApiServer",
  "slowRequests",
  "lateWatches",
  "refuseRequests",
  "loseAnswers",
  "repeatEvents",
  "breakWatches",
  "compactHistory",
  "cutDatabase",
  "restartDatabase",
  "delayAdmission",
  "slowControllers",
] as const;

const deedsBeyondPlan = [
  "deployAnyway",
  "scaleBeyond",
  "undo",
  "pause",
  "setEnv",
  "revertEveryTenSeconds",
  "relabel",
  "unlabel",
  "recreateWorkload",
  "openForeignSessions",
  "lowerMaxConnections",
  "failOver",
  "loseNode",
  "disableAdmission",
  "removeAdmission",
  "editReserve",
  "editDelivery",
  "observeOnly",
  "editAutoscaler",
  "recreatePolicy",
  "startStrayOperator",
  "slowWatches",
] as const;

/** Of fleets whose workloads open further pools, beyond the plan. Drawn apart. */
export const poolDeeds = ["addPool", "removePool", "renamePool"] as const;

/** Of fleets whose pods wait behind the gate, beyond the plan. Drawn apart. */
export const gateDeeds = ["takeGate"] as const;

/** Of servers whose limits change while they run, beyond the plan. Drawn apart. */
export const limitDeeds = ["changeMaxConnections", "changeLimitOfRole"] as const;

/** Drawn apart (jobs.ts), so that seeds without pods of Jobs are what they were. */
export const jobDeedsWithinPlan = ["startJob", "endJob", "deleteJob"] as const;
const jobDeedsBeyondPlan = ["startJobAnyway"] as const;
export const jobDeedNames = [...jobDeedsWithinPlan, ...jobDeedsBeyondPlan] as const;

export const deedNames = [...deedsWithinPlan, ...deedsBeyondPlan] as const;

export type DeedName =
  | (typeof deedNames)[number]
  | (typeof poolDeeds)[number]
  | (typeof gateDeeds)[number]
  | (typeof limitDeeds)[number]
  | (typeof jobDeedNames)[number];
