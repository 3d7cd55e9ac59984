// What a status says of the other servers of its policy: read replicas, on which its pods open a
// pool as well, and servers behind its pooler, on which they open none.

import { z } from "zod";

export const slots = z.int().min(0).max(1_000_000);

export const replicaRow = z.object({
  server: z.string().max(300).describe("Read replica, host:port."),
  loginWorked: z.boolean().optional().describe("A login of this policy has read the replica."),
  maxConnections: slots.optional().describe("max_connections of the replica."),
  foreign: slots.optional().describe("Foreign sessions there, the most at once within 10 min."),
  budget: z.int().optional().describe("Slots that pools may hold there."),
  used: z.int().min(0).optional().describe("Slots that pools hold there or may still take."),
});

/** More servers behind one pooler than these are not told. */
export const behindMax = 8;

export const behindRow = z.object({
  server: z.string().max(300).describe("Server behind the pooler, host:port."),
  maxConnections: slots.describe("max_connections of it."),
  slots: slots.describe("What of it applications can get."),
  mayOpen: z
    .int()
    .min(0)
    .optional()
    .describe("Connections that all pods of the pooler may open to it; absent: no limit is known."),
});
