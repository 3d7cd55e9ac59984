// What is known of how many of its connections a pool really uses.

/** By for how long a pool was seen, and how often. */
export type Confidence = "Low" | "Medium" | "High";

/** As it is said in the policy's status, until something else is worth saying. */
export interface SaidUse {
  /** What the pools of one pod have at work at most, but for the busiest half of a per cent. */
  readonly peak: number;
  /** In a tenth of the samples a pod of the present size would have no connection left. */
  readonly isFull: boolean;
  /** How many of its pods were seen. */
  readonly pods: number;
  readonly confidence: Confidence;
  /** The histogram as a text, for the process after this one. */
  readonly kept: string;
}
