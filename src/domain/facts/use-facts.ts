// What is known of how many of its connections a pool really uses.

/** By for how long a pool was seen, and how often. */
export type Confidence = "Low" | "Medium" | "High";

/** Ten minutes of it are long: worth a restart of pods. */
export type Burst = "Short" | "Long";

/** As it is said in the policy's status, until something else is worth saying. */
export interface SaidUse {
  /** What the pools of one pod have at work at most, but for the busiest half of a per cent. */
  readonly peak: number;
  /** In a tenth of the samples a pod of the present size would have no connection left. */
  readonly isFull: boolean;
  /** With demand: Share: its pods have all at work, so it is not held to what is recommended. */
  readonly burst?: Burst;
  /** How many of its pods were seen. */
  readonly pods: number;
  readonly confidence: Confidence;
  /** The histogram as a text, for the process after this one. */
  readonly kept: string;
}
