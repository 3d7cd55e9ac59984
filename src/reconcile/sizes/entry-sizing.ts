// The sizing of a policy's entry, the same object as long as the policy says the same. What is
// worked out of a template with it is remembered by that object: thousands of workloads may have
// one entry and one template, and each decision looks at all of them.

import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import { type Sizing, sizingOf } from "../../api/sizing.ts";
import { oncePer } from "../../domain/once-per.ts";

export function entrySizing(spec: PoolPolicySpec, entry: WorkloadEntry): Sizing {
  return sizingsOf(spec)(entry);
}

const sizingsOf = oncePer((spec: PoolPolicySpec) =>
  oncePer((entry: WorkloadEntry) => sizingOf(spec, entry)),
);
