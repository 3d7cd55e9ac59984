// What the API server gives to the next pod of a workload: the size of one pool, and how the pod
// starts with it. It stands in the policy's status, where the admission policy reads it.

import { z } from "zod";
import { time } from "./time.ts";

export const grant = z.object({
  container: z
    .string()
    .max(63)
    .describe("Container that is sized. Empty: the one that sets the variable, else the only one."),
  poolSize: z.int().min(0).max(1_000_000).describe("Pool size of the next pod."),
  env: z
    .array(
      z.object({
        name: z.string().max(128).describe("Variable."),
        value: z.string().max(253).describe("Its value."),
      }),
    )
    .max(20)
    .describe("Environment entries of the next pod."),
  liveVariable: z
    .string()
    .max(128)
    .optional()
    .describe(
      "Variable that the next pod reads from its annotation, because its pool is resized while it runs.",
    ),
  gatedFrom: time
    .optional()
    .describe(
      "The next pod waits behind the scheduling gate poolwarden.dev/slots until its slots are there: from when on surely every API server adds it.",
    ),
  markedFrom: time
    .optional()
    .describe(
      "Pods that are created later and were released from that gate have the annotation poolwarden.dev/released. One without it came without the gate.",
    ),
  settlingPoolSize: z
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe("Larger size that an API server may still hand out until settledAt."),
  settledAt: time.optional().describe("From when on only poolSize is handed out."),
  keptSince: time
    .optional()
    .describe(
      "Since when the policy has no such workload: the size stays for a while, should it come back.",
    ),
});

export type Grant = z.infer<typeof grant>;
