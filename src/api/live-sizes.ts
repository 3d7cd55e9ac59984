// What the row of a live pool says of its running pods: sizes change within seconds, so it has
// their range and not each of them.

import { z } from "zod";
import { time } from "./time.ts";

export const liveSizes = z.object({
  pods: z.int().min(0).describe("Running pods that follow their size."),
  otherPods: z.int().min(0).describe("Running pods that only a restart brings to a size."),
  least: z.int().min(0).optional().describe("Smallest size of a pod that follows."),
  most: z.int().min(0).optional().describe("Largest size of a pod that follows."),
  inForce: z
    .int()
    .min(0)
    .describe("Largest size that one of them counts as, until the server shows less."),
  unproven: z
    .int()
    .min(0)
    .describe("Pods that the server has not shown to be at their smaller size yet."),
  refused: z.int().min(1).optional().describe("Pods whose size the API server refuses to change."),
  waiting: z.int().min(0).optional().describe("New pods that wait until their slots are there."),
  waitingSince: time.optional().describe("When the first of those was created."),
  lackingSlots: z.int().min(0).describe("Slots that its pods wait for."),
  resizedAt: time.optional().describe("When one of them was last given another size."),
  followedSince: time
    .optional()
    .describe("Since when the server has shown each resized pod at its size; absent: not yet."),
});
