// What can be saved of a stored spec that cannot be used: a new release may refuse what an older
// one took. Its workloads run all the same and must stay on the ledger as they stood there last, so
// they are taken from the rows of the status; every part of the spec that is in order counts.

import { z } from "zod";
import {
  poolPolicySpec,
  type PoolPolicySpec,
  poolPolicyStatus,
  type WorkloadEntry,
} from "./poolpolicy.ts";
import { usualEngine } from "./engines.ts";
import { entryOfRow } from "./row-entry.ts";
import { workloadEntry } from "./workload-entry.ts";

const { shape } = poolPolicySpec;
const looseObject = z.record(z.string(), z.unknown()).catch({});

/** A spec in place of `raw`, for a policy that must not be managed. `server`: its host:port. */
export function salvageSpec(raw: unknown, status: unknown, server: string): PoolPolicySpec {
  const fields = looseObject.parse(raw);
  const parts = Object.entries(shape).flatMap(([name, schema]) => {
    const parsed = schema.safeParse(fields[name]);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  const inOrder = Object.fromEntries(parts) as Partial<PoolPolicySpec>;
  return {
    ...defaults,
    ...inOrder,
    database: inOrder.database ?? { engine: usualEngine, address: server },
    // What stood on the ledger stands there as it was, whichever entry might match it now.
    workloads: [...entriesOfRows(status), ...entriesIn(fields["workloads"])],
  };
}

const anything = { secretRef: { name: "any" } };
const defaults = poolPolicySpec.parse({ database: anything, workloads: [{ name: "any" }] });

function entriesOfRows(status: unknown): WorkloadEntry[] {
  const rows = poolPolicyStatus.shape.workloads.safeParse(looseObject.parse(status)["workloads"]);
  return (rows.data ?? []).map((row) => entryOfRow(row));
}

function entriesIn(raw: unknown): WorkloadEntry[] {
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((entry) => workloadEntry.safeParse(entry).data ?? []);
}
